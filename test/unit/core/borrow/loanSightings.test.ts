import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Emitter } from "../../../../src/base/lifecycle.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import type { Loan } from "../../../../src/core/borrow/loan.ts";
import { LoanSightings } from "../../../../src/core/borrow/loanSightings.ts";
import { makeChannel } from "../../../../src/core/subscriptions/channel.ts";
import type { ServerReading } from "../../../../src/core/subscriptions/serverChannels.ts";
import { aSubscription } from "../subscriptions/aSubscription.ts";
import { connectionId, here, original } from "./borrowWorld.ts";

describe("what a list shows of several loans", () => {
  it("is noted of each, though the token of one is never kept and that of another cannot be", async () => {
    const loans = ["1", "2", "3"].map((channelId): Loan => {
      const lent = { ...original, channelId };
      return { connectionId, channelId, original: lent, borrowedUrl: here, expiresAt: original.expiresAt, seenAt: 1 };
    });
    const noted: string[] = [];
    const read = new Emitter<ServerReading>();
    const sightings = new LoanSightings({
      subscriptions: { onDidRead: read.event },
      book: {
        tokensOf: async () => Promise.resolve({ token: "theirs" }),
        noteChanged: async ({ channelId }) => {
          noted.push(channelId);
          if (channelId === "1") await new Promise(() => undefined);
          if (channelId === "2") throw new Error("The keyring is locked.");
        },
      },
      loans: () => loans,
      onTakenBack: () => assert.fail("It points here."),
      logger: silentLogger,
    });
    const channels = loans.map(({ channelId }) =>
      makeChannel(connectionId, channelId, [aSubscription({ channelId, notifyUrl: here, token: "another" })], false),
    );
    read.fire({ connectionId, reading: { channels, unreadable: [], complete: true }, askedAt: 2 });
    for (let turn = 0; turn < 10; turn++) await setImmediate();
    assert.deepEqual(noted, ["1", "2", "3"]);
    sightings.dispose();
  });
});
