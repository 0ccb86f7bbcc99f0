import { once } from "node:events";
import { type Socket, createServer } from "node:net";
import type { TestContext } from "node:test";

/** A request as it stood on the wire. */
export interface RawRequest {
  readonly startLine: string;
  /** Lines as they were sent, in order. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

export interface HandlerServer {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly RawRequest[];
  /** Requests that are not answered yet, and the most there ever were at a time. */
  readonly open: { readonly now: number; readonly most: number };
  /** Resolves when so many requests have come. */
  received(count: number): Promise<void>;
}

/** What to do with a request: what it gives is written as it is; undefined leaves it unanswered. */
export type Respond = (request: RawRequest, socket: Socket) => string | Buffer | undefined | Promise<string>;

/** Listens on a loopback address and takes HTTP requests apart by hand, so that nothing is normalised. Ends with the test. */
export async function startHandler(
  test: TestContext,
  respond: Respond = () => answer(200),
  host = "127.0.0.1",
): Promise<HandlerServer> {
  const requests: RawRequest[] = [];
  const waiting = new Set<() => void>();
  const open = { now: 0, most: 0 };
  const sockets = new Set<Socket>();
  const take = async (request: RawRequest, socket: Socket): Promise<void> => {
    requests.push(request);
    open.now += 1;
    open.most = Math.max(open.most, open.now);
    for (const check of waiting) check();
    const said = await respond(request, socket);
    open.now -= 1;
    if (said !== undefined) socket.end(said);
  };
  const server = createServer(socket => {
    sockets.add(socket);
    let received = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", chunk => {
      received = Buffer.concat([received, chunk]);
      const request = parse(received);
      if (request === undefined) return;
      received = Buffer.alloc(0);
      void take(request, socket);
    });
  });
  server.listen(0, host);
  await once(server, "listening");
  test.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const received = async (count: number): Promise<void> =>
    new Promise(resolve => {
      const check = (): void => {
        if (requests.length < count) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return { url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`, port, requests, open, received };
}

/** A whole answer as it goes over the wire. */
export function answer(status: number, headers: readonly string[] = [], body = ""): string {
  return [`HTTP/1.1 ${status} Whatever`, `Content-Length: ${Buffer.byteLength(body)}`, ...headers, "", body].join(
    "\r\n",
  );
}

function parse(received: Buffer): RawRequest | undefined {
  const end = received.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [startLine = "", ...headers] = received.subarray(0, end).toString("latin1").split("\r\n");
  const length = Number(headers.find(line => /^content-length:/i.test(line))?.split(":")[1] ?? 0);
  const body = received.subarray(end + 4);
  return body.byteLength < length ? undefined : { startLine, headers, body: Buffer.from(body) };
}
