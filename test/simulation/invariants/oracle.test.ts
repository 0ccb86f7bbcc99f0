import assert from "node:assert/strict";
import { type TestContext, it } from "node:test";
import { day, hour, minute } from "../../../src/base/clock.ts";
import { MachineDatabase } from "../world/playedDatabase.ts";
import type { Caller } from "../world/playedWatchApi.ts";
import { World } from "../world/world.ts";
import type { ZohoChannel } from "../world/zohoChannel.ts";

const channelId = "7";
const a: Caller = { machine: "A", window: "A1" };
const b: Caller = { machine: "B", window: "B1" };
const listUrl = "https://www.zohoapis.eu/crm/v8/actions/watch";

/** A world in which nobody does anything but the test. */
function aWorld(test: TestContext) {
  const databases = [new MachineDatabase(), new MachineDatabase()] as const;
  test.after(() => databases.forEach(database => database.close()));
  const world = new World(1, databases, false);
  const { oracle, timeline, server } = world;
  const channel = (token: string): ZohoChannel => ({
    ...{ channelId, notifyUrl: "https://hooks.example.com/7", token, onRelatedAction: true, affectedValues: false },
    modules: new Map(
      [4 * day, 2 * day].map((left, index) => [
        index === 0 ? "Deals" : "Leads",
        { events: ["edit"], expiresAt: server.api.now + left, condition: null },
      ]),
    ),
  });
  const write = (by: Caller, method: string, before?: ZohoChannel, after?: ZohoChannel): void =>
    oracle.didWrite({ by, method, channelId, before, after, meant: after });
  const ask = (page: number): void =>
    oracle.didSend(a, { method: "GET", url: `${listUrl}?page=${page}&per_page=200`, headers: {} });
  /** A reads a list of two pages, the channel on the first. */
  const sweep = (): void => {
    ask(1);
    oracle.didRead(a, { channelIds: new Set([channelId]), page: 1, isLast: false }, timeline.now);
    ask(2);
    oracle.didRead(a, { channelIds: new Set(), page: 2, isLast: true }, timeline.now);
  };
  const pass = async (duration: number): Promise<void> => timeline.runUntil(timeline.now + duration);
  return { oracle, timeline, server, channel, write, ask, sweep, pass };
}

/** B gives a channel another token; A reads twice, or begins to; then the channel goes, and A makes it as it was before. */
async function makingAgainAsBefore(test: TestContext, readsTwice: boolean): Promise<readonly string[]> {
  const { oracle, channel, write, ask, sweep, pass } = aWorld(test);
  const [before, edited] = [channel("former"), channel("new")];
  write(b, "POST", undefined, before);
  oracle.intents.add({ window: "B1", channelId, fields: "all" });
  write(b, "PATCH", before, edited);
  await pass(hour);
  sweep();
  if (readsTwice) sweep();
  else ask(1);
  await pass(hour);
  write(b, "DELETE", edited);
  await pass(hour);
  write(a, "POST", undefined, before);
  return oracle.violations.map(({ invariant }) => invariant);
}

it("has a window know what it read of a list of several pages once it has read that twice", async test => {
  assert.deepEqual(await makingAgainAsBefore(test, true), ["nothing a colleague wrote is undone"]);
  assert.deepEqual(await makingAgainAsBefore(test, false), []);
});

it("has modules that ended kept by a machine that keeps the channel and knows them, not by two of which each does one", async test => {
  for (const keeper of ["A", "B"]) {
    const { oracle, timeline, server, channel, write, pass } = aWorld(test);
    write(a, "POST", undefined, channel("t"));
    oracle.didRead(b, { channelIds: new Set([channelId]), page: 1, isLast: true }, timeline.now);
    oracle.lapses.keep(keeper, channelId);
    await pass(minute);
    // B prolongs it in part: A has not read it since.
    const prolonged = channel("t");
    write(b, "PATCH", channel("t"), prolonged);
    server.api.put(channelId, prolonged);
    await pass(3 * day);
    server.api.endOverdue();
    assert.equal(oracle.history.get(channelId)?.fields.has("events Leads"), keeper === "B", keeper);
  }
});
