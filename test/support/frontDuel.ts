import { type IncomingMessage, type RequestListener, type Server, type ServerOptions, createServer } from "node:http";
import { type Server as TlsServer, createServer as createTlsServer } from "node:https";
import { type AddressInfo, type Socket, connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { once } from "node:events";
import { systemClock } from "../../src/base/clock.ts";
import { IngestFront } from "../../src/relay/ingestFront.ts";
import { parseIngestTarget } from "../../src/relay/ingestTarget.ts";
import type { PlainRequest } from "../../src/relay/plainRequest.ts";
import { type WholeAnswer, jsonAnswer, sendWhole } from "../../src/relay/respond.ts";
import type { TestCertificate } from "./testCertificates.ts";

const idleTimeout = 75_000;
const limits = { maxHeadBytes: 4_096, maxHeaders: 32, maxBodyBytes: 2_048, headTimeout: 10_000, idleTimeout };
const options: ServerOptions = {
  maxHeaderSize: limits.maxHeadBytes,
  keepAliveTimeout: idleTimeout,
  shouldUpgradeCallback: () => false,
};
const deadline = 20_000;

/** How often a piece is looked for before the next one is written. */
const mostTurns = 100_000;

/** What a server made of one connection: its answers without their dates, and what it understood, a line each. */
export interface Verdict {
  readonly answers: string;
  readonly understood: readonly string[];
}

/**
 * Two servers that do the same with what they understand, one of them behind the relay's front: they get the same bytes,
 * and every difference is a fault of the front's.
 */
export class FrontDuel {
  /** Requests that the front has taken itself. */
  taken = 0;
  /** Requests that were begun, whatever became of them. */
  sent = 0;
  readonly #servers: readonly (Server | TlsServer)[];
  readonly #understood = new Map<string, string[]>();
  readonly #accepted = new Map<string, Socket>();
  readonly #tls: boolean;

  constructor(certificate?: TestCertificate) {
    this.#tls = certificate !== undefined;
    const [plain, fronted] = [this.#makeServer("0", certificate), this.#makeServer("1", certificate)];
    this.#servers = [plain, fronted];
    this.#servers.forEach((server, index) => {
      server.on("connection", (socket: Socket) => this.#accepted.set(`${index} ${socket.remotePort ?? 0}`, socket));
    });
    new IngestFront(fronted, systemClock, limits, (request, answer, socket) => {
      this.taken += 1;
      answer(this.#take(`1 ${socket.remotePort ?? 0}`, lineOfPlain(request)));
      return true;
    });
  }

  async listen(): Promise<void> {
    await Promise.all(
      this.#servers.map(async server => {
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
      }),
    );
  }

  close(): void {
    for (const server of this.#servers) server.close().closeAllConnections();
  }

  /** Sends the pieces to both, one write each, and ends; gives what node:http made of them, and what the front did. */
  async send(pieces: readonly string[]): Promise<readonly [plain: Verdict, fronted: Verdict]> {
    this.sent += Math.max(1, pieces.join("").split(" HTTP/").length - 1);
    const verdicts = await Promise.all(this.#servers.map(async (_, index) => this.#ask(index, pieces)));
    const [plain, fronted] = verdicts;
    if (plain === undefined || fronted === undefined) throw new Error("There are not two verdicts");
    return [plain, fronted];
  }

  async #ask(index: number, pieces: readonly string[]): Promise<Verdict> {
    const { port } = this.#servers[index]?.address() as AddressInfo;
    const socket = this.#tls
      ? connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false })
      : connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, this.#tls ? "secureConnect" : "connect");
    const name = `${index} ${socket.localPort ?? 0}`;
    const answers = received(socket);
    let sent = 0;
    for (const piece of this.#tls ? [pieces.join("")] : pieces) {
      socket.write(piece, "latin1");
      sent += piece.length;
      // So that both servers read the same at once.
      if (!this.#tls) await this.#untilRead(name, sent);
      // What is written after the end has the system forget the answer that is on its way.
      if (this.#accepted.get(name)?.destroyed === true) break;
    }
    socket.end();
    const text = await answers;
    this.#accepted.delete(name);
    const understood = this.#understood.get(name) ?? [];
    this.#understood.delete(name);
    return { answers: text.replaceAll(/^Date: .*\r\n/gm, ""), understood };
  }

  #makeServer(index: string, certificate: TestCertificate | undefined): Server | TlsServer {
    const answer = this.#listener(index);
    const server = certificate === undefined ? createServer(options) : createTlsServer({ ...options, ...certificate });
    server.maxHeadersCount = 0;
    server.on("request", answer).on("checkContinue", answer);
    const event = certificate === undefined ? "connection" : "secureConnection";
    const listeners = server.listeners(event) as ((socket: Socket) => void)[];
    server.removeAllListeners(event);
    server.on(event, (socket: Socket) => {
      for (const listener of listeners) listener.call(server, socket);
      // node:http reads a socket by itself until somebody listens, too. Bytes that are handed to it come by the other
      // way, on which ticks run at other moments: what comes before garbage in one read is answered on one alone.
      socket.on("data", () => undefined);
    });
    return server;
  }

  /** Resolves once the server has read so many bytes of a connection, or has ended it. */
  async #untilRead(name: string, bytes: number): Promise<void> {
    for (let turn = 0; turn < mostTurns; turn++) {
      const socket = this.#accepted.get(name);
      if (socket !== undefined && (socket.destroyed || socket.bytesRead >= bytes)) return;
      await new Promise(resolve => setImmediate(resolve));
    }
  }

  #listener(index: string): RequestListener {
    return (request, response) => {
      const body: Buffer[] = [];
      request.on("data", (chunk: Buffer) => body.push(chunk));
      request.on("error", () => undefined);
      request.on("end", () => {
        // Garbage behind it has ended the connection: it cannot be answered any more, and counts for nothing.
        if (request.socket.destroyed) return;
        const name = `${index} ${request.socket.remotePort ?? 0}`;
        sendWhole(response, this.#take(name, lineOf(request, Buffer.concat(body))));
      });
    };
  }

  /** Some are refused, as the log may refuse some. */
  #take(name: string, line: string): WholeAnswer {
    const lines = this.#understood.get(name) ?? [];
    this.#understood.set(name, lines);
    lines.push(line);
    const refused = line.includes("refuse");
    return refused ? jsonAnswer(503, { error: "full" }, { "retry-after": "5" }) : jsonAnswer(200, { ok: true });
  }
}

/** Everything that is kept of a request, as text. */
function lineOf({ method, url = "", rawHeaders }: IncomingMessage, body: Buffer): string {
  return JSON.stringify([method, parseIngestTarget(url) ?? url, rawHeaders, body.toString("latin1")]);
}

function lineOfPlain({ target, headers, body }: PlainRequest): string {
  return JSON.stringify(["POST", target, headers.flat(), Buffer.from(body).toString("latin1")]);
}

/** All that comes until the server ends, too. */
async function received(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    socket.setTimeout(deadline, () => socket.destroy(new Error("There was no end to the connection")));
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    // A server that has refused something closes on what it has not read.
    socket.on("error", error => ("code" in error ? undefined : reject(error)));
    socket.on("close", () => resolve(Buffer.concat(chunks).toString("latin1")));
  });
}
