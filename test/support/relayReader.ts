import { once } from "node:events";
import { WebSocket } from "ws";
import { type CapturedRequest, decodeCapturedRequest } from "../../src/protocol/capturedRequest.ts";
import { type ChannelCreated, relayPaths, relaySubprotocol } from "../../src/protocol/relayApi.ts";
import { type EventFrame, type RelayFrame, decodeEventFrame, parseRelayFrame } from "../../src/protocol/relayFrames.ts";

export type ReceivedFrame = RelayFrame | ({ readonly type: "event" } & EventFrame);

/** An editor's end of a stream that does nothing by itself: the test reads frames and says what to acknowledge. */
export class RelayReader {
  readonly socket: WebSocket;
  readonly frames: ReceivedFrame[] = [];
  readonly #closed: Promise<number>;
  #waiting: (() => void)[] = [];
  #taken = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data, isBinary) => this.#receive(data, isBinary));
    this.#closed = new Promise(resolve => socket.once("close", code => resolve(code)));
  }

  static async open(url: string, { channel, readKey }: ChannelCreated, after?: number): Promise<RelayReader> {
    const query = after === undefined ? "" : `?after=${after}`;
    const socket = new WebSocket(
      `${url.replace("http", "ws")}${relayPaths.stream(channel)}${query}`,
      relaySubprotocol,
      {
        headers: { authorization: `Bearer ${readKey}` },
        perMessageDeflate: false,
      },
    );
    const reader = new RelayReader(socket);
    await once(socket, "open");
    return reader;
  }

  /** The next frame, in order of arrival. */
  async next(): Promise<ReceivedFrame> {
    while (this.#taken >= this.frames.length) await new Promise<void>(resolve => this.#waiting.push(resolve));
    const frame = this.frames[this.#taken];
    if (frame === undefined) throw new Error("unreachable");
    this.#taken += 1;
    return frame;
  }

  /** The next frame, which has to be of this type. */
  async expect<T extends ReceivedFrame["type"]>(type: T): Promise<Extract<ReceivedFrame, { type: T }>> {
    const frame = await this.next();
    if (!isOfType(frame, type)) throw new Error(`expected ${type}, got ${JSON.stringify(frame)}`);
    return frame;
  }

  /** The next frame as the request that its event carries. */
  async expectRequest(): Promise<CapturedRequest> {
    const decoded = decodeCapturedRequest((await this.expect("event")).payload);
    if (!decoded.ok) throw new Error(decoded.error);
    return decoded.value;
  }

  ack(sequence: number): void {
    this.socket.send(JSON.stringify({ type: "ack", sequence }));
  }

  /** Resolves with the close code. */
  async closed(): Promise<number> {
    return this.#closed;
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.#closed;
  }

  #receive(data: unknown, isBinary: boolean): void {
    if (!(data instanceof Buffer)) throw new Error("unexpected kind of message");
    this.frames.push(isBinary ? parseEvent(data) : parseControl(data.toString()));
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function isOfType<T extends ReceivedFrame["type"]>(
  frame: ReceivedFrame,
  type: T,
): frame is Extract<ReceivedFrame, { type: T }> {
  return frame.type === type;
}

function parseEvent(data: Buffer): ReceivedFrame {
  const frame = decodeEventFrame(data);
  if (!frame.ok) throw new Error(frame.error);
  return { type: "event", ...frame.value };
}

function parseControl(text: string): ReceivedFrame {
  const frame = parseRelayFrame(text);
  if (!frame.ok) throw new Error(frame.error);
  return frame.value;
}
