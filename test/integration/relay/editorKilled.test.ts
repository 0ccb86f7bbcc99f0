import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { EventHistory } from "../../../src/core/history/eventHistory.ts";
import { createRelayChannel } from "../../../src/core/relay/relayChannel.ts";
import { decodeCapturedRequest } from "../../../src/protocol/capturedRequest.ts";
import type { EditorTask } from "../../support/editorProcess.ts";
import { Senders } from "../../support/senders.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { startTestRelay } from "../../support/testRelay.ts";

const program = fileURLToPath(new URL("../../support/editorProcess.ts", import.meta.url));
const kills = 10;
const storedBetween = 60;
const senderCount = 8;

/** Runs an editor until it has stored up to `sequence`; killed then unless it `lives`. The newest sequence it told of. */
async function runEditor(test: TestContext, task: EditorTask, sequence: number): Promise<number> {
  const editor = fork(program, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const exited = once(editor, "exit");
  test.after(() => editor.kill("SIGKILL"));
  let stored = 0;
  const reached = new Promise<void>(resolve => {
    editor.on("message", message => {
      stored = Number(message);
      if (stored >= sequence) resolve();
    });
  });
  editor.send(task);
  await Promise.race([reached, exited.then(() => assert.fail("the editor ended by itself"))]);
  editor.kill("SIGKILL");
  await exited;
  return stored;
}

/** What a history holds, oldest first. */
function bodiesIn(historyFile: string): { readonly sequences: number[]; readonly bodies: string[] } {
  const history = EventHistory.open(historyFile, { clock: systemClock, logger: silentLogger });
  const [sequences, bodies]: [number[], string[]] = [[], []];
  for (const event of history.select().page(0, history.count())) {
    assert.equal(event.kind, "request");
    const decoded = decodeCapturedRequest(event.payload);
    assert.ok(decoded.ok);
    sequences.push(event.sequence);
    bodies.push(Buffer.from(decoded.value.body).toString());
  }
  history.dispose();
  return { sequences, bodies };
}

describe("an editor that is killed in the middle of its stream, again and again, under load", () => {
  it("has in the end every event that got a 200, once and in order, and nothing else", async test => {
    const relay = await startTestRelay(test, { maxEventsPerSecond: 0, maxStreamsPerChannel: 2 });
    const created = await createRelayChannel(relay.url);
    assert.ok(created.ok);
    const task = { channel: created.value, historyFile: join(temporaryFolder(test), "events.sqlite") };
    const senders = new Senders([relay.url], created.value.channel, senderCount);
    let reached = 0;
    for (let round = 0; round < kills; round++) reached = await runEditor(test, task, reached + storedBetween);
    await senders.stop();
    await runEditor(test, task, senders.accepted.size);
    const { sequences, bodies } = bodiesIn(task.historyFile);
    assert.deepEqual(
      sequences,
      Array.from({ length: senders.accepted.size }, (_, index) => index + 1),
    );
    assert.deepEqual(new Set(bodies), senders.accepted);
    assert.equal(bodies.length, senders.accepted.size);
    assert.deepEqual([...senders.refused], []);
    test.diagnostic(`${bodies.length} events accepted, each stored once, through ${kills} kills of the editor`);
  });
});
