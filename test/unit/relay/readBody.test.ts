import assert from "node:assert/strict";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, it } from "node:test";
import { MemoryBudget } from "../../../src/relay/memoryBudget.ts";
import { readBody } from "../../../src/relay/readBody.ts";

function incoming(): IncomingMessage {
  return new IncomingMessage(new Socket());
}

/** Resolves when what was pushed has been read. */
async function settle(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve));
}

describe("bodies under way", () => {
  it("count against one budget from their first byte on; who finds it spent gets no room and holds nothing", async () => {
    const budget = new MemoryBudget(100);
    const [one, other] = [incoming(), incoming()];
    const [oneHeld, otherHeld] = [budget.hold(), budget.hold()];
    const oneRead = readBody(one, 1_000, oneHeld);
    const otherRead = readBody(other, 1_000, otherHeld);
    one.push("x".repeat(80));
    await settle();
    assert.equal(budget.held, 80);
    other.push("y".repeat(30));
    await settle();
    assert.equal(budget.held, 80);
    other.push("y".repeat(10));
    other.push(null);
    assert.deepEqual(await otherRead, { ok: false, error: "no-room" });
    one.push("x");
    one.push(null);
    const body = await oneRead;
    assert.ok(body.ok && body.value.byteLength === 81);
    oneHeld.release();
    otherHeld.release();
    assert.equal(budget.held, 0);
  });

  it("above their own limit hold nothing either", async () => {
    const budget = new MemoryBudget(100);
    const request = incoming();
    const read = readBody(request, 50, budget.hold());
    request.push("x".repeat(40));
    await settle();
    assert.equal(budget.held, 40);
    request.push("x".repeat(40));
    await settle();
    assert.equal(budget.held, 0);
    request.push(null);
    assert.deepEqual(await read, { ok: false, error: "too-large" });
  });

  it("that break off are incomplete", async () => {
    const request = incoming();
    const read = readBody(request, 50, new MemoryBudget(100).hold());
    request.push("x");
    request.destroy();
    assert.deepEqual(await read, { ok: false, error: "incomplete" });
  });
});
