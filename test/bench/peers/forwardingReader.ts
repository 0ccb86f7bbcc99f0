import { spawn } from "node:child_process";
import { once } from "node:events";
import { type IncomingMessage, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Delivered, Reader } from "./peer.ts";

const readyDeadline = 20_000;

/** How a peer's own client is run: a script of Node's with its arguments, and what it prints once it is connected. */
export interface ForwardingClient {
  readonly args: readonly string[];
  readonly readyText: string;
}

/**
 * Reads as a developer with such a peer does: with a web server on this machine, to which the peer's own client, a
 * process of its own, brings what was sent.
 */
export async function readByForwarding(
  clientFor: (port: number) => ForwardingClient,
  onEvent: (event: Delivered) => void,
): Promise<Reader> {
  const server = createServer((request, response) => {
    void eventOf(request).then(event => {
      onEvent(event);
      response.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = await startClient(clientFor(port)).catch((error: unknown) => {
    endServer(server);
    throw error;
  });
  return {
    close: () => {
      client.close();
      endServer(server);
    },
  };
}

function endServer(server: Server): void {
  server.close();
  server.closeAllConnections();
}

async function eventOf(request: IncomingMessage): Promise<Delivered> {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(request, "end");
  const { rawHeaders: raw } = request;
  const headers = Array.from(
    { length: raw.length / 2 },
    (_, at) => [raw[2 * at] ?? "", raw[2 * at + 1] ?? ""] as const,
  );
  return { body: Buffer.concat(chunks).toString("latin1"), headers };
}

/** Resolves once the client says that it is connected; throws when it ends before, or takes too long. */
async function startClient({ args, readyText }: ForwardingClient): Promise<Reader> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  const close = (): void => {
    process.off("exit", close);
    child.kill("SIGKILL");
  };
  process.once("exit", close);
  const ready = new Promise<void>((resolve, reject) => {
    let said = "";
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      if (!said.includes(readyText)) return;
      child.stdout.off("data", hear).resume();
      resolve();
    };
    child.stdout.on("data", hear);
    child.once("exit", code => reject(new Error(`${args[0]} ended with ${code} before it was connected: ${said}`)));
  });
  const late = setTimeout(close, readyDeadline);
  await ready.finally(() => clearTimeout(late));
  return { close };
}
