import { once } from "node:events";
import { type Server, type ServerResponse, createServer } from "node:http";
import type { Registry } from "prom-client";
import { type Disposable, toDisposable } from "../base/lifecycle.ts";
import type { RelayLogger } from "./relayLogger.ts";

export interface MetricsServer extends Disposable {
  readonly port: number;
}

/** Answers `GET /metrics` on a port of its own. Rejects when the address cannot be had. */
export async function startMetricsServer(
  registry: Registry,
  host: string,
  port: number,
  logger: RelayLogger,
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const wanted = request.method === "GET" && request.url?.split("?")[0] === "/metrics";
    if (wanted) void answer(registry, response, logger);
    else response.writeHead(404).end();
  });
  server.listen(port, host);
  await once(server, "listening");
  const stop = toDisposable(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: portOf(server), dispose: () => stop.dispose() };
}

async function answer(registry: Registry, response: ServerResponse, logger: RelayLogger): Promise<void> {
  try {
    const text = await registry.metrics();
    response.writeHead(200, { "content-type": registry.contentType, "cache-control": "no-store" }).end(text);
  } catch (error) {
    logger.error("metrics failed", { cause: String(error) });
    response.writeHead(500).end();
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The metrics server has no port");
  return address.port;
}
