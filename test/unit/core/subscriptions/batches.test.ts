import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Result, fail, succeed } from "../../../../src/base/result.ts";
import { inBatches } from "../../../../src/core/subscriptions/batches.ts";
import type { ZohoProblem } from "../../../../src/zoho/problem.ts";
import type { SubscribeOutcomes } from "../../../../src/zoho/watchAnswer.ts";
import { mostItems } from "../../../../src/zoho/zohoClient.ts";
import { zohoProblem } from "./playedZoho.ts";

const requests = Array.from({ length: 2 * mostItems + 1 }, (_, index) => ({ channelId: String(index) }));
const granted = succeed({ granted: [], refused: [] });

/** What became of the first channel of each batch, and how many channels each request was about. */
async function send(
  answer: (batch: number) => Result<SubscribeOutcomes, ZohoProblem> | undefined,
  mayGoOn?: () => boolean,
) {
  const sizes: number[] = [];
  const outcomes = await inBatches(
    requests,
    async some => {
      sizes.push(some.length);
      return Promise.resolve(answer(sizes.length) ?? succeed(new Map(some.map(each => [each.channelId, granted]))));
    },
    mayGoOn,
  );
  const of = (index: number): string => {
    const outcome = outcomes.get(String(index));
    return outcome?.ok === false ? outcome.error.code : outcome === undefined ? "none" : "granted";
  };
  return { sizes, each: [of(0), of(mostItems), of(2 * mostItems)], count: outcomes.size };
}

describe("requests about many channels", () => {
  it("go out as many at a time as Zoho takes, with an outcome for each channel", async () => {
    const sent = await send(() => undefined);
    assert.deepEqual(sent, {
      sizes: [mostItems, mostItems, 1],
      each: ["granted", "granted", "granted"],
      count: requests.length,
    });
  });

  it("go on after what is about the channels of one request only", async () => {
    for (const kind of ["invalid", "not-subscribed", "unreadable"] as const) {
      const sent = await send(batch => (batch === 1 ? fail(zohoProblem(kind, kind)) : undefined));
      assert.deepEqual([sent.sizes.length, sent.each], [3, [kind, "granted", "granted"]]);
    }
  });

  it("are not sent after what the next would meet too, and have the same reason", async () => {
    const sent = await send(batch => (batch === 2 ? fail(zohoProblem("signed-out", "OUT")) : undefined));
    assert.deepEqual([sent.sizes.length, sent.each], [2, ["granted", "OUT", "OUT"]]);
  });

  it("are given up where they may not go on; nobody is asked again then", async () => {
    let asked = 0;
    const sent = await send(
      () => undefined,
      () => ++asked === 1,
    );
    assert.deepEqual([sent.sizes.length, sent.each, asked], [1, ["granted", "CANCELLED", "CANCELLED"], 2]);
  });

  it("count as given up for a channel that an answer leaves out", async () => {
    const sent = await send(batch => (batch === 1 ? succeed(new Map()) : undefined));
    assert.deepEqual(sent.each, ["CANCELLED", "granted", "granted"]);
  });
});
