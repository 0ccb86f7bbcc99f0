import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const readyDeadline = 20_000;

/** A program that listens on a port, in a process group of its own so that its children end with it. */
export class ServerProcess {
  readonly port: number;
  readonly #program: string;
  readonly #args: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;

  constructor(
    program: string,
    args: readonly string[],
    port: number,
    environment: Readonly<Record<string, string>> = {},
  ) {
    this.#program = program;
    this.#args = args;
    this.#environment = environment;
    this.port = port;
    process.once("exit", () => this.#signal("SIGKILL"));
  }

  /** Resolves once the port answers. */
  async start(): Promise<void> {
    const env = { ...process.env, ...this.#environment };
    this.#child = spawn(this.#program, this.#args, { stdio: "ignore", detached: true, env });
    const until = performance.now() + readyDeadline;
    while (!(await answers(this.port))) {
      if (performance.now() > until) throw new Error(`${this.#program} does not listen on ${this.port}`);
      await wait(20);
    }
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    this.#signal("SIGKILL");
    await ended;
    while (await answers(this.port)) await wait(20);
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid, exitCode = null, signalCode = null } = this.#child ?? {};
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    process.kill(-pid, signal);
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const answered = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  return answered;
}
