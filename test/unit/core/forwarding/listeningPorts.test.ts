import assert from "node:assert/strict";
import { Socket } from "node:net";
import { describe, it } from "node:test";
import { connects, listeningPorts, usualPorts } from "../../../../src/core/forwarding/listeningPorts.ts";

describe("the ports that are offered", () => {
  it("are those where something listens, the most usual first", async () => {
    const listening = new Set<number>([8080, 3000]);
    assert.deepEqual(await listeningPorts(async port => Promise.resolve(listening.has(port))), [3000, 8080]);
  });

  it("are those that take a connection, and none that refuses it or says nothing in time", async () => {
    for (const [ending, listens] of [
      ["connect", true],
      ["timeout", false],
      ["error", false],
    ] as const) {
      const socket = new Socket();
      const answer = connects(socket);
      socket.emit(ending);
      assert.deepEqual([await answer, socket.destroyed], [listens, true]);
    }
  });

  it("are known though nothing listens at most of them", async () => {
    const offered: readonly number[] = await listeningPorts();
    assert.ok(offered.length < usualPorts.length);
  });
});
