import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { partsOf, readUnsubscribeAnswer } from "../../../src/zoho/unsubscribeAnswer.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { answer, errorOf, valueOf } from "./scriptedTransport.ts";

const clock = new FakeClock();

/** As Zoho's document shows it: one for each module, without the module's name. */
function gone(channelId: string, module: string): unknown {
  const details = {
    resource_uri: `https://www.zohoapis.com/crm/v8/${module}`,
    resource_id: "5",
    channel_id: channelId,
  };
  return { code: "SUCCESS", details, message: "Successfully un-subscribed from actions-watch", status: "success" };
}

function failed(code: string, details: object = {}): unknown {
  return { code, details, message: "", status: "error" };
}

const unknown = failed("NOT_SUBSCRIBED");
const denied = failed("NO_PERMISSION");

function read(ids: readonly string[], status: number, ...watch: readonly unknown[]): string[] {
  const outcomes = valueOf(readUnsubscribeAnswer(answer(status, { watch }), ids, clock));
  assert.deepEqual([...outcomes.keys()], ids);
  return [...outcomes.values()].map(outcome => (outcome.ok ? "gone" : outcome.error.code));
}

describe("the answer to a deletion of channels", () => {
  it("tells per channel, with any number of results for each, in whatever order", () => {
    const watch = [gone("2", "Leads"), gone("1", "Leads"), gone("1", "Deals")];
    assert.deepEqual(read(["1", "2"], 200, ...watch), ["gone", "gone"]);
  });

  it("is about the only channel, whatever it names", () => {
    assert.deepEqual(read(["1"], 400, unknown), ["NOT_SUBSCRIBED"]);
    assert.deepEqual(read(["1"], 400, unknown, unknown), ["NOT_SUBSCRIBED"]);
    assert.deepEqual(read(["1"], 207, gone("1", "Leads"), unknown), ["gone"]);
    assert.deepEqual(read(["1"], 207, gone("1", "Leads"), denied), ["PARTLY_DELETED"]);
    assert.deepEqual(read(["1"], 400, denied), ["NO_PERMISSION"]);
  });

  it("says that those were gone before that no result names, where as many say so", () => {
    assert.deepEqual(read(["1", "2"], 207, unknown, gone("2", "Leads")), ["NOT_SUBSCRIBED", "gone"]);
    assert.deepEqual(read(["1", "2"], 207, gone("1", "Leads"), gone("1", "Deals"), unknown), [
      "gone",
      "NOT_SUBSCRIBED",
    ]);
    assert.deepEqual(
      read(["1", "2", "3"], 207, gone("1", "A"), gone("1", "B"), gone("1", "C"), unknown, gone("3", "A")),
      ["gone", "NOT_SUBSCRIBED", "gone"],
    );
    assert.deepEqual(read(["1", "2"], 400, unknown, unknown), ["NOT_SUBSCRIBED", "NOT_SUBSCRIBED"]);
  });

  it("never takes a place in the answer for a channel", () => {
    assert.deepEqual(read(["1", "2"], 207, gone("2", "A"), gone("2", "B")), ["UNANSWERED", "gone"]);
    assert.deepEqual(read(["1", "2"], 207, gone("9", "A"), gone("2", "B")), ["UNANSWERED", "gone"]);
  });

  it("leaves open what it does not tell", () => {
    assert.deepEqual(read(["1", "2"], 200, gone("1", "Leads")), ["gone", "UNANSWERED"]);
    assert.deepEqual(read(["1", "2"], 400, unknown), ["UNANSWERED", "UNANSWERED"]);
    assert.deepEqual(read(["1", "2"], 207, gone("1", "Leads"), unknown, unknown), ["gone", "UNANSWERED"]);
    assert.deepEqual(read(["1", "2"], 207), ["UNANSWERED", "UNANSWERED"]);
  });

  it("leaves open whom a failure without a name is about, those included that others say are gone", () => {
    assert.deepEqual(read(["1", "2"], 207, gone("1", "Leads"), denied), ["UNANSWERED", "UNANSWERED"]);
    assert.deepEqual(read(["1", "2"], 207, gone("1", "A"), gone("2", "A"), denied), ["UNANSWERED", "UNANSWERED"]);
    assert.deepEqual(read(["1", "2"], 207, gone("1", "A"), unknown, denied), ["UNANSWERED", "UNANSWERED"]);
  });

  it("says that a channel is gone in part", () => {
    const watch = [gone("1", "Leads"), failed("NO_PERMISSION", { channel_id: "1" }), gone("2", "Leads")];
    assert.deepEqual(read(["1", "2"], 207, ...watch), ["PARTLY_DELETED", "gone"]);
    const outcomes = valueOf(readUnsubscribeAnswer(answer(207, { watch }), ["1", "2"], clock));
    const outcome = outcomes.get("1");
    assert.ok(outcome !== undefined);
    const problem = errorOf(outcome);
    assert.equal(problem.remedy, "refresh");
    assert.equal(
      problem.message,
      "Zoho deleted this subscription for some of its modules, and not for the others. " +
        "Your Zoho user is not allowed to do this. Ask an administrator of the organisation for the permission.",
    );
  });

  it("says nothing of anybody where it is empty, or one failure for all", () => {
    for (const status of [200, 204]) {
      const outcomes = valueOf(readUnsubscribeAnswer(answer(status, ""), ["1", "2"], clock));
      assert.deepEqual(
        [...outcomes.values()].map(each => !each.ok && each.error.code),
        ["UNANSWERED", "UNANSWERED"],
      );
    }
    const flat = answer(400, failed("NOT_SUBSCRIBED"));
    const codesOf = (ids: readonly string[]): unknown[] =>
      [...valueOf(readUnsubscribeAnswer(flat, ids, clock)).values()].map(each => !each.ok && each.error.code);
    assert.deepEqual(codesOf(["1"]), ["NOT_SUBSCRIBED"]);
    assert.deepEqual(codesOf(["1", "2"]), ["UNANSWERED", "UNANSWERED"]);
    assert.equal(errorOf(readUnsubscribeAnswer(answer(500, ""), ["1"], clock)).kind, "server");
  });
});

describe("the parts in which channels are deleted", () => {
  it("have at most fifty ids and 512 characters, and each id once", () => {
    const long = Array.from({ length: 50 }, (_, index) => String(9_223_372_036_854_775_000n + BigInt(index)));
    const short = Array.from({ length: 120 }, (_, index) => String(index));
    for (const ids of [long, short]) {
      const parts = partsOf([...ids, ...ids]);
      assert.deepEqual(parts.flat(), ids);
      for (const part of parts) assert.ok(part.length <= 50 && part.join(",").length <= 512);
    }
    assert.deepEqual(
      partsOf(short).map(({ length }) => length),
      [50, 50, 20],
    );
    assert.deepEqual(
      partsOf(long).map(({ length }) => length),
      [25, 25],
    );
    assert.deepEqual(partsOf([]), []);
  });
});
