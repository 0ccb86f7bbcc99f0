import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fail, succeed } from "../../../../src/base/result.ts";
import { errorOf } from "../../zoho/scriptedTransport.ts";
import { alive, channelId, id, openWindow } from "./openWindow.ts";
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

  it("are read by themselves where the list is cut off and only a part of them is remembered", async () => {
    const { zoho, service, ownership } = await openWindow();
    const ids = ["1", "2", "3"];
    const [leads, deals] = [
      alive({ channelId: "3" }),
      alive({ channelId: "3", module: "Deals", events: ["Deals.edit"] }),
    ];
    const all = [alive({ channelId: "1" }), alive({ channelId: "2" }), leads, deals];
    for (const channelId of ["1", "2"]) {
      await ownership.add({ channelId, connectionId: id, token: "t", lastKnown: [alive({ channelId })] });
    }
    zoho.onList = ({ channelId } = {}) => {
      const isWhole = channelId !== undefined;
      Object.assign(zoho, { complete: isWhole, cutAt: isWhole ? undefined : 3 });
      return succeed(isWhole ? all.filter(each => each.channelId === channelId) : all.slice(0, 3));
    };
    await service.refresh(id);
    const state = service.stateOf(id);
    const part = (state.kind === "loaded" ? state.channels.at(-1) : undefined) ?? assert.fail();
    await ownership.adopt(part, true);
    zoho.onRenew = ({ channelId, expiresAt }) => succeed({ granted: [alive({ channelId, expiresAt })], refused: [] });
    await service.renewMany(id, ids);
    assert.deepEqual(zoho.renewed.at(-1)?.events.toSorted(), ["Deals.edit", ...leads.events].toSorted());
  });
});

describe("a channel that is to be changed", () => {
  it("must be read in full also where nothing was read yet", async () => {
    const { zoho, service, ownership } = await openWindow();
    const lastKnown = [alive({ token: "t" })];
    await ownership.add({ channelId, connectionId: id, token: "t", lastKnown });
    Object.assign(zoho, { listed: lastKnown, complete: false, cutAt: 1 });
    assert.equal(errorOf(await service.read(id, channelId)).code, "LIST_INCOMPLETE");
  });
});
