import { type Server, STATUS_CODES } from "node:http";
import { Server as TlsServer } from "node:https";
import type { Socket } from "node:net";
import { type Clock, second } from "../base/clock.ts";
import { type PlainRequest, type PlainRequestLimits, parsePlainRequest } from "./plainRequest.ts";
import type { WholeAnswer } from "./respond.ts";

/** Takes a request and answers it once; false when node:http is to have it. */
export type TakePlainRequest = (
  request: PlainRequest,
  answer: (answer: WholeAnswer) => void,
  socket: Socket,
) => boolean;

export interface IngestFrontOptions extends PlainRequestLimits {
  /** For the first request of a connection, and for a connection between two requests. Milliseconds. */
  readonly headTimeout: number;
  readonly idleTimeout: number;
}

/** By how much node:http lets a connection live longer than it says, so that no request meets its end. */
const idleGrace = second;
const timeoutAnswer = answerHead(408, {}, "Connection: close\r\n");

/**
 * Stands between the socket and node:http, which costs twice what the relay itself does: plain requests to an ingest
 * address that come whole are read and answered here. With the first bytes that are anything else, the connection is
 * node:http's, which sees them as if it had been there from the start.
 */
export class IngestFront {
  readonly options: IngestFrontOptions;
  readonly take: TakePlainRequest;
  readonly #clock: Clock;
  readonly #toHttp: (socket: Socket) => void;
  readonly #connections = new Set<FrontConnection>();
  #draining = false;
  #dated = { at: NaN, text: "" };

  /** Takes the place of node:http's own listener of `server`, before anybody else listens. */
  constructor(server: Server | TlsServer, clock: Clock, options: IngestFrontOptions, take: TakePlainRequest) {
    this.options = options;
    this.take = take;
    this.#clock = clock;
    const event = server instanceof TlsServer ? "secureConnection" : "connection";
    const [listener] = server.listeners(event) as ((socket: Socket) => void)[];
    if (listener === undefined) throw new Error("node:http does not listen for connections");
    this.#toHttp = socket => listener.call(server, socket);
    server.off(event, listener);
    server.on(event, (socket: Socket) => this.#connections.add(new FrontConnection(socket, this)));
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  /** Ends connections that wait for their next request; those whose request is under way end with its answer. */
  drain(): void {
    this.#draining = true;
    for (const connection of this.#connections) connection.leave();
  }

  /** Ends all that are left. */
  close(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  forget(connection: FrontConnection): void {
    this.#connections.delete(connection);
  }

  /** From now on the connection is node:http's; `bytes` were read from it and nothing has come of them. */
  handOver(connection: FrontConnection, socket: Socket, bytes: Buffer): void {
    this.#connections.delete(connection);
    this.#toHttp(socket);
    socket.emit("data", bytes);
  }

  /** The answer with what node:http adds to every one. False when the socket holds as much as it should. */
  write(socket: Socket, { status, headers, body }: WholeAnswer): boolean {
    const keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(this.options.idleTimeout / second)}\r\n`;
    const connection = this.#draining ? "Connection: close\r\n" : keepAlive;
    return socket.write(`${answerHead(status, headers, `${this.#date()}${connection}`)}${body}`, "latin1");
  }

  /** Made once a second. */
  #date(): string {
    const at = Math.floor(this.#clock.now() / second);
    if (at !== this.#dated.at) this.#dated = { at, text: `Date: ${new Date(at * second).toUTCString()}\r\n` };
    return this.#dated.text;
  }
}

function answerHead(status: number, headers: WholeAnswer["headers"], more: string): string {
  let lines = "";
  for (const [name, value] of Object.entries(headers)) lines += `${name}: ${String(value)}\r\n`;
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines}${more}\r\n`;
}

/** A connection that has sent nothing but plain requests so far. One is under way at a time, as its sender waits. */
class FrontConnection {
  readonly #socket: Socket;
  readonly #front: IngestFront;
  #busy = false;
  #used = false;
  /** Whether its peer takes no answers. */
  #isStuck = false;
  /** What came while a request was under way. Nothing more is read then, so it is one piece. */
  #next: Buffer | undefined;

  constructor(socket: Socket, front: IngestFront) {
    this.#socket = socket;
    this.#front = front;
    socket.on("data", this.#onData).on("end", this.#onEnd).on("error", this.destroy).on("close", this.#onClose);
    socket.setTimeout(front.options.headTimeout, this.#onTimeout);
  }

  readonly destroy = (): void => {
    this.#socket.destroy();
  };

  /** As a server that accepts nothing new any more. */
  leave(): void {
    // One that has yet to send its first request may have it under way.
    if (this.#used && !this.#busy) this.#socket.destroy();
  }

  readonly #onData = (bytes: Buffer): void => {
    if (this.#busy) {
      this.#next = bytes;
      this.#socket.pause();
      return;
    }
    const request = this.#front.isDraining ? undefined : parsePlainRequest(bytes, this.#front.options);
    this.#busy = true;
    if (request === undefined || !this.#front.take(request, this.#onAnswer, this.#socket)) this.#handOver(bytes);
  };

  readonly #onAnswer = (answer: WholeAnswer): void => {
    const socket = this.#socket;
    const hasRoom = !socket.writable || this.#front.write(socket, answer);
    if (this.#front.isDraining) socket.destroySoon();
    if (!this.#used) socket.setTimeout(this.#front.options.idleTimeout + idleGrace);
    this.#used = true;
    if (hasRoom) this.#goOn();
    // Whoever reads no answers gets no further; the idle time ends it.
    else socket.once("drain", this.#goOn);
    this.#isStuck = !hasRoom;
  };

  readonly #goOn = (): void => {
    const [socket, next] = [this.#socket, this.#next];
    this.#busy = false;
    this.#isStuck = false;
    if (next === undefined) return;
    this.#next = undefined;
    socket.resume();
    this.#onData(next);
  };

  readonly #onEnd = (): void => {
    this.#socket.end();
  };

  readonly #onTimeout = (): void => {
    if (this.#busy && !this.#isStuck) return;
    if (!this.#used) this.#socket.write(timeoutAnswer, "latin1");
    this.#socket.destroy();
  };

  readonly #onClose = (): void => {
    this.#front.forget(this);
  };

  #handOver(bytes: Buffer): void {
    const socket = this.#socket;
    socket.off("data", this.#onData).off("end", this.#onEnd).off("error", this.destroy).off("close", this.#onClose);
    socket.setTimeout(0, this.#onTimeout);
    this.#front.handOver(this, socket, bytes);
  }
}
