import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { groupUnreadable } from "../../../../src/core/subscriptions/unreadable.ts";

describe("what cannot be read of a list", () => {
  it("is one for each channel, with all of its modules and faults", () => {
    const entries = [
      { channelId: "7", module: "Deals", faults: ["channel_expiry"] },
      { channelId: "8", faults: ["resource_name"] },
      { channelId: "7", module: "Leads", faults: ["channel_expiry", "notify_url"] },
    ];
    assert.deepEqual(groupUnreadable(entries), [
      { channelId: "7", modules: ["Deals", "Leads"], faults: ["channel_expiry", "notify_url"] },
      { channelId: "8", modules: [], faults: ["resource_name"] },
    ]);
  });

  it("is one for each entry that names no channel", () => {
    const entries = [{ faults: ["channel_id"] }, { module: "Deals", faults: ["channel_id"] }];
    assert.deepEqual(groupUnreadable(entries), [
      { modules: [], faults: ["channel_id"] },
      { modules: ["Deals"], faults: ["channel_id"] },
    ]);
  });
});
