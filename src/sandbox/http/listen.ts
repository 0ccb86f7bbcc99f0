import type { Server } from "node:http";

/** Where to listen. Port 0 is any free one. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Take any free port when that one is taken. */
  readonly portOrAny: boolean;
}

/** Starts listening and gives the server's own address; rejects when it cannot. */
export async function listen(server: Server, options: ListenOptions): Promise<string> {
  try {
    await tryListen(server, options.host, options.port);
  } catch (error) {
    if (!options.portOrAny || options.port === 0 || !isTaken(error)) throw error;
    await tryListen(server, options.host, 0);
  }
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return `http://${urlHost(options.host)}:${port ?? options.port}`;
}

async function tryListen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EADDRINUSE" || error.code === "EACCES");
}

/** Listening everywhere is reached, from this machine, at its loopback address. */
function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

/** Stops listening, lets answers under way go out for at most `patience` milliseconds, and cuts what then is left. */
export async function closeServer(server: Server, patience: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), patience);
  await new Promise<void>(resolve => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(cut);
}
