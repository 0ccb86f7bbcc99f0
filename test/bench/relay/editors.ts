import { once } from "node:events";
import { WebSocket } from "ws";
import { relaySubprotocol } from "../../../src/protocol/relayApi.ts";
import type { BenchChannel, ServerUnderTest } from "./serverUnderTest.ts";

const ackEvery = 64;
const connectsAtOnce = 64;
const deliveryDeadline = 30_000;

/** Editors that take events and acknowledge them as the extension does: in batches. Counts over all of them. */
export class Editors {
  readonly #server: ServerUnderTest;
  readonly #sockets: WebSocket[] = [];
  readonly #onEvent: () => void;
  #delivered = 0;
  #awaited: { readonly count: number; readonly reached: () => void } | undefined;

  constructor(server: ServerUnderTest, onEvent: () => void = () => undefined) {
    this.#server = server;
    this.#onEvent = onEvent;
  }

  get count(): number {
    return this.#sockets.length;
  }

  get delivered(): number {
    return this.#delivered;
  }

  /** One editor for each channel. */
  async openAll(channels: readonly BenchChannel[]): Promise<void> {
    const left = channels.values();
    const connect = async (): Promise<void> => {
      for (const channel of left) await this.open(channel);
    };
    await Promise.all(Array.from({ length: connectsAtOnce }, connect));
  }

  async open(channel: BenchChannel): Promise<void> {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#server.port}${channel.streamPath}`, relaySubprotocol, {
      headers: { authorization: `Bearer ${channel.readKey}` },
      perMessageDeflate: false,
    });
    this.#sockets.push(socket);
    let received = 0;
    socket.on("message", (_data, isBinary) => {
      if (!isBinary) return;
      received += 1;
      if (this.#server.kind === "relay" && received % ackEvery === 0) acknowledge(socket, received);
      this.#count();
    });
    await once(socket, "open");
  }

  /** Resolves once so many events came in, in all. */
  async reach(count: number): Promise<void> {
    if (this.#delivered >= count) return;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const late = setTimeout(
      () => reject(new Error(`${this.#delivered} of ${count} events were delivered in time`)),
      deliveryDeadline,
    );
    this.#awaited = { count, reached: () => resolve(undefined) };
    await promise.finally(() => clearTimeout(late));
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate();
    this.#sockets.length = 0;
  }

  #count(): void {
    this.#delivered += 1;
    this.#onEvent();
    if (this.#delivered === this.#awaited?.count) this.#awaited.reached();
  }
}

/** The channels of the benchmarks are new and lose nothing, so the count is the sequence. */
function acknowledge(socket: WebSocket, sequence: number): void {
  socket.send(JSON.stringify({ type: "ack", sequence }));
}
