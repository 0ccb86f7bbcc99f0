import { type Socket, connect } from "node:net";

/** A TCP connection on which a test writes what it likes, in parts, and sees all that comes back. */
export class RawConnection {
  readonly socket: Socket;
  readonly #chunks: Buffer[] = [];
  readonly #closed: Promise<void>;
  #arrived: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#tell();
    });
    // A reset is an end like any other here.
    socket.on("error", () => undefined);
    this.#closed = new Promise(resolve => {
      socket.once("close", () => {
        resolve();
        this.#tell();
      });
    });
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const connection = new RawConnection(socket);
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return connection;
  }

  /** What has come back so far, a byte to a character. */
  get received(): string {
    return Buffer.concat(this.#chunks).toString("latin1");
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  /** Resolves once `text` has come back; rejects when the connection closes without it. */
  async until(text: string): Promise<void> {
    while (!this.received.includes(text)) {
      if (this.socket.closed) throw new Error(`closed without ${JSON.stringify(text)}: ${this.received}`);
      await new Promise<void>(resolve => this.#arrived.push(resolve));
    }
  }

  /** Resolves when the other side, or this one, has closed. */
  async closed(): Promise<void> {
    await this.#closed;
  }

  /** Says that nothing more comes, and waits for the other side to close. */
  async finish(): Promise<void> {
    this.socket.end();
    await this.#closed;
  }

  async destroy(): Promise<void> {
    this.socket.destroy();
    await this.#closed;
  }

  #tell(): void {
    const arrived = this.#arrived;
    this.#arrived = [];
    for (const resolve of arrived) resolve();
  }
}
