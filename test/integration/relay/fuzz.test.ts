import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "node:test";
import { relayPaths } from "../../../src/protocol/relayApi.ts";
import {
  type FramedRequest,
  type Targets,
  damagedRequests,
  framedRequests,
  hostileFrames,
  upgradeRequest,
} from "../../support/hostileInput.ts";
import { parseAnswers } from "../../support/httpAnswers.ts";
import { RawConnection } from "../../support/rawConnection.ts";
import { RelayReader } from "../../support/relayReader.ts";
import { createTestChannel, post, startTestRelay } from "../../support/testRelay.ts";

/** The same input each time, unless FUZZ_SEED says otherwise: what is found is found again. */
const seed = Number(process.env["FUZZ_SEED"] ?? 20_260_105);
const wanted = 100_000;
const perConnection = 100;
/** What nobody but the reader of the other channel may ever see. */
const marker = "marker-of-the-other-channel";

const unlimited = { maxEventsPerSecond: 0, maxBytesPerSecond: 0, maxStreamsPerChannel: 1_000 };
const closing = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

interface Batch {
  readonly framed: readonly FramedRequest[];
  readonly damaged: readonly string[];
  readonly frames: readonly (readonly string[])[];
}

function batches(targets: Targets): fc.Arbitrary<Batch> {
  const exactly = (length: number): fc.ArrayConstraints => ({ minLength: length, maxLength: length });
  return fc.record({
    framed: fc.array(framedRequests(targets), exactly(6 * perConnection)),
    damaged: fc.array(damagedRequests(targets), exactly(140)),
    frames: fc.array(hostileFrames, exactly(30)),
  });
}

function sizeOf({ framed, damaged, frames }: Batch): number {
  return framed.length + damaged.length + frames.reduce((sum, sequence) => sum + sequence.length, 0);
}

/** Sends batches to one relay and judges what comes back. */
class Assault {
  readonly #url: string;
  readonly #targets: Targets;
  /** Answers that say an event was kept. */
  acknowledged = 0;
  sent = 0;

  constructor(url: string, targets: Targets) {
    this.#url = url;
    this.#targets = targets;
  }

  async send(batch: Batch): Promise<void> {
    const chunks = Array.from({ length: Math.ceil(batch.framed.length / perConnection) }, (_, index) =>
      batch.framed.slice(index * perConnection, (index + 1) * perConnection),
    );
    await Promise.all([
      ...chunks.map(async chunk => this.#sendFramed(chunk)),
      this.#sendUnframed(batch.damaged.map(text => text + closing)),
      this.#sendUnframed(batch.frames.map(frames => upgradeRequest(this.#targets.mine) + frames.join(""))),
    ]);
    this.sent += sizeOf(batch);
  }

  /** Every request is answered, in order, and with nothing but what is right for it. */
  async #sendFramed(requests: readonly FramedRequest[]): Promise<void> {
    const connection = await RawConnection.open(this.#url);
    connection.write(requests.map(({ text }) => text).join("") + closing);
    await connection.closed();
    const answers = this.#judge(connection.received);
    for (const [index, { allowed, text }] of requests.entries()) {
      const status = answers[index] ?? 0;
      assert.ok(allowed.includes(status), `${status} to ${JSON.stringify(text)}`);
    }
    assert.equal(answers.length, requests.length + 1);
  }

  /** What cannot be told apart may leave the relay waiting for more: that it gets no more is said once it has read. */
  async #sendUnframed(texts: readonly string[]): Promise<void> {
    const connections = await Promise.all(texts.map(async () => RawConnection.open(this.#url)));
    for (const [index, connection] of connections.entries()) connection.write(texts[index] ?? "");
    for (let fence = 0; fence < 3; fence++) assert.equal((await fetch(this.#url + relayPaths.ready)).status, 200);
    await Promise.all(connections.map(async connection => connection.finish()));
    for (const connection of connections) this.#judge(connection.received);
  }

  /** The statuses that came back. */
  #judge(received: string): number[] {
    assert.ok(!received.includes(marker) && !received.includes(this.#targets.other.readKey), "a leak");
    return parseAnswers(received).map(({ status, body }) => {
      if (status === 200) this.#judgeSuccess(body);
      assert.ok(status < 500 || status === 501, `${status} ${body}`);
      return status;
    });
  }

  #judgeSuccess(body: string): void {
    if (body === '{"ok":true}' || body === "") this.acknowledged += 1;
    else
      assert.match(body, new RegExp(`"service":"relay"|^{"ready":true}$|^{"channel":"${this.#targets.mine.channel}"`));
  }
}

describe("hostile input", () => {
  it("breaks nothing, gets no wrong 200 and reaches no other channel", async test => {
    test.diagnostic(`FUZZ_SEED=${seed}`);
    const { url } = await startTestRelay(test, unlimited);
    const targets = { mine: await createTestChannel(url), other: await createTestChannel(url) };
    assert.equal(await post(targets.other.ingestUrl, marker), 200);
    const assault = new Assault(url, targets);
    const numRuns = Math.ceil(wanted / 1_030);
    await fc.assert(
      fc.asyncProperty(batches(targets), async batch => assault.send(batch)),
      { seed, numRuns, endOnFailure: true },
    );
    test.diagnostic(`${assault.sent} requests and frames, ${assault.acknowledged} kept`);
    assert.ok(assault.sent >= wanted, `${assault.sent} sent`);
    await assertUntouched(url, targets, assault.acknowledged);
  });
});

/** The other channel is as it was, and what got a 200 is there. */
async function assertUntouched(url: string, { mine, other }: Targets, acknowledged: number): Promise<void> {
  const reader = await RelayReader.open(url, other);
  assert.equal((await reader.expect("hello")).newest, 1);
  assert.equal(Buffer.from((await reader.expectRequest()).body).toString(), marker);
  await reader.close();
  const own = await RelayReader.open(url, mine);
  const { newest } = await own.expect("hello");
  assert.ok(newest >= acknowledged, `${acknowledged} got a 200, ${newest} were kept`);
  await own.close();
}
