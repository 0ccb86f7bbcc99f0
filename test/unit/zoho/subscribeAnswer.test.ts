import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AskedChannel, type ToldOutcomes, readSubscribeAnswer } from "../../../src/zoho/subscribeAnswer.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { answer, errorOf, valueOf } from "./scriptedTransport.ts";

const [one, two, three] = ["9007199254740993", "9007199254740995", "9007199254740997"] as const;
const ids = [one, two, three];
const clock = new FakeClock();

/** A success as Zoho tells it, with one entry for each module. */
function granted(channelId: string, ...modules: readonly string[]): object {
  const events = modules.map(resource_name => ({
    ...{ channel_id: channelId, resource_name, resource_id: "1", resource_uri: "https://x" },
    channel_expiry: "2026-01-12T08:00:00+00:00",
  }));
  return { status: "success", code: "SUCCESS", message: "", details: { events } };
}

const gone = { status: "error", code: "NOT_SUBSCRIBED", message: "Not subscribed", details: {} };

function refused(place?: number): object {
  const path = place === undefined ? {} : { json_path: `$.watch[${place}].notify_url` };
  return { status: "error", code: "MANDATORY_NOT_FOUND", message: "", details: { api_name: "notify_url", ...path } };
}

function asking(...modules: readonly string[]): readonly AskedChannel[] {
  return ids.map(channelId => ({ channelId, events: modules.map(module => `${module}.edit`) }));
}

function read(asked: readonly AskedChannel[], ...watch: readonly unknown[]): ToldOutcomes {
  return valueOf(readSubscribeAnswer(answer(207, { watch }), asked, clock));
}

/** What became of each channel: its modules and the codes of what was refused, or the code of the problem. */
function summary(outcomes: ToldOutcomes): unknown[] {
  return [...outcomes.values()].map(outcome =>
    outcome.ok
      ? [...outcome.value.granted.map(({ module }) => module), ...outcome.value.refused.map(({ code }) => code)]
      : outcome.error.code,
  );
}

describe("the answer to a request about several channels", () => {
  it("is told apart by the channels that it names, in whatever order", () => {
    const outcomes = read(asking("Leads"), granted(three, "Leads"), granted(one, "Leads"), granted(two, "Leads"));
    assert.deepEqual(summary(outcomes), [["Leads"], ["Leads"], ["Leads"]]);
  });

  it("may tell of several channels with one result", () => {
    const [first, second] = [granted(one, "Leads"), granted(two, "Leads")] as { details: { events: object[] } }[];
    const both = {
      ...first,
      details: { events: [...(first?.details.events ?? []), ...(second?.details.events ?? [])] },
    };
    assert.deepEqual(summary(read(asking("Leads"), both)), [["Leads"], ["Leads"], "UNANSWERED"]);
  });

  it("has a failure, which names none, in the place of its channel", () => {
    const outcomes = read(asking("Leads"), granted(one, "Leads"), refused(), granted(three, "Leads"));
    assert.deepEqual(summary(outcomes), [["Leads"], "MANDATORY_NOT_FOUND", ["Leads"]]);
    const all = read(asking("Leads"), gone, refused(1), gone);
    assert.deepEqual(summary(all), ["NOT_SUBSCRIBED", "MANDATORY_NOT_FOUND", "NOT_SUBSCRIBED"]);
  });

  it("tells apart by places too where a failure names its channel", () => {
    const named = { ...gone, details: { channel_id: one } };
    assert.deepEqual(summary(read(asking("Leads"), named, refused(), granted(three, "Leads"))), [
      "NOT_SUBSCRIBED",
      "MANDATORY_NOT_FOUND",
      ["Leads"],
    ]);
  });

  it("counts the modules of a channel by its own grants alone", () => {
    const events = [...grantsIn(granted(one, "Leads")), ...grantsIn(granted(two, "Deals"))];
    const both = { status: "success", details: { events } };
    assert.deepEqual(summary(read(asking("Leads", "Deals"), both, refused())), [
      ["Leads", "UNANSWERED"],
      ["Deals", "UNANSWERED"],
      "UNANSWERED",
    ]);
  });

  it("is not told apart by places that its own paths or channels belie", () => {
    const unknown = ["UNANSWERED", "UNANSWERED"];
    assert.deepEqual(summary(read(asking("Leads"), granted(two, "Leads"), refused(), refused())), [
      "UNANSWERED",
      ["Leads"],
      "UNANSWERED",
    ]);
    assert.deepEqual(summary(read(asking("Leads"), granted(one, "Leads"), refused(0), refused(0))), [
      ["Leads"],
      ...unknown,
    ]);
    assert.deepEqual(summary(read(asking("Leads"), granted(one, "Leads"), refused())), [["Leads"], ...unknown]);
  });

  it("says that those are gone that no result names, where as many say so, wherever they stand", () => {
    const outcomes = read(asking("Leads"), gone, gone, granted(one, "Leads"));
    assert.deepEqual(summary(outcomes), [["Leads"], "NOT_SUBSCRIBED", "NOT_SUBSCRIBED"]);
    assert.deepEqual(summary(read(asking("Leads"), gone, granted(one, "Leads"))), [
      ["Leads"],
      "UNANSWERED",
      "UNANSWERED",
    ]);
  });

  it("leaves open who is gone where that may be a module of a channel that is granted in part", () => {
    const several = [
      { channelId: one, events: ["Leads.edit", "Deals.edit"] },
      { channelId: two, events: ["Contacts.edit"] },
    ];
    assert.deepEqual(summary(read(several, gone, granted(one, "Leads"))), [["Leads", "UNANSWERED"], "UNANSWERED"]);
    assert.deepEqual(summary(read(several, gone, granted(one, "Leads", "Deals"))), [
      ["Leads", "Deals"],
      "NOT_SUBSCRIBED",
    ]);
  });

  it("leaves open who is gone where a path leads to another channel", () => {
    const goneAt = (place: number): object => ({ ...gone, details: { json_path: `$.watch[${place}].channel_id` } });
    const known = [["Leads"], "NOT_SUBSCRIBED", "NOT_SUBSCRIBED"];
    const unknown = [["Leads"], "UNANSWERED", "UNANSWERED"];
    assert.deepEqual(summary(read(asking("Leads"), goneAt(2), goneAt(1), granted(one, "Leads"))), known);
    assert.deepEqual(summary(read(asking("Leads"), goneAt(0), gone, granted(one, "Leads"))), unknown);
    assert.deepEqual(summary(read(asking("Leads"), goneAt(1), goneAt(1), granted(one, "Leads"))), unknown);
    assert.deepEqual(summary(read(asking("Leads"), goneAt(7), gone, granted(one, "Leads"))), unknown);
  });

  it("is not told apart by places where the path of a result that names its channel leads elsewhere", () => {
    const named = { ...gone, details: { channel_id: one, json_path: "$.watch[2].channel_id" } };
    assert.deepEqual(summary(read(asking("Leads"), named, refused(), granted(three, "Leads"))), [
      "NOT_SUBSCRIBED",
      "UNANSWERED",
      ["Leads"],
    ]);
  });

  it("counts a grant that names no channel for none where its result names several", () => {
    const several = [one, two].map((channelId, at) => ({
      channelId,
      events: [at === 0 ? "Leads.edit" : "Contacts.edit", "Deals.edit"],
    }));
    const stray = { resource_name: "Deals", channel_expiry: "2026-01-12T08:00:00+00:00" };
    const events = [...grantsIn(granted(one, "Leads")), ...grantsIn(granted(two, "Contacts")), stray];
    assert.deepEqual(summary(read(several, { status: "success", details: { events } })), [
      ["Leads", "UNANSWERED"],
      ["Contacts", "UNANSWERED"],
    ]);
    const alone = [...grantsIn(granted(one, "Leads")), stray];
    const results = [{ status: "success", details: { events: alone } }, granted(two, "Contacts", "Deals")];
    assert.deepEqual(summary(read(several, ...results)), [
      ["Leads", "Deals"],
      ["Contacts", "Deals"],
    ]);
  });

  it("leaves open who is refused where it may be a module of a channel that is granted in part", () => {
    const outcomes = read(asking("Leads", "Deals"), granted(one, "Leads"), refused(), granted(three, "Deals", "Leads"));
    assert.deepEqual(summary(outcomes), [["Leads", "UNANSWERED"], "UNANSWERED", ["Deals", "Leads"]]);
  });

  it("says of a channel that it does not tell of that this is not known", () => {
    assert.deepEqual(summary(read(asking("Leads"), granted(one, "Leads"))), [["Leads"], "UNANSWERED", "UNANSWERED"]);
    assert.deepEqual(summary(read(asking("Leads"))), ["UNANSWERED", "UNANSWERED", "UNANSWERED"]);
  });

  it("never gives one channel the success of another", () => {
    const outcomes = read(asking("Leads"), granted("1", "Leads"), granted("2", "Leads"), granted(one, "Leads"));
    assert.deepEqual(summary(outcomes), [["Leads"], "UNANSWERED", "UNANSWERED"]);
  });

  it("is a failure as a whole where there are no results", () => {
    const whole = answer(401, { code: "OAUTH_SCOPE_MISMATCH", message: "", details: {}, status: "error" });
    assert.equal(errorOf(readSubscribeAnswer(whole, asking("Leads"), clock)).kind, "scope");
    for (const [status, text] of [
      [204, ""],
      [200, " "],
    ] as const) {
      assert.equal(errorOf(readSubscribeAnswer(answer(status, text), asking("Leads"), clock)).code, "UNANSWERED");
    }
  });
});

describe("the answer to a request about one channel", () => {
  const [asked] = asking("Leads", "Deals");
  assert.ok(asked !== undefined);

  it("is all about that channel, unless it names another", () => {
    assert.deepEqual(summary(read([asked], granted(one, "Leads"), refused())), [["Leads", "MANDATORY_NOT_FOUND"]]);
    assert.deepEqual(summary(read([asked], refused(), refused())), ["MANDATORY_NOT_FOUND"]);
    assert.deepEqual(summary(read([asked], granted(two, "Leads"))), ["UNANSWERED"]);
  });

  it("counts as good whatever the case of its words, and by its code where there is no status", () => {
    for (const words of [{ status: "SUCCESS" }, { status: undefined }, { code: "success", status: undefined }]) {
      assert.deepEqual(summary(read([asked], { ...granted(one, "Leads"), ...words })), [["Leads"]]);
    }
    assert.deepEqual(summary(read([asked], { ...gone, status: "ERROR", code: "SUCCESS" })), ["SUCCESS"]);
  });

  it("grants a module of which it does not say until when, and lacks one that it does not name", () => {
    for (const channel_expiry of [null, undefined, "", "soon", 1_911_905_463_000]) {
      const events = [{ channel_id: one, resource_name: "Leads", channel_expiry }];
      const outcome = read([asked], { status: "success", details: { events } }).get(one);
      assert.ok(outcome?.ok === true);
      assert.deepEqual(outcome.value, {
        granted: [{ channelId: one, module: "Leads", expiresAt: undefined }],
        refused: [],
      });
    }
    const events = [{ channel_id: one, resource_name: null }, ...grantsIn(granted(one, "Deals"))];
    assert.deepEqual(summary(read([asked], { status: "success", details: { events } })), [["Deals", "UNANSWERED"]]);
  });

  it("is not known where a success grants nothing", () => {
    for (const details of [{ events: [] }, { events: null }, { events: [7] }, {}, null, []]) {
      assert.deepEqual(summary(read([asked], { status: "success", details })), ["UNANSWERED"]);
    }
    for (const result of [null, 7, "success"]) assert.deepEqual(summary(read([asked], result)), ["UNREADABLE_ANSWER"]);
  });
});

function grantsIn(result: object): readonly unknown[] {
  return (result as { details: { events: unknown[] } }).details.events;
}
