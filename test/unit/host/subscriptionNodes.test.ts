import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Connection } from "../../../src/core/connections/connection.ts";
import { makeChannel } from "../../../src/core/subscriptions/channel.ts";
import {
  type ChannelNode,
  type ModuleNode,
  type UnreadableNode,
  channelsMeant,
  namedChannelsMeant,
  unreadableMeant,
} from "../../../src/host/subscriptions/subscriptionNodes.ts";
import { aSubscription } from "../core/subscriptions/aSubscription.ts";

const connection: Connection = {
  id: "c1",
  kind: "sandbox",
  label: "Sandbox",
  dataCentre: "sandbox",
  accountsUrl: "http://127.0.0.1:1",
  apiDomain: "http://127.0.0.1:1",
  clientId: "id",
  clientSecret: "secret",
  refreshToken: "refresh",
  scopes: [],
  organization: { id: "1", name: "Org", type: "Sandbox" },
  user: { id: "2", name: "User", email: "user@example.com" },
};

function node(channelId: string): ChannelNode {
  return { kind: "channel", connection, channel: makeChannel("c1", channelId, [], true) };
}

function moduleOf({ channel }: ChannelNode): ModuleNode {
  return { kind: "module", connection, channel, subscription: aSubscription() };
}

const [first, second, third] = [node("1"), node("2"), node("3")];

describe("the channels that a command means", () => {
  it("are the selected ones when VS Code passes a selection", () => {
    assert.deepEqual(channelsMeant([first, [first, second]], []), [first, second]);
  });

  it("are the clicked one alone when nothing else is passed", () => {
    assert.deepEqual(channelsMeant([second], [first, third]), [second]);
  });

  it("are the view's selection when a key is pressed", () => {
    assert.deepEqual(channelsMeant([], [first, third]), [first, third]);
  });

  it("are those of selected modules too, each once, where several rows are selected", () => {
    const range = [moduleOf(first), moduleOf(first), second, moduleOf(second), moduleOf(third)];
    assert.deepEqual(channelsMeant([range[0], range], []), [first, second, third]);
    assert.deepEqual(channelsMeant([], range), [first, second, third]);
    const named = namedChannelsMeant([], range).map(({ channel }) => channel.channelId);
    assert.deepEqual(named, ["1", "2", "3"]);
  });

  it("are none where one module alone is selected: what is meant is a part of its subscription", () => {
    assert.deepEqual(channelsMeant([], [moduleOf(first)]), []);
    assert.deepEqual(channelsMeant([moduleOf(first)], []), []);
  });

  it("leave out what is no channel, and arguments of strangers", () => {
    assert.deepEqual(channelsMeant([first, [first, { kind: "connection", connection }]], []), [first]);
    assert.deepEqual(channelsMeant(["surprise"], []), []);
  });
});

describe("a row of something unreadable", () => {
  const odd = (channelId?: string): UnreadableNode => ({
    kind: "unreadable",
    connection,
    unreadable: { ...(channelId === undefined ? {} : { channelId }), modules: [], faults: ["events"] },
    index: 0,
  });

  it("has an id for the commands that need no more, and is no channel to those that write", () => {
    const meant = namedChannelsMeant([odd("9"), [odd("9"), first, odd()]], []);
    assert.deepEqual(
      meant.map(({ channel }) => channel.channelId),
      ["9", "1"],
    );
    assert.deepEqual(channelsMeant([odd("9")], []), []);
  });

  it("is what a command means alone, clicked or selected", () => {
    assert.deepEqual(unreadableMeant([odd("9")], []), odd("9"));
    assert.deepEqual(unreadableMeant([], [odd()]), odd());
    assert.equal(unreadableMeant([first], [odd()]), undefined);
    assert.equal(unreadableMeant([], [odd(), first]), undefined);
  });
});
