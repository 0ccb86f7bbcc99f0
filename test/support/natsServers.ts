import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { TestContext } from "node:test";
import { type NodeConnectionOptions, connect, credsAuthenticator } from "@nats-io/transport-node";
import { ensureNatsServer } from "../workbench/natsServer.ts";
import type { NatsAccount } from "./natsCredentials.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

/** Whoever the servers end with: a test, or what takes its place in a benchmark. */
export type ServerOwner = Pick<TestContext, "after" | "diagnostic">;

/** One nats-server process, on an address that it keeps when it is started again. */
export interface NatsServer {
  readonly url: string;
  /** Where JetStream keeps what it is given. */
  readonly dataDir: string;
  /** Of the running process. */
  pid(): number | undefined;
  /** SIGKILL: what is not on disk is lost. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again, on the same data. */
  start(): Promise<void>;
}

/** What a server lets in; without it, everybody in the clear. */
export interface NatsAccess {
  /** PEM; the server speaks TLS then. */
  readonly tls: { readonly cert: string; readonly key: string };
  readonly account: NatsAccount;
}

interface ServerPlan {
  readonly program: string;
  readonly url: string;
  readonly dataDir: string;
  readonly configFile: string;
  /** What a client needs besides the address. */
  readonly options?: NodeConnectionOptions;
}

const maxPayload = "8MB";

/** So many real NATS servers with JetStream, a cluster where there are several; they die with the test. */
export async function startNatsServers(test: ServerOwner, count: 1 | 3): Promise<readonly NatsServer[]> {
  const program = await ensureNatsServer(line => test.diagnostic(line));
  const folder = temporaryFolder(test);
  for (let attempt = 1; ; attempt++) {
    const servers = await plannedServers(test, { program, folder, count });
    try {
      await Promise.all(servers.map(async server => server.start()));
      return servers;
    } catch (error) {
      // Another process may have taken a port that was free a moment ago.
      await Promise.all(servers.map(async server => server.kill()));
      if (attempt === mostAttempts) throw error;
    }
  }
}

const mostAttempts = 3;

interface ServersPlan extends Pick<ServerPlan, "program"> {
  readonly folder: string;
  readonly count: number;
}

/** Servers that are not started yet, each on ports of its own. */
async function plannedServers(test: ServerOwner, { program, folder, count }: ServersPlan): Promise<NatsServer[]> {
  const ports = await freePorts(2 * count);
  const [clientPorts, routePorts] = [ports.slice(0, count), ports.slice(count)];
  return clientPorts.map((port, index) => {
    const configFile = join(folder, `nats-${index}.conf`);
    const dataDir = join(folder, `data-${index}`);
    writeFileSync(configFile, configuration(dataDir, port, index, routePorts));
    return natsServer(test, { program, url: `nats://127.0.0.1:${port}`, dataDir, configFile });
  });
}

function configuration(dataDir: string, port: number, index: number, routePorts: readonly number[]): string {
  const lines = [
    `server_name: n${index}`,
    `listen: "127.0.0.1:${port}"`,
    `max_payload: ${maxPayload}`,
    `jetstream { store_dir: "${dataDir}" }`,
  ];
  if (routePorts.length > 1) {
    const routes = routePorts.map(route => `"nats://127.0.0.1:${route}"`).join(", ");
    lines.push(`cluster { name: drill, listen: "127.0.0.1:${routePorts[index]}", routes: [${routes}] }`);
  }
  return `${lines.join("\n")}\n`;
}

function natsServer(test: ServerOwner, { program, url, dataDir, configFile, options = {} }: ServerPlan): NatsServer {
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running?.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, "exit");
    running.kill("SIGKILL");
    await gone;
  };
  test.after(kill);
  const start = async (): Promise<void> => {
    child = spawn(program, ["--config", configFile], { stdio: "ignore" });
    await once(child, "spawn");
    await untilItAnswers({ servers: url, ...options }, child);
  };
  return { url, dataDir, pid: () => child?.pid, kill, start };
}

async function untilItAnswers(options: NodeConnectionOptions, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const connection = await connect({ ...options, timeout: 20_000 }).catch(() => undefined);
    if (connection !== undefined) {
      await connection.close();
      return;
    }
    await delay(50);
  }
  throw new Error(`nats-server ended with ${child.exitCode}`);
}

/** One real NATS server that wants TLS and credentials; it dies with the test. */
export async function startGuardedNatsServer(test: ServerOwner, { tls, account }: NatsAccess): Promise<NatsServer> {
  const program = await ensureNatsServer(line => test.diagnostic(line));
  const folder = temporaryFolder(test);
  const [port = 0] = await freePorts(1);
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const [cert, key] = [file("cert.pem", tls.cert), file("key.pem", tls.key)];
  const guards = `tls { cert_file: "${cert}", key_file: "${key}" }\n${account.configuration}\n`;
  const dataDir = join(folder, "data");
  const configFile = file("nats.conf", configuration(dataDir, port, 0, []) + guards);
  const authenticator = credsAuthenticator(Buffer.from(account.credentials));
  const options = { tls: { ca: tls.cert }, authenticator };
  const server = natsServer(test, { program, url: `tls://127.0.0.1:${port}`, dataDir, configFile, options });
  await server.start();
  return server;
}

/** Ports that nobody listens on. All are held at once, so that none comes twice. */
async function freePorts(count: number): Promise<number[]> {
  const holders = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(holders.map(async holder => once(holder, "listening")));
  const ports = holders.map(holder => (holder.address() as AddressInfo).port);
  await Promise.all(holders.map(async holder => once(holder.close(), "close")));
  return ports;
}
