import assert from "node:assert/strict";
import { it } from "node:test";
import { hour } from "../../../../src/base/clock.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { KeptChannels } from "../../../../src/core/renewal/keptChannels.ts";
import { RenewalRecords } from "../../../../src/core/renewal/renewalRecords.ts";
import type { OwnedChannel } from "../../../../src/core/subscriptions/ownership.ts";
import { SteadyNotes } from "../../../../src/core/windows/steadyNotes.ts";
import { openAgreement } from "../../../support/agreeingWindows.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { aSubscription } from "../subscriptions/aSubscription.ts";

const connectionId = "c";

function owned(channelId: string, adopted: boolean): OwnedChannel {
  return { channelId, connectionId, token: "t", adopted, lastKnown: [aSubscription({ channelId })] };
}

it("those that cannot be read are kept as they were, and who made them is not forgotten", () => {
  const clock = new FakeClock();
  const kept = new KeptChannels({
    service: {
      stateOf: () => ({
        kind: "failed",
        failedAt: 0,
        problem: { code: "OFFLINE", message: "You are offline.", remedy: "retry" },
        channels: [],
      }),
      nowAt: () => clock.now(),
    },
    ownership: { list: () => [owned("made", false), owned("adopted", true)] },
    records: new RenewalRecords(new SteadyNotes(openAgreement(clock).notes, silentLogger)),
    life: () => hour,
    isLent: () => false,
  });
  assert.deepEqual(
    kept.ours(connectionId).map(({ channelId, createdHere }) => [channelId, createdHere]),
    [
      ["made", true],
      ["adopted", false],
    ],
  );
});
