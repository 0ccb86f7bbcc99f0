import { type IncomingMessage, createServer, request } from "node:http";
import { type AddressInfo, type Socket, connect } from "node:net";
import type { TestContext } from "node:test";

/** What becomes of a request once it has got this far; `lost`: the relay does it, and its answer comes nowhere. */
export type Passage = "answered" | "lost";

/**
 * Stands before the relay at `relayUrl` and lets a test do something before a request goes on, there or to another address.
 * Streams go to the relay that `streamsTo` gives. Gives its own address.
 */
export async function startRelayFront(
  test: TestContext,
  relayUrl: string,
  before: (
    method: string,
    path: string,
  ) => Promise<{ readonly path: string; readonly passage: Passage; readonly to?: string }>,
  streamsTo: () => string = () => relayUrl,
): Promise<string> {
  const server = createServer((incoming, response) => {
    const { method = "", url = "", headers } = incoming;
    void before(method, url).then(({ path, passage, to = relayUrl }) => {
      const { hostname, port } = new URL(to);
      const outgoing = request({ host: hostname, port, path, method, headers }, answer => {
        if (passage === "lost") response.destroy();
        else answer.pipe(response.writeHead(answer.statusCode ?? 0, answer.headers));
      });
      incoming.pipe(outgoing.on("error", () => response.destroy()));
    });
  });
  server.on("upgrade", (incoming: IncomingMessage, socket: Socket) => {
    const to = new URL(streamsTo());
    const outgoing = connect(Number(to.port), to.hostname);
    const lines = Object.entries(incoming.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    outgoing.write(`GET ${incoming.url ?? ""} HTTP/1.1\r\n${lines.join("")}\r\n`);
    join(socket, outgoing);
    join(outgoing, socket);
  });
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function join(from: Socket, to: Socket): void {
  from.on("error", () => to.destroy()).on("close", () => to.destroy());
  from.pipe(to);
}
