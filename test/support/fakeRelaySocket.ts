import type { RelayFrame } from "../../src/protocol/relayFrames.ts";
import { encodeEventFrame } from "../../src/protocol/relayFrames.ts";
import type {
  OpenRelaySocket,
  RelaySocket,
  RelaySocketListener,
  RelaySocketRequest,
  SocketEnding,
} from "../../src/core/relay/relaySocket.ts";

/** A relay's end of a socket, in the hands of a test. */
export class FakeRelaySocket implements RelaySocket {
  readonly request: RelaySocketRequest;
  readonly acks: unknown[] = [];
  pings = 0;
  terminated = false;
  isPaused = false;
  readonly #listener: RelaySocketListener;

  constructor(request: RelaySocketRequest, listener: RelaySocketListener) {
    this.request = request;
    this.#listener = listener;
  }

  sendText(text: string): void {
    this.acks.push(JSON.parse(text));
  }

  ping(): void {
    this.pings += 1;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  terminate(): void {
    this.terminated = true;
  }

  say(frame: RelayFrame | { readonly type: string }): void {
    this.#listener.text(JSON.stringify(frame));
  }

  sayText(text: string): void {
    this.#listener.text(text);
  }

  sayBytes(bytes: Uint8Array): void {
    this.#listener.binary(bytes);
  }

  event(sequence: number, scheme = 0, length = 1): void {
    const payload = new Uint8Array(length);
    payload[0] = sequence;
    this.#listener.binary(encodeEventFrame({ sequence, receivedAt: 1_000 + sequence, scheme, payload }));
  }

  answerPing(): void {
    this.#listener.heard();
  }

  end(ending: SocketEnding): void {
    this.#listener.ended(ending);
  }
}

/** Opens fake sockets and keeps them for the test. */
export class FakeRelaySockets {
  readonly opened: FakeRelaySocket[] = [];

  readonly open: OpenRelaySocket = (request, listener) => {
    const socket = new FakeRelaySocket(request, listener);
    this.opened.push(socket);
    return socket;
  };

  /** The one opened last. */
  get last(): FakeRelaySocket {
    const socket = this.opened.at(-1);
    if (socket === undefined) throw new Error("no socket was opened");
    return socket;
  }
}
