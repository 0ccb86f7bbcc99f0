import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { day, hour, minute, second } from "../../../../src/base/clock.ts";
import {
  expiryHealth,
  groupIntoChannels,
  isReadable,
  pointsHere,
  remainingWords,
} from "../../../../src/core/subscriptions/channel.ts";
import {
  busyChannelProblem,
  changedMeanwhileProblem,
  channelGoneProblem,
  incompleteListProblem,
  notSubscribedProblem,
  nothingLeftProblem,
  nothingToWatchProblem,
  partlyDeletedProblem,
  unknownChannelProblem,
  unreadableChannelProblem,
} from "../../../../src/core/subscriptions/channelProblems.ts";
import { newChannelId, newChannelToken } from "../../../../src/core/subscriptions/channelIdentity.ts";
import { aList, aSubscription } from "./aSubscription.ts";

describe("remainingWords", () => {
  const rows: readonly (readonly [ms: number, words: string])[] = [
    [6 * day + 23 * hour + 59 * minute, "6d 23h"],
    [day, "1d"],
    [day - 1, "23h 59m"],
    [2 * hour, "2h"],
    [hour, "1h"],
    [59 * minute + 59 * second, "59m"],
    [minute, "1m"],
    [minute - 1, "under 1m"],
    [1, "under 1m"],
    [0, "expired"],
    [-day, "expired"],
  ];
  for (const [ms, words] of rows) it(`calls ${ms} ms "${words}"`, () => assert.equal(remainingWords(ms), words));
});

describe("expiryHealth", () => {
  it("changes at the edges", () => {
    const health = [2001, 2000, 1001, 1000].map(expiresAt => expiryHealth(expiresAt, 1000, 1000));
    assert.deepEqual(health, ["healthy", "soon", "soon", "expired"]);
  });
});

describe("pointsHere", () => {
  const here = ["https://relay.example.com/in/abc"];
  const rows: readonly (readonly [notifyUrl: string, points: boolean])[] = [
    ["https://relay.example.com/in/abc", true],
    ["https://relay.example.com/in/abc/suffix?x=1", true],
    ["https://relay.example.com/in/abcd", false],
    ["https://relay.example.com/in", false],
    ["http://relay.example.com/in/abc", false],
    ["https://relay.example.com:8443/in/abc", false],
    ["nonsense", false],
    ["", false],
  ];
  for (const [notifyUrl, points] of rows) {
    it(`says ${String(points)} for "${notifyUrl}"`, () => assert.equal(pointsHere({ notifyUrl }, here), points));
  }
});

describe("the problems of channels", () => {
  it("have codes that stay the same, as people find them in logs", () => {
    const channel = { subscriptions: [aSubscription()] };
    const all = [
      ...[nothingToWatchProblem(), unknownChannelProblem(), unreadableChannelProblem(), channelGoneProblem()],
      ...[nothingLeftProblem(), incompleteListProblem(), partlyDeletedProblem(channel), busyChannelProblem()],
      ...[notSubscribedProblem(), changedMeanwhileProblem()],
    ];
    assert.deepEqual(
      all.map(({ code }) => code),
      [
        ...["NOTHING_TO_WATCH", "UNKNOWN_CHANNEL", "UNREADABLE_SUBSCRIPTION", "NOT_SUBSCRIBED"],
        ...["NOTHING_LEFT", "LIST_INCOMPLETE", "PARTLY_DELETED", "CHANNEL_BUSY"],
        ...["NOT_SUBSCRIBED", "CHANGED_MEANWHILE"],
      ],
    );
  });
});

describe("what people read of a list that is not complete", () => {
  it("promises another reading only where the list moved", () => {
    assert.match(incompleteListProblem().message, /read again shortly/);
    const { message } = incompleteListProblem({ cutAt: 200 });
    assert.match(message, /only the first entries of this list \(200\)/);
    assert.doesNotMatch(message, /shortly/);
  });
});

describe("groupIntoChannels", () => {
  it("keeps what cannot be read with its channel, or apart where no channel of it can be read", () => {
    const ofOne = { channelId: "1", module: "Deals", faults: ["channel_expiry"] };
    const strays = [{ channelId: "3", faults: ["events"] }, { faults: ["channel_id"] }];
    const list = { ...aList(aSubscription({ channelId: "1" }), aSubscription({ channelId: "2" })), complete: false };
    const cut = { ...list, unreadable: [ofOne, ...strays], cutAt: 200 };
    const reading = groupIntoChannels("c", cut, () => false);
    assert.deepEqual(reading.channels.map(isReadable), [false, true]);
    assert.deepEqual(reading.channels[0]?.unreadable, [ofOne]);
    assert.deepEqual([reading.unreadable, reading.complete, reading.cutAt], [strays, false, 200]);
  });

  it("gathers the modules of a channel, and takes the earliest expiry", () => {
    const { channels } = groupIntoChannels(
      "c",
      aList(
        aSubscription({ channelId: "1", module: "Leads", expiresAt: 20 }),
        aSubscription({ channelId: "2", module: "Deals", expiresAt: 5 }),
        aSubscription({ channelId: "1", module: "Deals", expiresAt: 10, token: "t" }),
      ),
      id => id === "2",
    );
    assert.deepEqual(
      channels.map(({ channelId, expiresAt, token, createdHere, subscriptions }) => [
        channelId,
        expiresAt,
        token,
        createdHere,
        subscriptions.map(each => each.module),
      ]),
      [
        ["1", 10, "t", false, ["Deals", "Leads"]],
        ["2", 5, undefined, true, ["Deals"]],
      ],
    );
  });
});

describe("identities of channels", () => {
  it("are positive, of 64 bits with sign, beyond what a double holds, and never the same", () => {
    const ids = Array.from({ length: 1000 }, newChannelId);
    for (const id of ids) {
      assert.ok(BigInt(id) > 2n ** 53n && BigInt(id) < 2n ** 63n, id);
    }
    assert.equal(new Set(ids).size, ids.length);
  });

  it("have tokens that Zoho takes and nobody guesses", () => {
    const tokens = Array.from({ length: 100 }, newChannelToken);
    for (const token of tokens) assert.match(token, /^[\w-]{32}$/);
    assert.equal(new Set(tokens).size, tokens.length);
  });
});
