import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { type Server, createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { text as readText } from "node:stream/consumers";
import { networkCertificate } from "./certificates.ts";

export interface TlsFrontOptions {
  /** The address that a client has to know the server by: its answers name this one instead of their own. */
  readonly knownAs?: string;
}

/** What stands in front of a plain server and has the certificate; on a port of 127.0.0.1. */
export interface TlsFront {
  readonly port: number;
  close(): Promise<void>;
}

/** Puts HTTPS in front of the server at `target`, such as `http://127.0.0.1:4000`; WebSockets pass, too. */
export async function startTlsFront(target: string, { knownAs }: TlsFrontOptions = {}): Promise<TlsFront> {
  const { hostname, port } = new URL(target);
  const onwardOptions = ({ method, url, headers }: IncomingMessage): object => ({
    ...{ host: hostname, port, method, path: url },
    headers: { ...headers, host: `${hostname}:${port}` },
  });
  const server: Server = createServer(networkCertificate, (incoming, answer) => {
    const onward = request(onwardOptions(incoming), response => {
      void readText(response).then(text => {
        const body = knownAs === undefined ? text : text.replaceAll(target, knownAs);
        const { "content-length": _length, "transfer-encoding": _encoding, ...headers } = response.headers;
        answer.writeHead(response.statusCode ?? 502, headers).end(body);
      });
    });
    onward.on("error", () => answer.destroy());
    incoming.pipe(onward);
  });
  const sockets = new Set<Socket>();
  server.on("secureConnection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("upgrade", (incoming: IncomingMessage, socket: Socket) => {
    const onward = request(onwardOptions(incoming));
    onward.on("upgrade", (response, peer, head) => {
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headerLines(response.rawHeaders)}\r\n`);
      // What came with the answer, such as the first frame.
      socket.write(head);
      peer.pipe(socket).pipe(peer);
      peer.on("error", () => socket.destroy());
      socket.on("close", () => peer.destroy());
    });
    onward.on("response", response => socket.end(`HTTP/1.1 ${response.statusCode} Refused\r\n\r\n`));
    onward.on("error", () => socket.destroy());
    onward.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function headerLines(raw: readonly string[]): string {
  return raw.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join("");
}
