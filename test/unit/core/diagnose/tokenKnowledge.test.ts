import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { tokenKnowledge } from "../../../../src/core/diagnose/tokenKnowledge.ts";
import { TokenBook } from "../../../../src/core/events/tokenBook.ts";
import { capturedPost, notificationBody } from "../../../support/eventBodies.ts";
import { PlayedDeliveries } from "../recovery/playedDeliveries.ts";

describe("what Diagnose knows of a channel's last delivery", () => {
  const lastOf = (token: string): [string | undefined, PlayedDeliveries] => {
    const tokenBook = new TokenBook();
    tokenBook.learn("1", "of the channel");
    const history = new PlayedDeliveries();
    history.add({ receivedAt: 1, payload: capturedPost(notificationBody({ channel_id: "1", token })) });
    const knowledge = tokenKnowledge({ ownership: { get: () => undefined }, tokenBook, history });
    return [knowledge.lastDelivery("1"), history];
  };

  it("is whether it carried the channel's token", () => {
    assert.equal(lastOf("of the channel")[0], "verified");
    assert.equal(lastOf("guessed")[0], "mismatch");
  });

  it("is asked of what was delivered, not of what was made on this machine", () => {
    assert.deepEqual(lastOf("guessed")[1].filters, [
      [
        { key: "channel", values: ["1"], negated: false },
        { key: "source", values: ["delivered"], negated: false },
      ],
    ]);
  });
});
