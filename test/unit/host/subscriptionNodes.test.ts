import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Connection } from "../../../src/core/connections/connection.ts";
import { makeChannel } from "../../../src/core/subscriptions/channel.ts";
import {
  type ChannelNode,
  type UnreadableNode,
  channelsMeant,
  namedChannelsMeant,
  unreadableMeant,
} from "../../../src/host/subscriptions/subscriptionNodes.ts";

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
