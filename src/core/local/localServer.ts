import * as l10n from "@vscode/l10n";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, second, sleep } from "../../base/clock.ts";
import { type Disposable, Emitter, type Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { CancelledError, type Problem, ProblemError, toProblem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { Lease } from "./lease.ts";
import { type RunningServer, findRunningServer } from "./serverHealth.ts";
import { type SpawnedServer, spawnServer } from "./spawnServer.ts";

export interface LocalServerOptions {
  /** Also what the server calls itself at `/healthz`. */
  readonly name: "relay" | "sandbox";
  /** The program, for this process's own Node. */
  readonly script: string;
  /** One server per directory, shared by all windows of the machine. */
  readonly dataDir: string;
  readonly extraArgs?: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
}

interface StartedServer {
  readonly server: SpawnedServer;
  readonly at: number;
}

/** Long enough for a cold start on a busy machine. */
const startDeadline = 20 * second;
const lookInterval = 50;
/** How long a server lives without a window: long enough for one to reload. */
const unusedSeconds = 10;
const dataDirectoryInUse = 75;
/** How long to look for the server of another window, after ours found the directory taken, before starting again. */
const yieldTime = second / 2;

/**
 * A server on this machine that several windows share: the first that needs it starts it, others join, and it ends by
 * itself a few seconds after the last has let go. Who starts it is settled by the lock on the data directory.
 */
export class LocalServer implements Disposable {
  readonly #options: LocalServerOptions;
  readonly #lost = new Emitter<Problem>();
  readonly #abort = new AbortController();
  #acquired: Promise<Result<{ readonly url: string }, Problem>> | undefined;
  #lease: Lease | undefined;

  /** The server is gone, or does not answer any more. `acquire` starts or joins one again. */
  readonly onDidLose: Event<Problem> = this.#lost.event;

  constructor(options: LocalServerOptions) {
    this.#options = options;
  }

  /** Starts or joins the server and holds it until disposed. The address is the same until {@link onDidLose}. */
  async acquire(): Promise<Result<{ readonly url: string }, Problem>> {
    this.#acquired ??= this.#startOrJoin();
    const acquired = this.#acquired;
    const result = await acquired;
    if (!result.ok && this.#acquired === acquired) this.#acquired = undefined;
    return result;
  }

  dispose(): void {
    this.#abort.abort();
    this.#lease?.dispose();
    this.#lost.dispose();
  }

  async #startOrJoin(): Promise<Result<{ readonly url: string }, Problem>> {
    try {
      const server = await this.#hold();
      await this.#rememberPort(server.url);
      return succeed({ url: server.url });
    } catch (error) {
      return fail(error instanceof CancelledError ? this.#cancelled() : toProblem(error));
    }
  }

  /** Looks for a running server and starts one where there is none, until one is held or the deadline passes. */
  async #hold(): Promise<RunningServer> {
    const { clock } = this.#options;
    const deadline = clock.now() + startDeadline;
    let started: StartedServer | undefined;
    while (clock.now() < deadline) {
      const server = await this.#join();
      if (server !== undefined) {
        // Ours lost the race and may still be on its way: it would take over, unasked, once the other has gone.
        if (started?.server.pid !== server.pid) started?.server.abandon();
        return server;
      }
      started = await this.#keepStarting(started);
      await sleep(clock, lookInterval, this.#abort.signal);
    }
    throw new ProblemError(this.#notStarted());
  }

  async #join(): Promise<RunningServer | undefined> {
    const { name, dataDir, clock, logger } = this.#options;
    const server = await findRunningServer(name, dataDir, this.#abort.signal);
    this.#throwIfDisposed();
    if (server === undefined) return undefined;
    const lease = await Lease.take(server.url, clock, () => this.#onBroken());
    if (lease === undefined) return undefined;
    this.#lease = lease;
    if (this.#abort.signal.aborted) lease.dispose();
    this.#throwIfDisposed();
    logger.info(`${name}: using the one at ${server.url}`);
    return server;
  }

  /** Starts a server unless one is on its way: ours, or that of another window to which ours gave way. */
  async #keepStarting(started: StartedServer | undefined): Promise<StartedServer> {
    const exit = started?.server.exit();
    if (started !== undefined && exit === undefined) return started;
    if (exit !== undefined && exit.code !== dataDirectoryInUse) throw new ProblemError(this.#notStarted(exit.code));
    const now = this.#options.clock.now();
    if (started !== undefined && now < started.at + yieldTime) return started;
    return { server: await this.#spawn(), at: now };
  }

  async #spawn(): Promise<SpawnedServer> {
    const { name, script, dataDir, extraArgs = [] } = this.#options;
    const port = await this.#lastPort();
    this.#throwIfDisposed();
    const ownArgs = ["--data-dir", dataDir, "--port", port, "--port-or-any", "--exit-when-unused", `${unusedSeconds}`];
    return spawnServer({ name, script, dataDir, args: [...ownArgs, ...extraArgs] });
  }

  #onBroken(): void {
    const { name, logger } = this.#options;
    this.#lease = undefined;
    this.#acquired = undefined;
    if (this.#abort.signal.aborted) return;
    logger.warn(`${name}: the server has gone`);
    this.#lost.fire({
      code: "LOCAL_SERVER_LOST",
      message: l10n.t("The local {0} has stopped.", name),
      remedy: this.#remedy(),
    });
  }

  #throwIfDisposed(): void {
    if (this.#abort.signal.aborted) throw new CancelledError();
  }

  #notStarted(exitCode?: number | null): Problem {
    const { name } = this.#options;
    return {
      code: "LOCAL_SERVER_NOT_STARTED",
      message:
        exitCode === undefined
          ? l10n.t(
              "The local {0} did not answer in time. Its log, {0}.log in the extension's storage, says more.",
              name,
            )
          : l10n.t(
              "The local {0} stopped while starting. Its log, {0}.log in the extension's storage, says more.",
              name,
            ),
      remedy: this.#remedy(),
      cause: exitCode === undefined ? undefined : `exit code ${String(exitCode)}`,
    };
  }

  #cancelled(): Problem {
    return {
      code: "LOCAL_SERVER_CANCELLED",
      message: l10n.t("The local {0} is not needed any more.", this.#options.name),
      remedy: "none",
    };
  }

  #remedy(): Problem["remedy"] {
    return this.#options.name === "sandbox" ? "start-sandbox" : "retry";
  }

  #portFile(): string {
    return join(this.#options.dataDir, "last-port");
  }

  /** The port of last time, because subscriptions may carry it in their address. */
  async #lastPort(): Promise<string> {
    try {
      const port = (await readFile(this.#portFile(), "utf8")).trim();
      return /^\d{1,5}$/.test(port) && Number(port) <= 65_535 ? port : "0";
    } catch {
      return "0";
    }
  }

  async #rememberPort(url: string): Promise<void> {
    try {
      await mkdir(this.#options.dataDir, { recursive: true });
      await writeFile(this.#portFile(), new URL(url).port);
    } catch (error) {
      this.#options.logger.warn(`${this.#options.name}: the port could not be noted down: ${String(error)}`);
    }
  }
}
