import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { describe, it } from "node:test";
import { utf8Encode } from "../../../../src/base/bytes.ts";
import { Redaction } from "../../../../src/core/events/redaction.ts";
import type { StoredEvent } from "../../../../src/core/events/storedEvent.ts";
import { type ExportOptions, exportHar, exportLines } from "../../../../src/core/exchange/exportEvents.ts";
import { capturedPost } from "../../../support/eventBodies.ts";
import { aStoredRequest } from "../events/aStoredEvent.ts";

const records = Array.from({ length: 40_000 }, (_, id) => ({ id, name: `It's ${id}`, note: "a few words\nhere" }));
const large = aStoredRequest(
  "",
  {},
  { payload: capturedPost(utf8Encode(JSON.stringify({ records, token: "S3CRET" }))) },
);

function optionsFor(events: readonly StoredEvent[], limits: number[] = []): ExportOptions {
  const page = (offset: number, limit: number): readonly StoredEvent[] => {
    limits.push(limit);
    return events.slice(offset, offset + limit);
  };
  return { list: { count: events.length, page }, attemptsOf: () => [], redaction: new Redaction([]) };
}

/** How often others had their turn before the second piece, the first of which is the head, and what that piece is. */
async function turnsBefore(
  pieces: AsyncGenerator<string>,
): Promise<{ readonly turns: number; readonly piece: string }> {
  await pieces.next();
  let [turns, isDone] = [0, false];
  const others = async (): Promise<void> => {
    for (; !isDone; turns++) await setImmediate();
  };
  const counting = others();
  const piece = await pieces.next();
  isDone = true;
  await counting;
  return { turns, piece: String(piece.value) };
}

describe("an export", () => {
  it("lets others have their turn while it leaves the secrets out of one large event", async () => {
    for (const pieces of [
      exportLines(optionsFor([large]), 0),
      exportHar(optionsFor([large]), "1", "http://localhost:3000/"),
    ]) {
      const { turns, piece } = await turnsBefore(pieces);
      assert.ok(turns > 1, String(turns));
      assert.ok(piece.includes("It's 39999") && !piece.includes("S3CRET"));
    }
  });

  it("reads fewer events at once where they are large, and every event once", async () => {
    const small = aStoredRequest('{"a":1}', {});
    const limits: number[] = [];
    let lines = 0;
    for await (const piece of exportLines(
      optionsFor([...Array.from({ length: 12 }, () => small), large, large, small], limits),
      0,
    ))
      lines += piece.split("\n").length - 1;
    assert.equal(lines, 16);
    assert.deepEqual(limits, [10, 100]);
    const after: number[] = [];
    for await (const _piece of exportLines(optionsFor([large, ...Array.from({ length: 12 }, () => small)], after), 0));
    assert.equal(after[0], 10);
    assert.ok((after[1] ?? 0) < 10, after.join());
  });
});
