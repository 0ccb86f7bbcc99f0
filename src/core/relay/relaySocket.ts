import type { IncomingMessage } from "node:http";
import type { WebSocket } from "ws";
import { unreachedProxy } from "../../zoho/proxyFailure.ts";
import { type UpgradeAnswer, readUpgradeAnswer } from "./upgradeAnswer.ts";

/** How a socket ended: the upgrade was answered with something else, it was closed with a code, or it broke. */
export type SocketEnding =
  | { readonly kind: "answered"; readonly answer: UpgradeAnswer }
  | { readonly kind: "closed"; readonly code: number }
  | {
      readonly kind: "failed";
      readonly cause: string;
      /** What could not be reached, where it is not the relay itself but a proxy before it. */
      readonly proxy?: string | undefined;
    };

/** What a socket tells its user. `ended` is the last call and comes once. */
export interface RelaySocketListener {
  text(text: string): void;
  binary(bytes: Uint8Array): void;
  /** The peer pinged, or answered a ping. */
  heard(): void;
  ended(ending: SocketEnding): void;
}

export interface RelaySocketRequest {
  readonly url: string;
  readonly protocol: string;
  readonly bearer: string;
}

/** A WebSocket as the stream needs it. Calls after its end do nothing. */
export interface RelaySocket {
  sendText(text: string): void;
  ping(): void;
  /** Nothing more is read, and heard, until {@link resume}. */
  pause(): void;
  resume(): void;
  /** Ends the connection at once. Nothing is heard of it afterwards but `ended`. */
  terminate(): void;
}

export type OpenRelaySocket = (request: RelaySocketRequest, listener: RelaySocketListener) => RelaySocket;

/** Larger than any event that a relay's limits allow (64 MiB), so that only nonsense is refused. */
const maxMessageBytes = 65 * 1024 * 1024;

/** Opens a real WebSocket, as {@link OpenRelaySocket}. */
export function openRelaySocket(
  Socket: typeof WebSocket,
  { url, protocol, bearer }: RelaySocketRequest,
  listener: RelaySocketListener,
): RelaySocket {
  const socket = new Socket(url, protocol, {
    headers: { authorization: `Bearer ${bearer}` },
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
  });
  listen(socket, url, listener);
  const whenOpen = (action: () => void): void => {
    if (socket.readyState === socket.OPEN) action();
  };
  return {
    sendText: text => whenOpen(() => socket.send(text)),
    ping: () => whenOpen(() => socket.ping()),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    terminate: () => socket.terminate(),
  };
}

function listen(socket: WebSocket, url: string, listener: RelaySocketListener): void {
  let ending: SocketEnding | undefined;
  socket.on("message", (data, isBinary) => {
    if (!(data instanceof Buffer)) return;
    if (isBinary) listener.binary(data);
    else listener.text(data.toString("utf8"));
  });
  socket.on("ping", () => listener.heard());
  socket.on("pong", () => listener.heard());
  socket.on("unexpected-response", (_request, response) => {
    readAnswer(response, answer => {
      ending ??= { kind: "answered", answer };
      socket.terminate();
    });
  });
  socket.on("error", error => {
    ending ??= { kind: "failed", cause: nameOf(error), proxy: unreachedProxy(error, url.replace(/^ws/, "http")) };
  });
  socket.on("close", code => listener.ended(ending ?? { kind: "closed", code }));
}

/** Room for every answer of the relay's own; of a page no more is needed to know it for one. */
const longestAnswer = 4 * 1024;

/** Reads an answer as far as it matters, and says once what it is. Who waits too long for that ends the socket. */
function readAnswer(response: IncomingMessage, done: (answer: UpgradeAnswer) => void): void {
  const { statusCode: status = 0, headers } = response;
  const chunks: Buffer[] = [];
  let length = 0;
  let isFinished = false;
  const finish = (): void => {
    if (isFinished) return;
    isFinished = true;
    const body = Buffer.concat(chunks).toString("utf8");
    done(readUpgradeAnswer({ status, contentType: headers["content-type"], location: headers.location, body }));
  };
  response.on("error", () => undefined);
  response.on("end", finish).on("close", finish);
  response.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length >= longestAnswer) finish();
  });
}

/** A network error without its stack: it was foreseen. */
function nameOf(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return error.message === "" ? code : `${code}: ${error.message}`;
}
