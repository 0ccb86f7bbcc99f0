import { once } from "node:events";
import { type IncomingMessage, type Server, createServer, request } from "node:http";
import { type AddressInfo, type Socket, connect } from "node:net";

export interface ConnectProxy {
  /** With the user and the password, as people write it into `http.proxy`. */
  readonly url: string;
  /** Without them. */
  readonly origin: string;
  /** What was asked for so far, as host and port. */
  readonly asked: string[];
  close(): Promise<void>;
}

/**
 * The proxy of a company's network: the only way to names that nobody else knows. `portOf` gives the port on 127.0.0.1
 * that a name stands for; for undefined the proxy answers 502. With `credentials`, as a URL has them ("user:password"), it
 * lets only those through that say them.
 */
export async function startConnectProxy(
  portOf: (host: string) => number | undefined,
  credentials?: string,
): Promise<ConnectProxy> {
  const asked: string[] = [];
  const mayPass = ({ headers }: IncomingMessage): boolean =>
    credentials === undefined || headers["proxy-authorization"] === basic(credentials);
  const server: Server = createServer((incoming, answer) => {
    if (!mayPass(incoming)) {
      answer.writeHead(407, { "proxy-authenticate": 'Basic realm="company"' }).end();
      return;
    }
    // Plain HTTP comes with the whole address.
    const target = new URL(incoming.url ?? "", "http://unknown");
    asked.push(target.host);
    const port = portOf(target.hostname);
    if (port === undefined) {
      answer.writeHead(502).end();
      return;
    }
    const path = target.pathname + target.search;
    const onward = request({ host: "127.0.0.1", port, path, method: incoming.method, headers: incoming.headers });
    onward.on("response", response => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    incoming.pipe(onward);
  });
  server.on("connect", (incoming, socket, head) => {
    if (!mayPass(incoming)) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="company"\r\n\r\n');
      return;
    }
    asked.push(incoming.url ?? "");
    const port = portOf((incoming.url ?? "").split(":")[0] ?? "");
    if (port === undefined) {
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
      return;
    }
    const onward = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on("error", () => socket.destroy());
    socket.on("error", () => onward.destroy());
    socket.on("close", () => onward.destroy());
  });
  const sockets = new Set<Socket>();
  server.on("connection", socket => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: credentials === undefined ? `http://127.0.0.1:${port}` : `http://${credentials}@127.0.0.1:${port}`,
    origin: `http://127.0.0.1:${port}`,
    asked,
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      // Tunnels are no connections of the HTTP server's any more.
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function basic(credentials: string): string {
  return `Basic ${Buffer.from(decodeURIComponent(credentials)).toString("base64")}`;
}
