import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Emitter } from "../../../../src/base/lifecycle.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import type { Loan } from "../../../../src/core/borrow/loan.ts";
import { LoanSightings } from "../../../../src/core/borrow/loanSightings.ts";
import { type Channel, makeChannel } from "../../../../src/core/subscriptions/channel.ts";
import { type ChannelDetails, detailsOf } from "../../../../src/core/subscriptions/channelDetails.ts";
import type { ServerReading } from "../../../../src/core/subscriptions/serverChannels.ts";
import { aSubscription } from "../subscriptions/aSubscription.ts";
import { connectionId, here, original } from "./borrowWorld.ts";

function loanOf(lent: ChannelDetails): Loan {
  const { channelId, expiresAt } = lent;
  return { connectionId, channelId, original: lent, borrowedUrl: here, expiresAt, seenAt: 1 };
}

function channelOf(channelId: string, token: string): Channel {
  return makeChannel(connectionId, channelId, [aSubscription({ channelId, notifyUrl: here, token })], false);
}

/** Where the token of each loan was "theirs", a list shows these channels. */
async function list(
  loans: readonly Loan[],
  channels: readonly Channel[],
  noteChanged: (loan: Pick<Loan, "channelId">) => Promise<void>,
): Promise<void> {
  const read = new Emitter<ServerReading>();
  const sightings = new LoanSightings({
    subscriptions: { onDidRead: read.event },
    book: { tokensOf: async () => Promise.resolve({ token: "theirs" }), noteChanged },
    loans: () => loans,
    onTakenBack: () => assert.fail("It points here."),
    logger: silentLogger,
  });
  read.fire({ connectionId, reading: { channels, unreadable: [], complete: true }, askedAt: 2 });
  for (let turn = 0; turn < 10; turn++) await setImmediate();
  sightings.dispose();
}

describe("what a list shows of several loans", () => {
  it("is noted of each, though the token of one is never kept and that of another cannot be", async () => {
    const noted: string[] = [];
    await list(
      ["1", "2", "3"].map(channelId => loanOf({ ...original, channelId })),
      ["1", "2", "3"].map(channelId => channelOf(channelId, "another")),
      async ({ channelId }) => {
        noted.push(channelId);
        if (channelId === "1") await new Promise(() => undefined);
        if (channelId === "2") throw new Error("The keyring is locked.");
      },
    );
    assert.deepEqual(noted, ["1", "2", "3"]);
  });

  it("is noted of none that is as it was lent", async () => {
    const channel = channelOf("1", "theirs");
    const lent = detailsOf(channel.subscriptions);
    assert.ok(lent !== undefined);
    const noted: string[] = [];
    await list([loanOf({ ...lent, notifyUrl: original.notifyUrl })], [channel], async ({ channelId }) => {
      noted.push(channelId);
      return Promise.resolve();
    });
    assert.deepEqual(noted, []);
  });
});
