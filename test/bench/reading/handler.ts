import { once } from "node:events";
import { createServer } from "node:http";

export interface BenchHandler {
  readonly url: string;
  close(): void;
}

/** A handler that takes everything. */
export async function startHandler(): Promise<BenchHandler> {
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => response.writeHead(204).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}`, close };
}
