import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type SubscribeOutcomes, readSubscribeAnswers } from "../../../src/zoho/watchAnswer.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { answer, errorOf, valueOf } from "./scriptedTransport.ts";

const ids = ["9007199254740993", "9007199254740995", "9007199254740997"];
const clock = new FakeClock();

/** A success as Zoho tells it, with one entry for each module. */
function granted(channelId: string, ...modules: readonly string[]): object {
  const events = modules.map(resource_name => ({
    ...{ channel_id: channelId, resource_name, resource_id: "1", resource_uri: "https://x" },
    channel_expiry: "2026-01-12T08:00:00+00:00",
  }));
  return { status: "success", code: "SUCCESS", message: "", details: { events } };
}

const refused = { status: "error", code: "NOT_SUBSCRIBED", message: "Not subscribed", details: {} };

function read(status: number, ...watch: readonly object[]): SubscribeOutcomes {
  return valueOf(readSubscribeAnswers(answer(status, { watch }), ids, clock));
}

/** What became of each channel: its modules, or the kind of problem. */
function summary(outcomes: SubscribeOutcomes): unknown[] {
  return ids.map(id => {
    const outcome = outcomes.get(id);
    assert.ok(outcome);
    return outcome.ok ? outcome.value.granted.map(({ module }) => module) : outcome.error.kind;
  });
}

describe("the answer to a request about several channels", () => {
  it("is told apart by the channels that it names, in whatever order", () => {
    const [one = "", two = "", three = ""] = ids;
    const outcomes = read(200, granted(three, "Deals"), granted(one, "Leads", "Contacts"), granted(two, "Tasks"));
    assert.deepEqual(summary(outcomes), [["Leads", "Contacts"], ["Tasks"], ["Deals"]]);
  });

  it("has a failure, which names none, in the place of its channel", () => {
    const [one = "", , three = ""] = ids;
    const outcomes = read(207, granted(one, "Leads"), refused, granted(three, "Deals"));
    assert.deepEqual(summary(outcomes), [["Leads"], "not-subscribed", ["Deals"]]);
  });

  it("says of a channel that it does not tell of that this is not known", () => {
    const [one = ""] = ids;
    assert.deepEqual(summary(read(200, granted(one, "Leads"))), [["Leads"], "unreadable", "unreadable"]);
  });

  it("never gives one channel the success of another", () => {
    const [one = ""] = ids;
    const outcomes = read(200, granted("1", "Leads"), granted("2", "Leads"), granted(one, "Leads"));
    assert.deepEqual(summary(outcomes), [["Leads"], "unreadable", "unreadable"]);
  });

  it("is a failure as a whole where there are no results", () => {
    const whole = answer(401, { code: "OAUTH_SCOPE_MISMATCH", message: "", details: {}, status: "error" });
    assert.equal(errorOf(readSubscribeAnswers(whole, ids, clock)).kind, "scope");
  });
});
