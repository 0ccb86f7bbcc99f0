import { once } from "node:events";
import { type Socket, connect } from "node:net";
import type { BenchChannel } from "./serverUnderTest.ts";

const bodyBytes = 1_200;
const closedEarly = "The server closed a sender's connection";

/** A request to a channel as it goes over the wire, about as large as a notification of Zoho's. */
export function requestTo(channel: BenchChannel): Buffer {
  const notification = JSON.stringify({
    module: "Leads",
    operation: "update",
    channel_id: "1000000068002",
    token: "benchmark",
    ids: ["3652397000000624046"],
    filler: "",
  });
  const body = notification.replace('"filler":""', `"filler":"${"x".repeat(bodyBytes - notification.length)}"`);
  const head = [
    `POST ${channel.ingestPath} HTTP/1.1`,
    "Host: relay.example.com",
    "Content-Type: application/json",
    "Accept: application/json",
    "User-Agent: benchmark",
    `Content-Length: ${body.length}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}

/**
 * Connections that post one request after another. On bare sockets, so that the load costs little beside the server
 * that it measures.
 */
export class Senders {
  readonly #senders: readonly Sender[];
  #turn = 0;

  private constructor(senders: readonly Sender[]) {
    this.#senders = senders;
  }

  static async open(port: number, count: number): Promise<Senders> {
    return new Senders(await Promise.all(Array.from({ length: count }, async () => Sender.open(port))));
  }

  /** Has every sender post as fast as it is answered, to the targets in turn, while `more` says so. */
  async flood(targets: readonly Buffer[], more: () => boolean): Promise<number> {
    let turn = 0;
    const run = async (sender: Sender): Promise<void> => {
      while (more()) await sender.post(targets[turn++ % targets.length] ?? Buffer.alloc(0));
    };
    await Promise.all(this.#senders.map(run));
    return turn;
  }

  /** Posts once, by the sender whose turn it is. */
  async post(target: Buffer): Promise<void> {
    await this.#senders[this.#turn++ % this.#senders.length]?.post(target);
  }

  close(): void {
    for (const sender of this.#senders) sender.close();
  }
}

class Sender {
  readonly #socket: Socket;
  #last = Promise.resolve();
  #closed = false;
  #answered: ReturnType<typeof Promise.withResolvers<undefined>> | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay();
    socket.on("data", answer => this.#hear(answer));
    socket.on("error", error => this.#answered?.reject(error));
    socket.on("close", () => {
      this.#closed = true;
      this.#answered?.reject(new Error(closedEarly));
    });
  }

  static async open(port: number): Promise<Sender> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new Sender(socket);
  }

  /** Waits until the one before was answered. */
  async post(request: Buffer): Promise<void> {
    this.#last = this.#last.then(async () => this.#send(request));
    return this.#last;
  }

  async #send(request: Buffer): Promise<void> {
    if (this.#closed) throw new Error(closedEarly);
    this.#answered = Promise.withResolvers<undefined>();
    this.#socket.write(request);
    await this.#answered.promise;
  }

  close(): void {
    this.#answered = undefined;
    this.#socket.destroy();
  }

  /** Answers are short and come whole. */
  #hear(answer: Buffer): void {
    const text = answer.toString("latin1");
    if (text.startsWith("HTTP/1.1 200 ") && text.endsWith('{"ok":true}')) this.#answered?.resolve(undefined);
    else this.#answered?.reject(new Error(`Not accepted: ${text}`));
  }
}
