import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fail, succeed } from "../../../../src/base/result.ts";
import { errorOf } from "../../zoho/scriptedTransport.ts";
import { alive, id, openWindow } from "./openWindow.ts";
import { zohoProblem } from "./playedZoho.ts";

/** How a window that knows three channels reads some of them before it renews them: a channel's id, or the whole list. */
async function readingsBefore(channelIds: readonly string[]): Promise<readonly string[]> {
  const window = await openWindow();
  const { zoho, service } = window;
  zoho.listed = ["1", "2", "3"].map(channelId => alive({ channelId }));
  await service.refresh(id);
  const readings: string[] = [];
  zoho.onList = options => {
    // What is read back after the renewal is another matter.
    if (zoho.renewed.length === 0) readings.push(options?.channelId ?? "the list");
    return succeed(zoho.listed);
  };
  zoho.onRenew = ({ channelId, expiresAt }) => succeed({ granted: [alive({ channelId, expiresAt })], refused: [] });
  await service.renewMany(id, channelIds);
  return readings;
}

describe("channels that are to live longer", () => {
  it("are read one by one where that costs less than the list", async () => {
    assert.deepEqual(await readingsBefore(["1"]), ["1"]);
    assert.deepEqual(await readingsBefore(["1", "2"]), ["1", "2"]);
    assert.deepEqual(await readingsBefore(["1", "2", "3"]), ["the list"]);
  });

  it("are not renewed where the list cannot be read, for the reason that it has", async () => {
    const { zoho, service } = await openWindow();
    zoho.listed = ["1", "2", "3"].map(channelId => alive({ channelId }));
    await service.refresh(id);
    zoho.onList = () => fail(zohoProblem("unreadable", "INTERNAL_ERROR"));
    const outcomes = await service.renewMany(id, ["1", "2", "3"]);
    assert.deepEqual(
      [...outcomes.values()].map(outcome => errorOf(outcome).code),
      ["INTERNAL_ERROR", "INTERNAL_ERROR", "INTERNAL_ERROR"],
    );
  });
});
