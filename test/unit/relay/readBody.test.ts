import assert from "node:assert/strict";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, it } from "node:test";
import { MemoryBudget } from "../../../src/relay/memoryBudget.ts";
import { readBody } from "../../../src/relay/readBody.ts";

function incoming(length?: number): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  if (length !== undefined) message.headers["content-length"] = String(length);
  return message;
}

/** Resolves when what was pushed has been read. */
async function settle(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve));
}

describe("bodies under way", () => {
  it("count against one budget from their first byte on; who finds it spent gets no room and holds nothing", async () => {
    const budget = new MemoryBudget(10_000);
    const [one, other] = [incoming(4_000), incoming(9_000)];
    const [oneHeld, otherHeld] = [budget.hold(), budget.hold()];
    const oneRead = readBody(one, 10_000, oneHeld);
    const otherRead = readBody(other, 10_000, otherHeld);
    one.push("x".repeat(3_000));
    await settle();
    assert.equal(budget.held, 3_000);
    other.push("y".repeat(8_000));
    await settle();
    assert.equal(budget.held, 3_000);
    other.push("y".repeat(1_000));
    other.push(null);
    assert.deepEqual(await otherRead, { ok: false, error: "no-room" });
    one.push("x".repeat(1_000));
    one.push(null);
    const body = await oneRead;
    assert.ok(body.ok && body.value.byteLength === 4_000);
    assert.equal(budget.held, 4_000);
    oneHeld.release();
    otherHeld.release();
    assert.equal(budget.held, 0);
  });

  it("above their own limit hold nothing either", async () => {
    const budget = new MemoryBudget(10_000);
    const request = incoming();
    const read = readBody(request, 50, budget.hold());
    request.push("x".repeat(40));
    await settle();
    assert.equal(budget.held, 50);
    request.push("x".repeat(40));
    await settle();
    assert.equal(budget.held, 0);
    request.push(null);
    assert.deepEqual(await read, { ok: false, error: "too-large" });
  });

  it("that come whole are taken as they are, without a copy", async () => {
    const request = incoming(5);
    const read = readBody(request, 50, new MemoryBudget(100).hold());
    const chunk = Buffer.from("whole");
    request.push(chunk);
    request.push(null);
    const body = await read;
    assert.ok(body.ok && body.value.buffer === chunk.buffer);
  });

  it("that are dribbled are one run of bytes, and count what that takes, whatever was announced", async () => {
    const budget = new MemoryBudget(1_000_000);
    const held = budget.hold();
    for (const length of [undefined, 30_000, 1_000_000]) {
      const request = incoming(length);
      const read = readBody(request, 100_000, held);
      for (let index = 0; index < 30_000; index++) request.push(Buffer.from([index % 251]));
      request.push(null);
      const body = await read;
      assert.ok(body.ok);
      assert.deepEqual(
        [...body.value],
        Array.from({ length: 30_000 }, (_, index) => index % 251),
      );
      assert.equal(budget.held, body.value.buffer.byteLength);
      assert.ok(budget.held <= 32_768, `${budget.held}`);
      held.release();
    }
  });

  it("that break off are incomplete", async () => {
    const request = incoming();
    const read = readBody(request, 50, new MemoryBudget(100).hold());
    request.push("x");
    request.destroy();
    assert.deepEqual(await read, { ok: false, error: "incomplete" });
  });
});
