import { type IncomingMessage, createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";
import type { TestContext } from "node:test";

/** What an ingress answers by itself while it has nobody behind it, to the byte. */
export interface IngressAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** What stands in front of a relay: passes upgrades on while it has a backend, and answers them itself while not. */
export class Ingress {
  readonly url: string;
  /** Upgrades that it answered itself. */
  refused = 0;
  #backend: URL | undefined;
  #answer: IngressAnswer = { status: 502, contentType: "text/html", body: "<html>502 Bad Gateway</html>" };

  private constructor(url: string) {
    this.url = url;
  }

  static async open(test: TestContext): Promise<Ingress> {
    const server = createServer((_request, response) => response.writeHead(404).end());
    const sockets = new Set<Duplex>();
    test.after(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    const ingress = new Ingress(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
      sockets.add(socket.on("error", () => undefined));
      ingress.#onUpgrade(request, socket);
    });
    return ingress;
  }

  /** From now on what comes is passed on to the server at `url`. */
  lead(url: string): void {
    this.#backend = new URL(url);
  }

  /** From now on what comes is answered so. */
  answerItself(answer: IngressAnswer): void {
    this.#backend = undefined;
    this.#answer = answer;
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex): void {
    if (this.#backend === undefined) this.#refuse(socket);
    else this.#pass(request, socket, this.#backend);
  }

  #refuse(socket: Duplex): void {
    const { status, contentType, body } = this.#answer;
    const head = [`HTTP/1.1 ${status} -`, `content-type: ${contentType}`, `content-length: ${body.length}`];
    socket.end([...head, "connection: close", "", body].join("\r\n"));
    this.refused += 1;
  }

  #pass(request: IncomingMessage, socket: Duplex, backend: URL): void {
    const behind = connect(Number(backend.port), backend.hostname);
    const lines = [`${request.method ?? "GET"} ${request.url ?? "/"} HTTP/1.1`];
    for (let at = 0; at < request.rawHeaders.length; at += 2) {
      lines.push(`${request.rawHeaders[at] ?? ""}: ${request.rawHeaders[at + 1] ?? ""}`);
    }
    behind.write([...lines, "", ""].join("\r\n"));
    behind.on("error", () => socket.destroy()).on("close", () => socket.destroy());
    socket.on("close", () => behind.destroy());
    socket.pipe(behind).pipe(socket);
  }
}
