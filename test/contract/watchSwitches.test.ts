import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { day, hour } from "../../src/base/clock.ts";
import { watchSwitches } from "../../src/sandbox/watchSwitches.ts";
import type { SubscribeRequest } from "../../src/zoho/subscription.ts";
import type { ZohoClient } from "../../src/zoho/zohoClient.ts";
import { FakeClock } from "../support/fakeClock.ts";
import { RawZoho } from "../support/rawZoho.ts";
import { openClient } from "../support/sandboxClient.ts";
import { type SwitchPosition, switchPositions } from "../support/switchPositions.ts";
import { startSandbox } from "../support/testSandbox.ts";
import { errorOf, valueOf } from "../unit/zoho/scriptedTransport.ts";

const notifyUrl = "https://hooks.example.com/in?team=sales";

/** Beyond what a double holds. */
const first = "9223372036854775801";
const second = "9223372036854775802";
const third = "9223372036854775803";

interface Bench {
  readonly client: ZohoClient;
  /** Somebody else, who uses the same account without this project's client. */
  readonly other: RawZoho;
  readonly clock: FakeClock;
}

async function openBench(test: TestContext, ...positions: readonly SwitchPosition[]): Promise<Bench> {
  const clock = new FakeClock();
  const { url } = await startSandbox(test, { clock });
  const other = await RawZoho.signIn(url);
  for (const { name, value } of positions) {
    assert.equal((await other.call("POST", "/sandbox/behaviour", { [name]: value })).status, 200, name);
  }
  return { client: await openClient(url, clock), other, clock };
}

/** What makes a channel, and renews it as well. */
type WholeRequest = SubscribeRequest & { readonly token: string };

function request(channelId: string, events: readonly string[], { clock }: Bench): WholeRequest {
  return {
    channelId,
    events,
    notifyUrl,
    expiresAt: clock.now() + day,
    token: `token of ${channelId}`,
    notifyOnRelatedAction: false,
    returnAffectedFieldValues: true,
  };
}

/** What is listed, as lines. */
async function listed({ client }: Bench): Promise<readonly string[]> {
  const { subscriptions, unreadable, complete } = valueOf(await client.listSubscriptions());
  assert.deepEqual([unreadable, complete], [[], true]);
  for (const each of subscriptions) assert.equal(each.notifyUrl, notifyUrl);
  return subscriptions.map(({ channelId, events, token }) => `${channelId} ${events.join()} ${token ?? "-"}`);
}

/** What became of the one channel that is to be dropped: `ok`, or the code of the problem. */
async function dropped({ client }: Bench, channelId: string): Promise<string> {
  const outcome = await client.unsubscribe([channelId]);
  const mine = outcome.ok ? outcome.value.get(channelId) : outcome;
  if (mine === undefined) return "nothing said";
  return mine.ok ? "ok" : mine.error.code;
}

const positions = switchPositions(watchSwitches, { channelsPerUser: [3] });

for (const position of positions) {
  describe(`this project's client, where ${position.name} is ${JSON.stringify(position.value)}`, () => {
    it("subscribes, lists, renews, and removes events of channels with several modules", async test => {
      const bench = await openBench(test, position);
      const { client, clock } = bench;
      const wanted = request(first, ["Leads.all", "Deals.edit"], bench);
      const made = valueOf(await client.subscribe(wanted));
      assert.deepEqual(
        [made.granted.map(({ channelId, module }) => [channelId, module]), made.refused],
        [
          [
            [first, "Leads"],
            [first, "Deals"],
          ],
          [],
        ],
      );
      valueOf(await client.subscribe(request(second, ["Contacts.create"], bench)));
      const leads = `${first} Leads.create,Leads.edit,Leads.delete token of ${first}`;
      const contacts = `${second} Contacts.create token of ${second}`;
      assert.deepEqual(await listed(bench), [leads, `${first} Deals.edit token of ${first}`, contacts]);

      clock.advance(hour / 2);
      const expiresAt = clock.now() + day;
      const renewed = valueOf(
        await client.renewMany([
          { ...wanted, expiresAt },
          { ...request(second, ["Contacts.create"], bench), expiresAt },
        ]),
      );
      for (const [channelId, modules] of [
        [first, ["Leads", "Deals"]],
        [second, ["Contacts"]],
      ] as const) {
        const outcome = renewed.get(channelId);
        assert.ok(outcome?.ok, channelId);
        assert.deepEqual(
          outcome.value.granted.map(grant => [grant.module, grant.expiresAt]),
          modules.map(module => [module, expiresAt]),
        );
      }

      const { token } = wanted;
      valueOf(await client.removeEvents({ channelId: first, events: ["Deals.edit"], notifyUrl, token }));
      assert.deepEqual(await listed(bench), [leads, contacts]);
    });

    it("tells which of several channels of two modules was gone before it was deleted", async test => {
      const gone = position.value === "success" ? "ok" : "NOT_SUBSCRIBED";
      for (const missing of [[first], [second], [third], [first, third], [first, second, third]]) {
        const bench = await openBench(test, position);
        for (const [id, ...events] of [
          [first, "Leads.all", "Deals.edit"],
          [second, "Contacts.all", "Tasks.edit"],
          [third, "Accounts.all", "Cases.edit"],
        ] as const) {
          valueOf(await bench.client.subscribe(request(id, events, bench)));
        }
        await bench.other.call("DELETE", `actions/watch?channel_ids=${missing.join()}`);
        const outcome = valueOf(await bench.client.unsubscribe([first, second, third]));
        assert.deepEqual(
          [...outcome].map(([id, result]) => [id, result.ok ? "ok" : result.error.code]),
          [first, second, third].map(id => [id, missing.includes(id) ? gone : "ok"]),
        );
        assert.deepEqual(await listed(bench), []);
        for (const id of missing) assert.equal(await dropped(bench, id), gone);
      }
    });

    it("concludes NOT_SUBSCRIBED from a renewal of what is gone, alone and among others", async test => {
      const bench = await openBench(test, position);
      const kept = request(first, ["Leads.all", "Deals.edit"], bench);
      const lost = request(second, ["Contacts.all", "Tasks.edit"], bench);
      valueOf(await bench.client.subscribe(kept));
      const both = valueOf(await bench.client.renewMany([lost, kept]));
      const [ofLost, ofKept] = [both.get(second), both.get(first)];
      assert.ok(ofLost !== undefined && ofKept?.ok === true);
      assert.equal(errorOf(ofLost).code, "NOT_SUBSCRIBED");
      const alone = await bench.client.renewMany([lost]);
      const conclusion = alone.ok ? alone.value.get(second) : alone;
      assert.ok(conclusion !== undefined);
      assert.equal(errorOf(conclusion).code, "NOT_SUBSCRIBED");
    });
  });
}

const manyPositions = switchPositions({
  listPaging: watchSwitches.listPaging,
  listInfo: watchSwitches.listInfo,
});

describe("this project's client and more channels than one page", () => {
  const total = 230;
  for (const listPaging of manyPositions.filter(({ name }) => name === "listPaging")) {
    for (const listInfo of manyPositions.filter(({ name }) => name === "listInfo")) {
      const title = `${String(listPaging.value)} pages, info ${String(listInfo.value)}`;
      it(`lists each once, and says so where it cannot have all: ${title}`, async test => {
        const { client, other } = await openBench(test, listPaging, listInfo);
        for (let start = 0; start < total; start += 50) {
          const watch = Array.from({ length: Math.min(50, total - start) }, (_, index) => ({
            channel_id: String(start + index + 1),
            events: ["Leads.edit"],
            notify_url: notifyUrl,
          }));
          await other.call("POST", "actions/watch", { watch });
        }
        const { subscriptions, unreadable, complete } = valueOf(await client.listSubscriptions());
        assert.deepEqual(unreadable, []);
        assert.equal(new Set(subscriptions.map(({ channelId }) => channelId)).size, subscriptions.length);
        assert.equal(complete, subscriptions.length === total);
        const reachable = listPaging.value === "ignored" ? 200 : total;
        if (listInfo.value === "object") assert.equal(subscriptions.length, reachable);
      });
    }
  }
});

describe("this project's client", () => {
  it("shows what it can of a channel that lists neither its expiry nor its module", async test => {
    const bench = await openBench(test, { name: "listExpiredChannels", value: true });
    const { clock, other } = bench;
    valueOf(await bench.client.subscribe(request(first, ["Leads.all"], bench)));
    clock.advance(day);
    const again = { ...bench, client: await openClient(other.url, clock) };
    valueOf(await again.client.subscribe(request(second, ["Deals.all"], again)));
    await other.call("POST", "/sandbox/behaviour", { expiredChannelDetails: "null" });
    const { subscriptions, unreadable } = valueOf(await again.client.listSubscriptions());
    assert.deepEqual(
      subscriptions.map(({ channelId }) => channelId),
      [second],
    );
    assert.deepEqual(
      unreadable.map(({ channelId, faults }) => [channelId, faults.toSorted()]),
      [[first, ["channel_expiry", "resource_name"]]],
    );
  });

  for (const { value } of switchPositions({ policy: watchSwitches.subscribeToExistingChannel })) {
    it(`knows what became of a channel that it posts again, where that is to ${String(value)}`, async test => {
      const bench = await openBench(test, { name: "subscribeToExistingChannel", value });
      valueOf(await bench.client.subscribe(request(first, ["Leads.edit"], bench)));
      const again = await bench.client.subscribe(request(first, ["Deals.edit"], bench));
      const granted = again.ok ? again.value.granted.map(({ module }) => module).join() : again.error.code;
      assert.equal(granted, { replace: "Deals", merge: "Leads,Deals", refuse: "ALREADY_USED" }[String(value)]);
      const modules = valueOf(await bench.client.listSubscriptions()).subscriptions.map(({ module }) => module);
      assert.equal(modules.join(), { replace: "Deals", merge: "Leads,Deals", refuse: "Leads" }[String(value)]);
    });
  }

  it("learns that ids of a condition are not those of their names, where they are refused", async test => {
    for (const { name, value } of switchPositions({ foreignConditionIds: watchSwitches.foreignConditionIds })) {
      const bench = await openBench(test, { name, value });
      const notificationCondition = [
        {
          type: "field_selection",
          module: { api_name: "Leads", id: "554023000000000125" },
          field_selection: { field: { api_name: "Phone" } },
        },
      ];
      const made = await bench.client.subscribe({ ...request(first, ["Leads.edit"], bench), notificationCondition });
      assert.equal(made.ok ? "ok" : made.error.code, value === "accept" ? "ok" : "AMBIGUITY_DURING_PROCESSING");
    }
  });

  it("takes every body of a 429 for too many requests", async test => {
    for (const tooManyRequestsBody of ["TOO_MANY_REQUESTS", "RATE_LIMIT_EXCEEDED", "empty"]) {
      const bench = await openBench(test, { name: "tooManyRequestsBody", value: tooManyRequestsBody });
      await bench.other.call("POST", "/sandbox/faults", { kind: "status", status: 429, path: "/crm/" });
      assert.equal(errorOf(await bench.client.listSubscriptions()).kind, "throttled", tooManyRequestsBody);
    }
  });
});
