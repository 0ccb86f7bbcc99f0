import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";
import type { TestContext } from "node:test";

/** A stretch of network between a client and a server that a test can cut, as a pulled cable does: nobody is told. */
export class CuttableLink {
  readonly #server: Server;
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  /** Connections that were made over this link. */
  connections = 0;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer(socket => this.#join(socket));
  }

  static async open(test: TestContext, target: string): Promise<CuttableLink> {
    const link = new CuttableLink(target);
    test.after(() => link.#close());
    await new Promise<void>(resolve => link.#server.listen(0, "127.0.0.1", resolve));
    return link;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on nothing passes over the connections there are, and neither end is told; new ones are as always. */
  cut(): void {
    for (const socket of this.#sockets) {
      socket.removeAllListeners("data").removeAllListeners("end").removeAllListeners("close");
      socket.resume();
    }
  }

  #join(client: Socket): void {
    this.connections += 1;
    const server = connect(Number(this.#target.port), this.#target.hostname);
    this.#pass(client, server);
    this.#pass(server, client);
  }

  #pass(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on("error", () => undefined);
    from.on("data", chunk => to.write(chunk));
    from.on("end", () => to.end());
    from.on("close", () => to.destroy());
  }

  #close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
