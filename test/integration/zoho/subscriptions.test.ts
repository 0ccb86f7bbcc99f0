import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { day, hour } from "../../../src/base/clock.ts";
import type { Channel } from "../../../src/core/subscriptions/channel.ts";
import type { CreateRequest, SubscriptionService } from "../../../src/core/subscriptions/subscriptionService.ts";
import { isWatchable } from "../../../src/zoho/metadata.ts";
import { errorOf, valueOf } from "../../unit/zoho/scriptedTransport.ts";
import { recreate, renew } from "../../unit/core/subscriptions/oneChannel.ts";
import { control, signedIn } from "./editorWindow.ts";

const wanted: CreateRequest = {
  modules: [
    { module: "Leads", operations: ["create", "edit"] },
    { module: "Deals", operations: ["all"] },
  ],
  expiresInMs: 30 * day,
  notifyUrl: "http://127.0.0.1:9/in/abc?from=crm",
  returnAffectedFieldValues: true,
  notifyOnRelatedAction: false,
};

function channelsOf(service: SubscriptionService, id: string): readonly Channel[] {
  const state = service.stateOf(id);
  assert.ok(state.kind === "loaded", JSON.stringify(state));
  return state.channels;
}

describe("subscriptions against a sandbox", () => {
  it("are created as asked, with the longest life, and listed as the server has them", async test => {
    const { service, clients, tokenBook, clock, id } = await signedIn(test);
    const created = valueOf(await service.create(id, wanted));
    assert.deepEqual(created.warnings, []);
    assert.equal(created.expiresAt, clock.now() + 7 * day - hour);
    assert.ok(BigInt(created.channelId) > 2n ** 53n);
    const listed = valueOf(await clients.for(id).listSubscriptions()).subscriptions;
    assert.deepEqual(
      listed.map(({ channelId, module, events, notifyUrl }) => ({ channelId, module, events, notifyUrl })),
      created.subscriptions.toReversed().map(({ channelId, module, events, notifyUrl }) => ({
        ...{ channelId, module, events, notifyUrl },
      })),
    );
    assert.deepEqual(
      created.subscriptions.map(({ module, events }) => [module, events]),
      [
        ["Deals", ["Deals.create", "Deals.edit", "Deals.delete"]],
        ["Leads", ["Leads.create", "Leads.edit"]],
      ],
    );
    assert.equal(tokenBook.verify(created.channelId, created.token), "verified");
  });

  it("keep events and token when they are renewed, and get the time that the server grants", async test => {
    const { service, clock, id } = await signedIn(test);
    const created = valueOf(await service.create(id, { ...wanted, expiresInMs: hour }));
    clock.advance(hour / 2);
    const renewed = valueOf(await renew(service, id, created.channelId, 2 * day));
    assert.deepEqual(renewed, { expiresAt: clock.now() + 2 * day, warnings: [] });
    const [channel] = channelsOf(service, id);
    assert.equal(channel?.token, created.token);
    assert.equal(channel?.expiresAt, renewed.expiresAt);
    assert.deepEqual(
      channel.subscriptions.map(({ events }) => events),
      created.subscriptions.map(({ events }) => events),
    );
  });

  it("are deleted at the server, and disappear here when they were deleted elsewhere", async test => {
    const { service, clients, id } = await signedIn(test);
    const first = valueOf(await service.create(id, wanted));
    const second = valueOf(await service.create(id, wanted));
    const outcomes = await service.delete(id, [first.channelId, "1"]);
    assert.deepEqual(
      [...outcomes.values()].map(({ ok }) => ok),
      [true, true],
    );
    assert.deepEqual(
      valueOf(await clients.for(id).listSubscriptions()).subscriptions.map(({ channelId }) => channelId),
      [second.channelId, second.channelId],
    );
    valueOf(await clients.for(id).unsubscribe([second.channelId]));
    await service.refresh(id);
    assert.deepEqual(channelsOf(service, id), []);
  });

  it("cannot be renewed once they expired, but made again as they were", async test => {
    const { service, clock, id } = await signedIn(test);
    const created = valueOf(await service.create(id, { ...wanted, expiresInMs: hour }));
    clock.advance(hour);
    const problem = errorOf(await renew(service, id, created.channelId));
    assert.deepEqual([problem.code, problem.remedy], ["NOT_SUBSCRIBED", "recreate-subscription"]);
    const [expired] = channelsOf(service, id);
    assert.ok(expired !== undefined && expired.expiresAt <= clock.now());
    const again = valueOf(await recreate(service, id, created.channelId));
    const [channel, ...others] = channelsOf(service, id);
    assert.deepEqual(
      [channel?.channelId, channel?.token, channel?.notifyUrl, again.expiresAt, others],
      [created.channelId, created.token, created.notifyUrl, clock.now() + 7 * day - hour, []],
    );
  });

  it("can be made again though only the server's clock says that they expired", async test => {
    const { service, sandbox, id } = await signedIn(test);
    const created = valueOf(await service.create(id, { ...wanted, expiresInMs: hour }));
    sandbox.clock.advance(2 * hour);
    assert.equal(errorOf(await renew(service, id, created.channelId)).code, "NOT_SUBSCRIBED");
    valueOf(await recreate(service, id, created.channelId));
    assert.deepEqual(
      channelsOf(service, id).map(({ channelId }) => channelId),
      [created.channelId],
    );
  });

  it("are all there when they fill more than one page", async test => {
    const { service, clients, id } = await signedIn(test);
    const available = valueOf(await clients.for(id).modules()).items.filter(isWatchable);
    const names = available.map(({ apiName }) => apiName);
    const modules = ["Leads", "Contacts", "Accounts", "Deals"].map(module => {
      assert.ok(names.includes(module), module);
      return { module, operations: ["create"] as const };
    });
    const channels = 51;
    for (let count = 0; count < channels; count++) valueOf(await service.create(id, { ...wanted, modules }));
    const listed = valueOf(await clients.for(id).listSubscriptions()).subscriptions;
    assert.equal(listed.length, channels * modules.length);
    assert.ok(listed.length > 200);
    assert.equal(channelsOf(service, id).length, channels);
  });

  for (const mixedResultStatus of [202, 207] as const) {
    it(`are deleted one by one in truth when the server answers ${mixedResultStatus}`, async test => {
      const { service, clients, id } = await signedIn(test, { behaviour: { mixedResultStatus } });
      const { channelId } = valueOf(await service.create(id, wanted));
      const outcomes = valueOf(await clients.for(id).unsubscribe(["1", channelId]));
      assert.deepEqual(
        [...outcomes].map(([channel, outcome]) => [channel, outcome.ok ? "gone" : outcome.error.kind]),
        [
          ["1", "not-subscribed"],
          [channelId, "gone"],
        ],
      );
    });
  }

  it("are refused, naming the field, for a module that cannot be watched", async test => {
    const { service, id } = await signedIn(test);
    const notes = { ...wanted, modules: [{ module: "Notes", operations: ["all"] as const }] };
    const problem = errorOf(await service.create(id, notes));
    assert.match(problem.message, /^Zoho cannot notify about one of the chosen modules\./);
    assert.deepEqual(channelsOf(service, id), []);
  });

  it("can have details replaced and events taken away", async test => {
    const { service, clients, clock, id } = await signedIn(test);
    const { channelId, token } = valueOf(await service.create(id, wanted));
    const client = clients.for(id);
    valueOf(await client.removeEvents({ channelId, events: ["Leads.edit"], notifyUrl: wanted.notifyUrl, token }));
    let listed = valueOf(await client.listSubscriptions({ channelId, module: "Leads" })).subscriptions;
    assert.deepEqual(
      listed.map(each => [each.events, each.token]),
      [[["Leads.create"], token]],
    );
    const replaced = { ...wanted, channelId, token, events: ["Contacts.delete"], expiresAt: clock.now() + day };
    valueOf(await client.updateSubscription(replaced));
    listed = valueOf(await client.listSubscriptions({ channelId })).subscriptions;
    assert.deepEqual(
      listed.map(each => [each.module, each.expiresAt]),
      [["Contacts", clock.now() + day]],
    );
  });
});

describe("a sandbox in trouble", () => {
  const faults: readonly (readonly [fault: Readonly<Record<string, unknown>>, kind: string, remedy: string])[] = [
    [{ kind: "status", status: 401, times: 2 }, "INVALID_TOKEN", "sign-in"],
    [{ kind: "status", status: 404 }, "INVALID_URL_PATTERN", "none"],
    [{ kind: "status", status: 429 }, "TOO_MANY_REQUESTS", "retry"],
    [{ kind: "status", status: 500 }, "INTERNAL_ERROR", "retry"],
    [{ kind: "status", status: 503 }, "HTTP_503", "retry"],
    [{ kind: "garbage" }, "UNREADABLE_ANSWER", "retry"],
    [{ kind: "hang-up" }, "ECONNRESET", "start-sandbox"],
  ];
  for (const [fault, code, remedy] of faults) {
    it(`is told as ${code} for ${JSON.stringify(fault)}, keeps what was known, and is forgotten when it is over`, async test => {
      const { service, sandbox, id } = await signedIn(test);
      valueOf(await service.create(id, wanted));
      await control(sandbox, "faults", fault);
      await service.refresh();
      const state = service.stateOf(id);
      assert.ok(state.kind === "failed");
      assert.deepEqual([state.problem.code, state.problem.remedy, state.channels.length], [code, remedy, 1]);
      await service.refresh();
      assert.equal(channelsOf(service, id).length, 1);
    });
  }

  it("survives one stale token without a word", async test => {
    const { service, sandbox, id } = await signedIn(test);
    await control(sandbox, "faults", { kind: "status", status: 401 });
    await service.refresh();
    assert.deepEqual(channelsOf(service, id), []);
  });

  it("that is down is offered to be started", async test => {
    const { service, sandbox, id } = await signedIn(test);
    await sandbox.close();
    await service.refresh();
    const state = service.stateOf(id);
    assert.ok(state.kind === "failed");
    assert.equal(state.problem.remedy, "start-sandbox");
  });
});
