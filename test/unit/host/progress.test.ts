import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { makeChannel } from "../../../src/core/subscriptions/channel.ts";
import type { SubscriptionsState } from "../../../src/core/subscriptions/subscriptionService.ts";
import { toFeed } from "../../../src/host/inspector/feed.ts";
import type { Arrivals } from "../../../src/core/address/arrivals.ts";
import { type Progress, subscribedTo } from "../../../src/host/walkthrough/progress.ts";
import { aSubscription } from "../core/subscriptions/aSubscription.ts";

const here = "https://relay.example.com/in/here";
const sandbox = { id: "c1", kind: "sandbox" } as const;
const zoho = { id: "c2", kind: "zoho" } as const;

function at(...addresses: readonly string[]): Arrivals {
  return { addresses, formerPaths: [] };
}

function loaded(...addresses: readonly string[]): SubscriptionsState {
  const channels = addresses.map(notifyUrl => makeChannel("c1", "1", [aSubscription({ notifyUrl })], true));
  return { kind: "loaded", channels, unreadable: [], complete: true, refreshedAt: 0 };
}

describe("whether a subscription leads to this editor", () => {
  it("is not known while a list is read, or the address is not there yet", () => {
    assert.equal(
      subscribedTo([sandbox], () => ({ kind: "loading" }), at(here)),
      "unknown",
    );
    assert.equal(
      subscribedTo([sandbox], () => loaded(here), at()),
      "unknown",
    );
    const states = new Map<string, SubscriptionsState>([["c1", loaded()]]);
    assert.equal(
      subscribedTo([sandbox, zoho], id => states.get(id) ?? { kind: "loading" }, at(here)),
      "unknown",
    );
  });

  it("is known as soon as one is found, and where there is nobody who could have one", () => {
    const states = new Map<string, SubscriptionsState>([["c1", loaded(here)]]);
    assert.equal(
      subscribedTo([sandbox, zoho], id => states.get(id) ?? { kind: "loading" }, at(here)),
      "sandbox",
    );
    assert.equal(
      subscribedTo([zoho], () => loaded(here), at(here)),
      "zoho",
    );
    assert.equal(
      subscribedTo([sandbox], () => loaded("https://elsewhere.example.com/"), at(here)),
      "none",
    );
    assert.equal(
      subscribedTo([], () => loaded(), at()),
      "none",
    );
  });

  it("is said to be missing only once that is known: a window that connects says that it connects", () => {
    const progress: Progress = { crm: "sandbox", subscribed: "unknown", events: "none", address: "none" };
    assert.deepEqual(toFeed({ kind: "connecting" }, [sandbox], progress), { kind: "connecting", sandbox: true });
    assert.equal(
      toFeed({ kind: "live", since: 0 }, [sandbox], { ...progress, subscribed: "none" }).missing,
      "subscription",
    );
  });
});
