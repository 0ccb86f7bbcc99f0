import assert from "node:assert/strict";
import fc from "fast-check";
import { relayPaths } from "../../src/protocol/relayApi.ts";
import {
  type Abandoned,
  type FramedRequest,
  type Targets,
  abandonedRequests,
  damagedRequests,
  framedRequests,
  hostileFrames,
  upgradeRequest,
} from "./hostileInput.ts";
import { parseAnswers } from "./httpAnswers.ts";
import { RawConnection } from "./rawConnection.ts";
import { RelayReader } from "./relayReader.ts";

const perConnection = 100;
/** What nobody but the reader of the other channel may ever see. */
export const marker = "marker-of-the-other-channel";

/** No limit of the relay's is to stand between the input and what it is meant for. */
export const unlimited = { maxEventsPerSecond: 0, maxBytesPerSecond: 0, maxStreamsPerChannel: 1_000 };
const closing = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/** Some two hundred inputs of several kinds, to be sent at once. */
export interface Batch {
  readonly framed: readonly FramedRequest[];
  readonly damaged: readonly string[];
  readonly frames: readonly (readonly string[])[];
  /** Sent in part, after which the sender is gone without a word. */
  readonly abandoned: readonly Abandoned[];
}

export function batches(targets: Targets): fc.Arbitrary<Batch> {
  const exactly = (length: number): fc.ArrayConstraints => ({ minLength: length, maxLength: length });
  return fc.record({
    framed: fc.array(framedRequests(targets), exactly(perConnection)),
    damaged: fc.array(damagedRequests(targets), exactly(24)),
    frames: fc.array(hostileFrames, exactly(5)),
    abandoned: fc.array(abandonedRequests(targets), exactly(5)),
  });
}

function sizeOf({ framed, damaged, frames, abandoned }: Batch): number {
  return framed.length + damaged.length + abandoned.length + frames.reduce((sum, sequence) => sum + sequence.length, 0);
}

/** Sends batches to one relay and judges what comes back. */
export class Assault {
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
    await Promise.all([
      this.#sendFramed(batch.framed),
      this.#sendUnframed(batch.damaged.map(text => text + closing)),
      this.#sendUnframed(batch.frames.map(frames => upgradeRequest(this.#targets.mine) + frames.join(""))),
      this.#abandon(batch.abandoned),
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

  async #abandon(requests: readonly Abandoned[]): Promise<void> {
    const connections = await Promise.all(requests.map(async () => RawConnection.open(this.#url)));
    for (const [index, connection] of connections.entries()) connection.write(requests[index]?.part ?? "");
    assert.equal((await fetch(this.#url + relayPaths.health)).status, 200);
    for (const [index, { socket }] of connections.entries()) {
      // One that is shutting down already can no more be reset, and would say nothing of its end.
      if (requests[index]?.resets === true && !socket.writableEnded) socket.resetAndDestroy();
      else socket.destroy();
    }
    await Promise.all(connections.map(async connection => connection.closed()));
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

/** The other channel is as it was, and what got a 200 is there. */
export async function assertUntouched(url: string, { mine, other }: Targets, acknowledged: number): Promise<void> {
  const reader = await RelayReader.open(url, other);
  assert.equal((await reader.expect("hello")).newest, 1);
  assert.equal(Buffer.from((await reader.expectRequest()).body).toString(), marker);
  await reader.close();
  const own = await RelayReader.open(url, mine);
  const { newest } = await own.expect("hello");
  assert.ok(newest >= acknowledged, `${acknowledged} got a 200, ${newest} were kept`);
  await own.close();
}
