import type { IncomingMessage, ServerResponse } from "node:http";
import { type Socket, connect, isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import { httpLimits } from "../../protocol/relayLimits.ts";
import { type AnswerHead, parseAnswerHead } from "./answerHead.ts";

const headEnd = "\r\n\r\n";

/**
 * One request on its way to the relay, and the answer on its way back. The head is written as it was read, to the byte but
 * for white space around values: a client of Node's own would add headers, refuse some that the relay takes, and may be
 * led through a proxy by the editor.
 */
export class RelayPassage {
  /** Resolves once the relay has nothing more to say; where it said nothing at all, the sender has no answer yet. */
  readonly done: Promise<void>;
  readonly #incoming: IncomingMessage;
  readonly #answer: ServerResponse;
  readonly #relay: Socket;
  /** What came of the answer's head. */
  #text = "";
  #answered = false;
  /** Bytes of the answer's body that are still to come. */
  #left = Infinity;

  constructor(incoming: IncomingMessage, answer: ServerResponse, relay: URL) {
    this.#incoming = incoming;
    this.#answer = answer;
    this.#relay = connectTo(relay);
    this.#relay.setTimeout(httpLimits.idleTimeout, () => this.#relay.destroy());
    this.#relay.on("data", (bytes: Buffer) => this.#onBytes(bytes));
    this.#relay.on("error", () => this.#relay.destroy());
    this.done = new Promise(resolve => {
      this.#relay.once("close", () => {
        this.#end();
        resolve();
      });
    });
    answer.once("close", () => this.#relay.destroy());
    this.#relay.write(headOf(incoming), "latin1");
    this.#passBody();
  }

  #passBody(): void {
    const isChunked = this.#incoming.headers["transfer-encoding"] !== undefined;
    this.#incoming.on("data", (chunk: Buffer) => {
      if (this.#answered) return;
      const hasRoom = isChunked ? this.#writeChunk(chunk) : this.#relay.write(chunk);
      if (!hasRoom) this.#incoming.pause();
    });
    this.#relay.on("drain", () => this.#incoming.resume());
    this.#incoming.once("end", () => {
      if (isChunked && !this.#answered) this.#relay.write(`0${headEnd}`);
    });
    // Without an end the relay is to take it for what it is: half a request.
    this.#incoming.once("error", () => this.#relay.destroy());
  }

  #writeChunk(chunk: Buffer): boolean {
    this.#relay.cork();
    this.#relay.write(`${chunk.byteLength.toString(16)}\r\n`);
    this.#relay.write(chunk);
    const hasRoom = this.#relay.write("\r\n");
    this.#relay.uncork();
    return hasRoom;
  }

  #onBytes(bytes: Buffer): void {
    if (this.#answered) this.#passOn(bytes);
    else {
      this.#text += bytes.toString("latin1");
      this.#readHead();
    }
  }

  #readHead(): void {
    const end = this.#text.indexOf(headEnd);
    if (end === -1) {
      if (this.#text.length > httpLimits.maxHeadBytes) this.#relay.destroy();
      return;
    }
    const head = parseAnswerHead(this.#text.slice(0, end));
    const rest = this.#text.slice(end + headEnd.length);
    if (head === undefined) this.#relay.destroy();
    else if (head.status === 100) this.#goOn(rest);
    else this.#begin(head, Buffer.from(rest, "latin1"));
  }

  /** The sender asked whether to send its body, and is to. */
  #goOn(rest: string): void {
    this.#answer.writeContinue();
    this.#text = rest;
    this.#readHead();
  }

  /** From here on the rest of the body, which the relay does not want, is read only to be rid of it. */
  #begin(head: AnswerHead, rest: Buffer): void {
    this.#answered = true;
    this.#incoming.resume();
    this.#answer.writeHead(head.status, [...head.headers]);
    const hasBody = this.#incoming.method !== "HEAD" && head.status !== 204 && head.status !== 304;
    this.#left = hasBody ? (head.length ?? Infinity) : 0;
    this.#passOn(rest);
  }

  #passOn(bytes: Buffer): void {
    const own = bytes.subarray(0, this.#left);
    this.#left -= own.byteLength;
    if (own.byteLength > 0) this.#answer.write(own);
    if (this.#left === 0) this.#relay.destroy();
  }

  /** An answer of a length that it did not say ends with the connection; any other is not whole then. */
  #end(): void {
    if (!this.#answered) return;
    if (this.#left === 0 || this.#left === Infinity) this.#answer.end();
    else this.#answer.destroy();
  }
}

function headOf({ method = "", url = "", httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    lines.push(`${rawHeaders[index] ?? ""}: ${rawHeaders[index + 1] ?? ""}`);
  }
  return lines.join("\r\n") + headEnd;
}

/** In the clear only where the relay is said to speak so. */
function connectTo({ protocol, hostname, port }: URL): Socket {
  const host = hostname.replace(/^\[|\]$/g, "");
  if (protocol !== "https:") return connect({ host, port: port === "" ? 80 : Number(port) });
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({ host, port: port === "" ? 443 : Number(port), ...servername });
}
