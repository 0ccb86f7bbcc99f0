import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { connect } from "@nats-io/transport-node";
import { ensureNatsServer } from "../workbench/natsServer.ts";
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

interface ServerPlan {
  readonly program: string;
  readonly url: string;
  readonly dataDir: string;
  readonly configFile: string;
}

const maxPayload = "8MB";

/** So many real NATS servers with JetStream, a cluster where there are several; they die with the test. */
export async function startNatsServers(test: ServerOwner, count: 1 | 3): Promise<readonly NatsServer[]> {
  const program = await ensureNatsServer(line => test.diagnostic(line));
  const folder = temporaryFolder(test);
  const [clientPorts, routePorts] = [await freePorts(count), await freePorts(count)];
  const servers = clientPorts.map((port, index) => {
    const configFile = join(folder, `nats-${index}.conf`);
    const dataDir = join(folder, `data-${index}`);
    writeFileSync(configFile, configuration(dataDir, port, index, routePorts));
    return natsServer(test, { program, url: `nats://127.0.0.1:${port}`, dataDir, configFile });
  });
  await Promise.all(servers.map(async server => server.start()));
  return servers;
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

function natsServer(test: ServerOwner, { program, url, dataDir, configFile }: ServerPlan): NatsServer {
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
    await untilItAnswers(url, child);
  };
  return { url, dataDir, pid: () => child?.pid, kill, start };
}

async function untilItAnswers(url: string, child: ChildProcess): Promise<void> {
  const connection = await connect({ servers: url, waitOnFirstConnect: true, reconnectTimeWait: 50, timeout: 20_000 });
  await connection.close();
  if (child.exitCode !== null) throw new Error(`nats-server ended with ${child.exitCode}`);
}

/** Ports that nobody listens on. All are held at once, so that none comes twice. */
async function freePorts(count: number): Promise<number[]> {
  const holders = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(holders.map(async holder => once(holder, "listening")));
  const ports = holders.map(holder => (holder.address() as AddressInfo).port);
  await Promise.all(holders.map(async holder => once(holder.close(), "close")));
  return ports;
}
