import "../../support/vscodeWizard/hook.ts";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { makeChannel } from "../../../src/core/subscriptions/channel.ts";
import type { SubscriptionsState } from "../../../src/core/subscriptions/subscriptionService.ts";
import type { ChannelNode, ModuleNode, SubscriptionNode } from "../../../src/host/subscriptions/subscriptionNodes.ts";
import { type QuickStep, acts } from "../../support/vscodeWizard/standIn.ts";
import { aConnection } from "../core/connections/aConnection.ts";
import { aSubscription } from "../core/subscriptions/aSubscription.ts";

const { chooseChannel } = await import("../../../src/host/subscriptions/chooseChannel.ts");

const here = "https://relay.example.com/in/here";
const connection = aConnection();

function node(module: string, notifyUrl = "https://staging.acme.example/"): ChannelNode {
  const subscription = aSubscription({ module, notifyUrl });
  return { kind: "channel", connection, channel: makeChannel(connection.id, module, [subscription], true) };
}

function moduleOf({ channel }: ChannelNode): ModuleNode {
  return { kind: "module", connection, channel, subscription: aSubscription() };
}

const [leads, deals, tasks] = [node("Leads", here), node("Deals"), node("Tasks")];

/** The channel that is meant, and the rows of the list that was offered, if one was: of these the last is taken. */
async function choose(args: readonly unknown[], selection: readonly SubscriptionNode[]): Promise<unknown[]> {
  const rows: string[] = [];
  acts.push((step: QuickStep) => {
    rows.push(...step.items.map(item => JSON.stringify(item)));
    step.pick(step.items.at(-1)?.label ?? "");
  });
  const channels = [leads, deals, tasks].map(({ channel }) => channel);
  const state: SubscriptionsState = { kind: "loaded", channels, unreadable: [], complete: true, refreshedAt: 0 };
  const chosen = await chooseChannel("Edit", args, {
    connections: { list: () => [connection] },
    subscriptions: { stateOf: () => state },
    arrivals: () => ({ addresses: [here], formerPaths: [] }),
    view: { selection },
  });
  acts.length = 0;
  return [chosen.channel.channelId, rows.length, rows.filter(row => row.includes("this editor")).length];
}

describe("the one subscription that a command is for", () => {
  it("is the clicked row, or the one that is selected, also where rows of its modules are selected with it", async () => {
    assert.deepEqual(await choose([deals], [leads, tasks]), ["Deals", 0, 0]);
    assert.deepEqual(await choose([], [deals, moduleOf(deals), moduleOf(deals)]), ["Deals", 0, 0]);
    assert.deepEqual(await choose([moduleOf(tasks)], []), ["Tasks", 0, 0]);
  });

  it("is asked for among those that are selected, and never one of them without a word", async () => {
    assert.deepEqual(await choose([], [leads, deals]), ["Deals", 2, 1]);
    assert.deepEqual(await choose([leads, [leads, deals]], []), ["Deals", 2, 1]);
  });

  it("is asked for among all where nothing is selected, by the names that rows have", async () => {
    assert.deepEqual(await choose([], []), ["Tasks", 3, 1]);
  });
});
