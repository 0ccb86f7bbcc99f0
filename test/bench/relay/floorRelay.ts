/**
 * The floor of the relay's benchmarks: what Node and ws cost with nothing of a relay but the passing on. No storage, no
 * numbers, no keys, no acknowledgements. With `--keep` it remembers events and sends them to whoever comes later.
 */
import { createServer } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";

const keep = process.argv.includes("--keep");
const channels = new Map<string, { readonly editors: Set<WebSocket>; readonly events: Buffer[] }>();
const channelAt = (path: string): NonNullable<ReturnType<typeof channels.get>> => {
  const name = path.split("/").at(path.startsWith("/in/") ? 2 : 3) ?? "";
  const channel = channels.get(name) ?? { editors: new Set(), events: [] };
  channels.set(name, channel);
  return channel;
};

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { editors, events } = channelAt(request.url ?? "");
    const body = Buffer.concat(chunks);
    if (keep) events.push(body);
    for (const editor of editors) editor.send(body);
    response.end('{"ok":true}');
  });
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on("connection", (socket, request) => {
  const { editors, events } = channelAt(request.url ?? "");
  for (const event of events) socket.send(event);
  editors.add(socket);
  socket.on("close", () => editors.delete(socket));
});
// As the relay: Node's own five seconds end before a sender's turn comes again.
server.keepAliveTimeout = 75_000;
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object")
    process.stdout.write(`floor ready http://127.0.0.1:${address.port}\n`);
});
process.once("SIGTERM", () => {
  for (const socket of sockets.clients) socket.terminate();
  server.close();
  server.closeAllConnections();
});
