import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { day, hour, minute, second } from "../../../src/base/clock.ts";
import type { Channel } from "../../../src/core/subscriptions/channel.ts";
import type { CreateRequest } from "../../../src/core/subscriptions/subscriptionService.ts";
import { valueOf } from "../../unit/zoho/scriptedTransport.ts";
import { Machine, type RenewalWindow } from "./renewalWindow.ts";
import { startWindowProcess } from "./windowProcess.ts";

const watch = "/crm/v8/actions/watch";

/** Subscriptions that differ in all that a channel can have. */
const wanted: readonly CreateRequest[] = [
  {
    modules: [
      { module: "Leads", operations: ["create", "edit"] },
      { module: "Deals", operations: ["all"] },
    ],
    expiresInMs: 30 * day,
    notifyUrl: "http://127.0.0.1:9/in/one?from=crm",
    returnAffectedFieldValues: true,
    notifyOnRelatedAction: false,
  },
  {
    modules: [{ module: "Contacts", operations: ["edit"] }],
    expiresInMs: 30 * day,
    notifyUrl: "http://127.0.0.1:9/in/two",
    returnAffectedFieldValues: false,
    notifyOnRelatedAction: true,
    conditions: [
      {
        type: "field_selection",
        module: { api_name: "Contacts" },
        field_selection: {
          group_operator: "or",
          group: [{ field: { api_name: "Email" } }, { field: { api_name: "Phone" } }],
        },
      },
    ],
  },
  {
    modules: [{ module: "Accounts", operations: ["delete"] }],
    expiresInMs: 2 * day,
    notifyUrl: "http://127.0.0.1:9/in/three",
    returnAffectedFieldValues: true,
    notifyOnRelatedAction: true,
  },
];

function idOf(window: RenewalWindow): string {
  const [connection] = window.store.list();
  assert.ok(connection);
  return connection.id;
}

async function subscribe(window: RenewalWindow): Promise<void> {
  for (const request of wanted) valueOf(await window.service.create(idOf(window), request));
}

function channelsOf(window: RenewalWindow): readonly Channel[] {
  const state = window.service.stateOf(idOf(window));
  assert.ok(state.kind !== "loading");
  return state.channels;
}

/** All that a channel has but its end, as the server lists it now. */
async function everything(window: RenewalWindow): Promise<unknown> {
  const listed = valueOf(await window.clients.for(idOf(window)).listSubscriptions()).subscriptions;
  return listed.map(({ expiresAt: _, ...rest }) => rest).sort((a, b) => keyOf(a).localeCompare(keyOf(b)));
}

function keyOf({ channelId, module }: { readonly channelId: string; readonly module: string }): string {
  return `${channelId} ${module}`;
}

describe("automatic renewal against a sandbox", () => {
  it("keeps everything alive for a week with the editor open, and changes nothing else", async test => {
    const machine = await Machine.start(test);
    const window = await machine.open();
    await subscribe(window);
    const before = await everything(window);
    await machine.pass(7 * day);
    assert.deepEqual(await everything(window), before);
    assert.deepEqual(window.told, { asked: [], recreated: [], failed: [], lapses: [] });
    assert.ok(channelsOf(window).every(({ expiresAt }) => expiresAt - machine.clock.now() > 4 * day));
    const renewals = machine.transport.count(`PATCH ${watch}`);
    assert.ok(renewals >= 3 && renewals <= 15, `${renewals} renewals`);
  });

  it("keeps everything alive for a month in which the editor is open for an hour a day", async test => {
    const machine = await Machine.start(test);
    const first = await machine.open();
    await subscribe(first);
    const before = await everything(first);
    machine.close(first);
    for (let days = 0; days < 30; days++) {
      await machine.pass(23 * hour);
      const window = await machine.open();
      await machine.pass(hour);
      assert.deepEqual(await everything(window), before, `on day ${days + 1}`);
      assert.deepEqual(window.told, { asked: [], recreated: [], failed: [], lapses: [] });
      machine.close(window);
    }
    const renewals = machine.transport.count(`PATCH ${watch}`);
    assert.ok(renewals >= 15 && renewals <= 30, `${renewals} renewals: once a day at most, for all together`);
    assert.equal(machine.transport.count(`POST ${watch}`), wanted.length, "nothing had to be made again");
  });

  it("says after ten days of sleep that all had expired, and has made them again with everything they had", async test => {
    const machine = await Machine.start(test);
    const window = await machine.open();
    await subscribe(window);
    const before = await everything(window);
    const ends = new Map(channelsOf(window).map(({ channelId, expiresAt }) => [channelId, expiresAt]));
    await machine.sleep(10 * day);
    assert.deepEqual(await everything(window), before);
    const { recreated, lapses, failed } = window.told;
    assert.deepEqual(failed, []);
    assert.equal(recreated.length, 1, "said once for all");
    assert.deepEqual(new Set(recreated[0]?.channelIds), new Set(ends.keys()));
    assert.equal(lapses.length, 3);
    for (const { channelId, from, to } of lapses) {
      assert.equal(from, ends.get(channelId));
      // Zoho's time, which its answers tell to the second.
      assert.ok(Math.abs(to - machine.clock.now()) <= second, String(to));
    }
    assert.equal(machine.transport.count(`POST ${watch}`), wanted.length + 1, "all three with one request");
    assert.ok(channelsOf(window).every(({ expiresAt }) => expiresAt - machine.clock.now() > 6 * day));
  });

  it("makes again at start what expired while the editor was closed, and leaves alone what the person deleted", async test => {
    const machine = await Machine.start(test);
    const first = await machine.open();
    await subscribe(first);
    const [deleted, ...kept] = channelsOf(first);
    assert.ok(deleted);
    await first.service.delete(idOf(first), [deleted.channelId]);
    machine.close(first);
    await machine.pass(8 * day);
    const window = await machine.open();
    const ids = kept.map(({ channelId }) => channelId).sort();
    assert.deepEqual(
      channelsOf(window)
        .map(({ channelId }) => channelId)
        .sort(),
      ids,
    );
    assert.deepEqual(
      window.told.recreated.map(({ channelIds }) => [...channelIds].sort()),
      [ids],
    );
  });

  it("renews with one of two windows, and the other leaves it at that", async test => {
    const machine = await Machine.start(test);
    const one = await machine.open();
    const [request] = wanted;
    assert.ok(request);
    valueOf(await one.service.create(idOf(one), request));
    const other = await machine.open();
    // Past the first renewal, which comes after 33 to 51 hours, and before the second.
    await machine.pass(60 * hour);
    assert.equal(machine.transport.count(`PATCH ${watch}`), 1);
    await other.service.refresh();
    await one.service.refresh();
    assert.deepEqual(channelsOf(other), channelsOf(one));
    assert.deepEqual([...one.told.recreated, ...other.told.recreated], []);
  });

  it("renews once where two windows that are processes of their own find the same channel due", async test => {
    const machine = await Machine.start(test);
    await machine.withChannelDue();
    const processes = await Promise.all([startWindowProcess(test), startWindowProcess(test)]);
    const requests = await Promise.all(processes.map(async each => each.ask({ ...machine.disk(), task: "renew" })));
    assert.equal(requests.flat().filter(call => call === `PATCH ${watch}`).length, 1, JSON.stringify(requests));
    const window = await machine.open();
    assert.ok(channelsOf(window).every(({ expiresAt }) => expiresAt - machine.clock.now() > 6 * day));
  });

  it("is not stopped for long by a window that was killed at it", async test => {
    const machine = await Machine.start(test);
    await machine.withChannelDue();
    const holder = await startWindowProcess(test);
    assert.deepEqual(await holder.ask({ ...machine.disk(), task: "hold" }), ["held"]);
    await holder.kill();
    const window = await machine.open();
    assert.equal(machine.transport.count(`PATCH ${watch}`), 0, "the claim of the dead window still holds");
    for (let halves = 0; halves < 6; halves++) await machine.pass(minute / 2);
    assert.equal(machine.transport.count(`PATCH ${watch}`), 1);
    assert.ok(channelsOf(window).every(({ expiresAt }) => expiresAt - machine.clock.now() > 6 * day));
  });

  it("asks once for all that are due, and renews what it is told to", async test => {
    const machine = await Machine.start(test);
    const window = await machine.open();
    await subscribe(window);
    const other = await machine.open();
    window.modes.choose(idOf(window), "ask");
    await machine.pass(3 * day);
    const asked = [...window.told.asked, ...other.told.asked];
    assert.ok(asked.length >= 1 && asked.length <= 6, `asked ${asked.length} times`);
    assert.equal(machine.transport.count(`PATCH ${watch}`), 0);
    const [question] = asked;
    assert.ok(question);
    await window.keeper.renew({ ...question, channelIds: channelsOf(window).map(({ channelId }) => channelId) });
    assert.ok(machine.transport.count(`PATCH ${watch}`) + window.told.recreated.length >= 1);
    assert.ok(channelsOf(window).every(({ expiresAt }) => expiresAt - machine.clock.now() > 6 * day));
  });

  it("says once that a sign-in was revoked, goes on trying, and recovers with a new sign-in", async test => {
    const machine = await Machine.start(test);
    const window = await machine.open();
    await subscribe(window);
    await machine.control("revoke-tokens");
    await machine.pass(3 * day);
    assert.deepEqual(
      window.told.failed.map(({ problem, channelIds }) => [problem.remedy, channelIds.length > 0]),
      [["sign-in", true]],
    );
    const [channel] = channelsOf(window);
    assert.ok(channel);
    const status = window.keeper.statusOf(idOf(window), channel.channelId);
    assert.ok(status?.kind === "cannot", JSON.stringify(status));
    // Zoho's time is known to a second.
    assert.ok(status.nextAttemptAt - window.service.nowAt(idOf(window)) <= hour + second);
    await machine.signIn(window);
    await machine.pass(minute);
    assert.ok(channelsOf(window).every(({ expiresAt }) => expiresAt - machine.clock.now() > 6 * day));
    assert.equal(window.told.failed.length, 1);
  });

  it("leaves channels of others alone until they are adopted, and lets go of what is to end", async test => {
    const machine = await Machine.start(test);
    const window = await machine.open();
    const foreign = { channelId: "9007199254740993", events: ["Leads.all"], notifyUrl: "http://127.0.0.1:9/theirs" };
    const flags = { notifyOnRelatedAction: true, returnAffectedFieldValues: false, token: "theirs" };
    const request = { ...foreign, ...flags, expiresAt: machine.clock.now() + 6 * day };
    valueOf(await window.clients.for(idOf(window)).subscribe(request));
    await window.service.refresh();
    const [channel] = channelsOf(window);
    assert.ok(channel);
    const status = (): string | undefined => window.keeper.statusOf(idOf(window), channel.channelId)?.kind;
    await machine.pass(4 * day);
    assert.equal(status(), "not-ours");
    assert.equal(machine.transport.count(`PATCH ${watch}`), 0);
    const before = await everything(window);
    await window.keeper.adopt(channel);
    await machine.pass(minute);
    assert.equal(status(), "planned");
    assert.equal(machine.transport.count(`PATCH ${watch}`), 1);
    assert.deepEqual(await everything(window), before, "token and address are still theirs");
    window.keeper.setStopped(channel, true);
    assert.equal(status(), "stopped");
    await machine.pass(7 * day);
    await window.service.refresh();
    assert.equal(machine.transport.count(`PATCH ${watch}`), 1);
    assert.deepEqual(window.told.recreated, []);
  });

  it("renews a thousand channels with a bounded number of calls", async test => {
    const machine = await Machine.start(test);
    const window = await machine.open();
    const client = window.clients.for(idOf(window));
    const requests = Array.from({ length: 1000 }, (_, index) => ({
      channelId: String(9_007_199_254_740_993n + BigInt(index)),
      events: ["Leads.edit"],
      notifyUrl: `http://127.0.0.1:9/in/${index}`,
      token: `token ${index}`,
      expiresAt: machine.clock.now() + day,
      notifyOnRelatedAction: false,
      returnAffectedFieldValues: true,
    }));
    for (let start = 0; start < requests.length; start += 50) {
      valueOf(await client.subscribeMany(requests.slice(start, start + 50)));
    }
    await machine.takeOver(window);
    const { transport } = machine;
    transport.calls.length = 0;
    const next = await machine.open();
    assert.ok(channelsOf(next).every(({ expiresAt }) => expiresAt - machine.clock.now() > 6 * day));
    assert.equal(transport.count(`PATCH ${watch}`), 20, "fifty to a request");
    assert.equal(transport.count(`GET ${watch}`), 12, "six pages that overlap: at start, and just before");
    assert.ok(transport.calls.length <= 33, `${transport.calls.length} calls in all`);
    assert.equal(new Set(channelsOf(next).map(({ token }) => token)).size, 1000, "each keeps its token");
    transport.calls.length = 0;
    await machine.pass(day);
    assert.equal(transport.count(`PATCH ${watch}`), 0, "and then there is nothing to do for a day");
    assert.ok(transport.calls.length <= 7, "but to look once how things are");
    transport.calls.length = 0;
    const fifty = requests.slice(0, 50).map(({ channelId }) => channelId);
    const renewed = await next.service.renewMany(idOf(next), fifty);
    assert.ok([...renewed.values()].every(({ ok }) => ok));
    assert.ok(transport.calls.length <= 8, `${transport.calls.length} calls for fifty by hand`);
  });
});
