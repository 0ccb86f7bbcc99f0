import "../../support/vscodeMessages/hook.ts";
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { ProblemError } from "../../../src/base/problem.ts";
import { succeed } from "../../../src/base/result.ts";
import type { FormerChannel } from "../../../src/core/tunnel/formerChannels.ts";
import type { FormerAddressCommandsDependencies } from "../../../src/host/relay/formerAddressCommands.ts";
import { presses, told } from "../../support/vscodeMessages/standIn.ts";

const { FormerAddressCommands } = await import("../../../src/host/relay/formerAddressCommands.ts");

const left: FormerChannel = {
  ...{ channel: "abc", relay: "https://relay.example.com", ingestPath: "/in/abc", isDrained: false },
  ...{ daysAway: undefined, isReplaced: false, isGone: false, problem: undefined },
};

/** Of a window with one former address, which is in use again, or not, by the time that it is to be deleted. */
function commands(isStillFormer: boolean): InstanceType<typeof FormerAddressCommands> {
  return new FormerAddressCommands({
    former: { list: () => [left], delete: async () => Promise.resolve(succeed(isStillFormer)) },
    connections: { isLoaded: true, list: () => [] },
  } as unknown as FormerAddressCommandsDependencies);
}

describe("deleting a former address", () => {
  beforeEach(() => {
    told.length = 0;
    presses.add("Delete");
  });

  it("is said to be done once it is", async () => {
    await commands(true).delete(left.channel);
    assert.equal(told.at(-1), "Former address deleted");
  });

  it("is not said to be done where the address was in use again by the time of the answer", async () => {
    await assert.rejects(
      commands(false).delete(left.channel),
      error => error instanceof ProblemError && error.problem.code === "NO_LONGER_FORMER",
    );
    assert.ok(!told.includes("Former address deleted"));
  });
});
