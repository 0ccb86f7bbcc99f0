import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hour, minute } from "../../../../src/base/clock.ts";
import {
  earliestExpiry,
  missingModules,
  partlyRenewed,
  toSubscriptions,
  warningsOf,
} from "../../../../src/core/subscriptions/grants.ts";
import { cancelledProblem } from "../../../../src/zoho/problem.ts";
import { aSubscription } from "./aSubscription.ts";
import { zohoProblem } from "./playedZoho.ts";

const events = ["Leads.create", "Leads.edit", "Deals.edit"];
const leads = { channelId: "1", module: "Leads", expiresAt: 2 * hour };
const deals = { ...leads, module: "Deals", expiresAt: hour };

describe("what Zoho granted", () => {
  it("ends with the module that ends first", () => {
    assert.equal(earliestExpiry([leads, deals]), hour);
  });

  it("lacks the modules that were asked for and not answered, each once", () => {
    assert.deepEqual(missingModules({ granted: [deals], refused: [] }, events), ["Leads"]);
    assert.deepEqual(missingModules({ granted: [leads, deals], refused: [] }, events), []);
  });

  it("is a subscription for each module, with what was asked for", () => {
    const asked = {
      ...{ channelId: "1", events, notifyUrl: "https://hooks.example.com", expiresAt: 9 * hour },
      ...{ notifyOnRelatedAction: true, returnAffectedFieldValues: false },
    };
    const { notifyUrl, notifyOnRelatedAction, returnAffectedFieldValues } = asked;
    const of = { notifyUrl, notifyOnRelatedAction, returnAffectedFieldValues };
    assert.deepEqual(toSubscriptions([leads, deals], asked), [
      { ...leads, ...of, events: ["Leads.create", "Leads.edit"] },
      { ...deals, ...of, events: ["Deals.edit"] },
    ]);
    const notificationCondition = [{ type: "field_selection" }];
    assert.deepEqual(toSubscriptions([deals], { ...asked, token: "t", notificationCondition }), [
      { ...aSubscription({ ...deals, ...of, events: ["Deals.edit"] }), token: "t", notificationCondition },
    ]);
  });

  it("is not as it was asked for where modules lack, or what else Zoho said, or more than five minutes lack", () => {
    const codes = (...[outcome, expiresAt]: [Parameters<typeof warningsOf>[0], number]): string[] =>
      warningsOf(outcome, { events, expiresAt }, 0).map(({ code }) => code);
    const reason = zohoProblem("invalid", "INVALID_DATA");
    assert.deepEqual(codes({ granted: [leads, deals], refused: [] }, hour + 5 * minute), []);
    assert.deepEqual(codes({ granted: [leads, deals], refused: [] }, hour + 5 * minute + 1), ["EXPIRY_SHORTENED"]);
    assert.deepEqual(codes({ granted: [leads], refused: [] }, 2 * hour), ["NOT_GRANTED"]);
    assert.deepEqual(codes({ granted: [leads], refused: [reason] }, 2 * hour), ["INVALID_DATA"]);
    assert.deepEqual(codes({ granted: [leads, deals], refused: [reason] }, hour), ["INVALID_DATA"]);
    const [{ message } = assert.fail()] = warningsOf({ granted: [], refused: [] }, { events, expiresAt: 0 }, 0);
    assert.equal(message, "Zoho did not subscribe Leads, Deals, and does not say why.");
  });

  it("is no renewal where modules lack, for the reason that Zoho gave of them", () => {
    const of = (...refused: Parameters<typeof partlyRenewed>[1]["refused"]) => {
      const { kind, code, message, remedy } = partlyRenewed(["Leads", "Deals"], { granted: [], refused });
      return [kind, code, message, remedy];
    };
    const unsaid = "Zoho renewed this subscription, but not Leads, Deals, and doesn't say why.";
    const unknown = ["unreadable", "PARTLY_RENEWED", unsaid, "retry"];
    assert.deepEqual(of(), unknown);
    assert.deepEqual(of(zohoProblem("not-subscribed")), unknown);
    assert.deepEqual(of(cancelledProblem()), unknown);
    const message = "Zoho renewed this subscription, but not Leads, Deals. It is NO_PERMISSION.";
    assert.deepEqual(of(zohoProblem("invalid", "NO_PERMISSION")), ["invalid", "PARTLY_RENEWED", message, "none"]);
  });
});
