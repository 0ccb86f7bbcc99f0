import "../../support/vscodeConfiguration/hook.ts";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { second } from "../../../src/base/clock.ts";
import type { FormerAddress } from "../../../src/core/address/formerAddresses.ts";
import type { RelayChannel } from "../../../src/core/relay/relayChannel.ts";
import type { RelayState } from "../../../src/core/relay/relaySession.ts";
import type { RelayMenuOptions } from "../../../src/host/relay/relayMenu.ts";

const { relayMenu } = await import("../../../src/host/relay/relayMenu.ts");
const { stateWords } = await import("../../../src/host/relay/stateWords.ts");

const channel: RelayChannel = {
  ...{ relayUrl: "https://relay.example.com", channel: "now", readKey: "key", keys: [] },
  ingestUrl: "https://relay.example.com/in/now",
};
const problem = { code: "RELAY_UNREACHABLE", message: "It does not answer.", remedy: "retry" } as const;
const away: RelayState = { kind: "reconnecting", attempt: 1, retryAt: 5 * second, problem };
const former: FormerAddress = {
  ...{ channel: "abc", relay: "https://former.example.com", ingestPath: "/in/abc", isDrained: false, senders: 2 },
  ...{ daysAway: undefined, isReplaced: false, isGone: false, isUnused: false, problem: undefined },
};

function labels(changes: Partial<RelayMenuOptions> = {}): string[] {
  const live: RelayState = { kind: "live", since: 0 };
  const usual = { state: live, channel, isOwnRelay: false, isPublicAddressOpen: false, answer: undefined, former: [] };
  return relayMenu({ ...usual, ...changes }).map(({ label }) => label.replace(/^\$\(\S+\) /, ""));
}

describe("the menu of the relay", () => {
  const ofOwner = [
    "Share This Relay Address…",
    "Replace Relay Keys…",
    "Set Relay Answer…",
    "Make a New Relay Address…",
  ];

  it("begins with Reconnect Now while the relay is away, and leaves out what only the relay can do", () => {
    assert.ok(ofOwner.every(label => labels().includes(label)));
    const shown = labels({ state: away });
    assert.equal(shown[0], "Reconnect Now");
    assert.deepEqual(
      ofOwner.filter(label => shown.includes(label)),
      [],
    );
  });

  it("has one name for going back to one's own address, at any time, and leads away from a relay that gives none", () => {
    const guest = { ...channel, isGuest: true };
    assert.ok(labels({ channel: guest, state: away }).includes("Use My Own Address…"));
    assert.ok(!labels({ channel: guest }).includes("Make a New Relay Address…"));
    const keyless = { ...problem, code: "RELAY_NEEDS_CREATE_KEY" };
    const shown = labels({ channel: undefined, state: { kind: "refused", problem: keyless } });
    assert.deepEqual(shown.slice(0, 2), ["Join a Relay…", "Use This Machine's Relay…"]);
    assert.ok(!labels({ isOwnRelay: true }).includes("Use This Machine's Relay…"));
  });

  it("lists each former address with what can be done about it, for that one", () => {
    const unused = { ...former, channel: "def", senders: 0 };
    const items = relayMenu({
      ...{ state: { kind: "live", since: 0 }, channel, isOwnRelay: false, isPublicAddressOpen: false },
      ...{ answer: undefined, former: [former, unused] },
    });
    assert.deepEqual(
      items.flatMap(item => (item.arguments === undefined ? [] : [[item.command, ...item.arguments]])),
      [
        ["zohoCrm.sendSubscriptionsHere", "abc"],
        ["zohoCrm.deleteFormerAddress", "abc"],
        ["zohoCrm.deleteFormerAddress", "def"],
      ],
    );
  });
});

describe("the state of the relay in words", () => {
  it("counts down in the status bar alone: the sentence stays, also while the next try is made", () => {
    const long = problem.message;
    assert.deepEqual(stateWords(away, 0), { short: "Reconnecting in {0} s", long });
    assert.deepEqual(stateWords({ kind: "connecting" }, 0, problem), { short: "Reconnecting", long });
    assert.equal(stateWords({ kind: "connecting" }, 0).short, "Connecting");
  });
});
