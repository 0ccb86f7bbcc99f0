import { setTimeout as delay } from "node:timers/promises";
import { decodeCapturedRequest } from "../../src/protocol/capturedRequest.ts";
import type { ChannelCreated } from "../../src/protocol/relayApi.ts";
import { RelayReader } from "./relayReader.ts";

/**
 * An editor that keeps reading one channel through whichever node has it: when a stream ends it goes on at the next
 * address, after the last sequence it has. Throws when a sequence is left out without a gap, or comes twice.
 */
export class SteadyReader {
  /** Bodies in the order in which they came. */
  readonly bodies: string[] = [];
  /** Streams that were opened. */
  connections = 0;
  /** Sequences that were announced as gone. */
  missing = 0;
  readonly #urls: readonly string[];
  readonly #created: ChannelCreated;
  readonly #running: Promise<void>;
  #last = 0;
  #reader: RelayReader | undefined;
  #stopped = false;
  #wake: () => void = () => undefined;

  constructor(urls: readonly string[], created: ChannelCreated) {
    this.#urls = urls;
    this.#created = created;
    this.#running = this.#run();
  }

  /** Resolves once everything up to `sequence` has come; rejects with what went wrong before. */
  async until(sequence: number): Promise<void> {
    const reached = async (): Promise<void> => {
      while (this.#last < sequence) await new Promise<void>(resolve => (this.#wake = resolve));
    };
    await Promise.race([reached(), this.#running]);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#reader?.socket.terminate();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let turn = 0; !this.#stopped; turn++) {
      const url = this.#urls[turn % this.#urls.length] ?? "";
      const reader = await RelayReader.open(url, this.#created, this.#last).catch(() => undefined);
      if (reader === undefined) await delay(50);
      else await this.#follow(reader);
    }
  }

  async #follow(reader: RelayReader): Promise<void> {
    this.#reader = reader;
    this.connections += 1;
    const closed = reader.closed();
    for (let frame = await Promise.race([reader.next(), closed]); typeof frame === "object";) {
      this.#take(reader, frame);
      frame = await Promise.race([reader.next(), closed]);
    }
    reader.socket.terminate();
  }

  #take(reader: RelayReader, frame: Awaited<ReturnType<RelayReader["next"]>>): void {
    if (frame.type === "gap") {
      this.missing += frame.to - frame.from + 1;
      this.#last = frame.to;
    } else if (frame.type === "event") {
      if (frame.sequence !== this.#last + 1) throw new Error(`${frame.sequence} came after ${this.#last}`);
      const decoded = decodeCapturedRequest(frame.payload);
      if (!decoded.ok) throw new Error(decoded.error);
      this.bodies.push(Buffer.from(decoded.value.body).toString());
      this.#last = frame.sequence;
      reader.ack(frame.sequence);
    }
    this.#wake();
  }
}
