import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { type Clock, second, systemClock } from "../base/clock.ts";
import { DisposableStore, toDisposable } from "../base/lifecycle.ts";
import { silentLogger } from "../base/logger.ts";
import { startActivity } from "./activity.ts";
import { type Crm, assembleCrm } from "./assembleCrm.ts";
import { answerCrmCall, isCrmPath } from "./crm/crmRoutes.ts";
import { type Answer, html, json } from "./http/answer.ts";
import { createHttpServer } from "./http/httpServer.ts";
import { closeServer, listen } from "./http/listen.ts";
import { type Route, matchRoute, route } from "./http/router.ts";
import { isFromOtherSite } from "./http/sameOrigin.ts";
import type { SandboxRequest } from "./http/sandboxRequest.ts";
import { missingPage } from "./pages/homePage.ts";
import { Leases } from "../base/process/leases.ts";
import { type ServerAddress, announceServer } from "../base/process/serverFile.ts";
import type { SandboxOptions } from "./sandboxOptions.ts";
import { openSqliteStorage } from "./state/sqliteStorage.ts";
import type { MovableClock } from "./state/movableClock.ts";
import { type Storage, memoryStorage } from "./state/storage.ts";

export type { SandboxOptions } from "./sandboxOptions.ts";

/** A running sandbox. */
export interface Sandbox {
  /** Its address, without a slash at the end. */
  readonly url: string;
  /** Random for each start. */
  readonly instance: string;
  /** The CRM's time, which may be moved. */
  readonly clock: MovableClock;
  /** Resolves when no delivery is under way. */
  deliveriesSettled(): Promise<void>;
  /** Stops listening, lets answers under way go out, and lets go of the data directory. */
  close(): Promise<void>;
}

/** How long answers under way may take when the sandbox closes. */
const closePatience = 2 * second;

/**
 * Starts a stand-in for Zoho CRM. Rejects with `StorageBusyError` when another process has the data directory, and with
 * the system's error when the port cannot be had.
 */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const owned = new DisposableStore();
  try {
    return await start(options, owned);
  } catch (error) {
    owned.dispose();
    throw error;
  }
}

async function start(options: SandboxOptions, owned: DisposableStore): Promise<Sandbox> {
  const clock = options.clock ?? systemClock;
  const instance = randomUUID();
  const storage = openStorage(options.dataDir);
  owned.add(toDisposable(() => storage.close()));
  let url = "";
  const crm = assembleCrm({ options, clock, storage, baseUrl: () => url });
  owned.add(crm.outbox);
  owned.add(crm.notifier);
  const leases = owned.add(keepLeases(options, clock));
  const closing = new AbortController();
  const server = createHttpServer({
    handle: dispatcher(crm, [healthRoute(instance), ...crm.routes]),
    fault: (method, path) => crm.faults.strikeCall(method, path),
    holdLease: leases.hold,
    clock,
    closing: closing.signal,
    logger: options.logger ?? silentLogger,
  });
  const { host = "127.0.0.1", port = 0, portOrAny = false } = options;
  url = await listen(server, { host, port, portOrAny });
  announce(options, { url, pid: process.pid, instance }, owned);
  startWork(options, crm, clock, owned);
  const close = closeOnce(async () => {
    closing.abort();
    leases.dispose();
    await closeServer(server, closePatience);
    owned.dispose();
  });
  return { url, instance, clock: crm.clock, deliveriesSettled: async () => crm.outbox.idle(), close };
}

/** Only a sandbox that ends when unused is looked for by others. */
function announce({ exitWhenUnused, dataDir }: SandboxOptions, address: ServerAddress, owned: DisposableStore): void {
  if (exitWhenUnused !== undefined && dataDir !== undefined) owned.add(announceServer(dataDir, address));
}

function startWork({ activitySeconds, random }: SandboxOptions, crm: Crm, clock: Clock, owned: DisposableStore): void {
  if (activitySeconds === undefined) return;
  const { records } = crm;
  owned.add(startActivity({ records, clock, random: random ?? Math.random }, activitySeconds * second));
}

function closeOnce(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return async () => (closing ??= close());
}

function openStorage(dataDir: string | undefined): Storage {
  if (dataDir === undefined) return memoryStorage;
  mkdirSync(dataDir, { recursive: true });
  return openSqliteStorage(join(dataDir, "sandbox.db"));
}

interface KeptLeases {
  readonly hold: Leases["hold"] | undefined;
  dispose(): void;
}

function keepLeases({ exitWhenUnused }: SandboxOptions, clock: Clock): KeptLeases {
  if (exitWhenUnused === undefined) return { hold: undefined, dispose: () => undefined };
  const leases = new Leases(clock, exitWhenUnused.seconds * second, exitWhenUnused.onUnused);
  return { hold: response => leases.hold(response), dispose: () => leases.dispose() };
}

function healthRoute(instance: string): Route {
  return route("GET", "/healthz", () => json(200, { service: "sandbox", version: manifest.version, instance }));
}

/** Sends the CRM's calls to its API, and all others to their route. */
function dispatcher(crm: Crm, routes: readonly Route[]): (request: SandboxRequest) => Promise<Answer> {
  return async request => {
    if (isCrmPath(request.path)) return atTime(crm.clock, await answerCrmCall(crm.api, request));
    if (request.method !== "GET" && isFromOtherSite(request)) {
      return json(403, { error: "Only the sandbox's own pages may do this." });
    }
    const match = matchRoute(routes, request.method, request.path);
    if (match.kind === "found") return match.handle(request);
    return match.kind === "method" ? json(405, { error: "Not with this method." }) : html(404, missingPage());
  };
}

/** The CRM's answers carry its own time, also where that was moved. */
function atTime(clock: MovableClock, answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, Date: new Date(clock.now()).toUTCString() } };
}
