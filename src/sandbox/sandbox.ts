import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { type Clock, second, systemClock } from "../base/clock.ts";
import { DisposableStore, toDisposable } from "../base/lifecycle.ts";
import { type Logger, silentLogger } from "../base/logger.ts";
import { startActivity } from "./activity.ts";
import { type SandboxBehaviour, BehaviourSwitches } from "./behaviour.ts";
import { controlRoutes } from "./control/controlRoutes.ts";
import { Faults } from "./control/faults.ts";
import { CreditCounter } from "./crm/creditCounter.ts";
import { type CrmApiContext, answerCrmCall, isCrmPath } from "./crm/crmRoutes.ts";
import { metadataRoutes } from "./crm/metadataRoutes.ts";
import type { OrganizationType } from "./crm/organization.ts";
import { recordRoutes } from "./crm/recordRoutes.ts";
import { Records } from "./crm/records.ts";
import { users } from "./crm/users.ts";
import { Deliverer } from "./deliveries/deliverer.ts";
import { DeliveryLog } from "./deliveries/deliveryLog.ts";
import { type Answer, html, json } from "./http/answer.ts";
import { createHttpServer } from "./http/httpServer.ts";
import { closeServer, listen } from "./http/listen.ts";
import { type Route, matchRoute, route } from "./http/router.ts";
import { isFromOtherSite } from "./http/sameOrigin.ts";
import type { SandboxRequest } from "./http/sandboxRequest.ts";
import { Clients } from "./oauth/clients.ts";
import { consentRoutes } from "./oauth/consentRoutes.ts";
import { tokenRoutes } from "./oauth/tokenRoutes.ts";
import { Tokens } from "./oauth/tokens.ts";
import { missingPage } from "./pages/homePage.ts";
import { pageRoutes } from "./pages/pageRoutes.ts";
import { Leases } from "./process/leases.ts";
import { writeServerFile } from "./process/serverFile.ts";
import { seedRecords } from "./seed/seedRecords.ts";
import { IdSource } from "./state/idSource.ts";
import { MovableClock } from "./state/movableClock.ts";
import { openSqliteStorage } from "./state/sqliteStorage.ts";
import { type Storage, memoryStorage } from "./state/storage.ts";
import { Channels } from "./watch/channels.ts";
import { watchRoutes } from "./watch/watchRoutes.ts";

/** What one may choose about a sandbox. Everything has a default that suits a test. */
export interface SandboxOptions {
  /** Default 127.0.0.1: the sandbox has no passwords, so it is for this machine only. */
  readonly host?: string | undefined;
  /** Default 0, any free port. */
  readonly port?: number | undefined;
  /** Take any free port when `port` is taken. Default false. */
  readonly portOrAny?: boolean | undefined;
  /** Where the state is kept; without it, in memory. One process at a time. */
  readonly dataDir?: string | undefined;
  /** Default Sandbox, so that nobody is asked to confirm writes. */
  readonly organizationType?: OrganizationType | undefined;
  /** Whether a new organisation gets invented records. Default true. */
  readonly seed?: boolean | undefined;
  /** One change by invented users every so many seconds. Default none. */
  readonly activitySeconds?: number | undefined;
  /** Whether deliveries may go to other machines. Default false: nobody should be able to make this machine call others. */
  readonly allowAnyHost?: boolean | undefined;
  readonly behaviour?: Partial<SandboxBehaviour> | undefined;
  /** Calls `onUnused` once nobody has held a lease for so many seconds, and writes server.json into `dataDir`. */
  readonly exitWhenUnused?: { readonly seconds: number; readonly onUnused: () => void } | undefined;
  readonly clock?: Clock | undefined;
  /** Gives [0, 1); what the simulated users do depends on it. */
  readonly random?: (() => number) | undefined;
  readonly logger?: Logger | undefined;
}

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
  const system = options.clock ?? systemClock;
  const instance = randomUUID();
  const storage = openStorage(options.dataDir);
  owned.add(toDisposable(() => storage.close()));
  let url = "";
  const crm = assemble(options, system, storage, () => url);
  owned.add(crm.deliverer);
  const leases = owned.add(keepLeases(options, system));
  const server = createHttpServer({
    handle: dispatcher(crm, [healthRoute(instance), ...crm.routes]),
    fault: (method, path) => crm.faults.strike(method, path),
    holdLease: leases.hold,
    clock: system,
    logger: options.logger ?? silentLogger,
  });
  url = await listen(server, {
    host: options.host ?? "127.0.0.1",
    port: options.port ?? 0,
    portOrAny: options.portOrAny ?? false,
  });
  if (options.exitWhenUnused !== undefined && options.dataDir !== undefined) {
    owned.add(writeServerFile(options.dataDir, { url, pid: process.pid, instance }));
  }
  if (options.activitySeconds !== undefined) {
    const { records } = crm;
    const random = options.random ?? Math.random;
    owned.add(startActivity({ records, clock: system, random }, options.activitySeconds * second));
  }
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    leases.dispose();
    await closeServer(server, closePatience);
    owned.dispose();
  };
  return {
    url,
    instance,
    clock: crm.clock,
    deliveriesSettled: async () => crm.deliverer.idle(),
    close: async () => (closing ??= close()),
  };
}

function openStorage(dataDir: string | undefined): Storage {
  if (dataDir === undefined) return memoryStorage;
  mkdirSync(dataDir, { recursive: true });
  return openSqliteStorage(join(dataDir, "sandbox.db"));
}

interface Crm {
  readonly clock: MovableClock;
  readonly records: Records;
  readonly deliverer: Deliverer;
  readonly faults: Faults;
  readonly api: CrmApiContext;
  readonly routes: readonly Route[];
}

/** Builds the parts in order of what they need, and gives each only that. */
function assemble(options: SandboxOptions, system: Clock, storage: Storage, baseUrl: () => string): Crm {
  const clock = new MovableClock(system);
  const behaviour = new BehaviourSwitches(options.behaviour);
  const ids = new IdSource(storage);
  const records = new Records({ clock, behaviour, storage, ids });
  if (ids.isUnused && options.seed !== false) storage.transaction(() => seedRecords(records, ids, clock.now()));
  const channels = new Channels(clock, storage);
  const deliveries = new DeliveryLog();
  const allowAnyHost = options.allowAnyHost ?? false;
  const deliverer = new Deliverer({ channels, clock, behaviour, log: deliveries, baseUrl, allowAnyHost });
  records.onDidChange(changes => deliverer.deliver(changes));
  const clients = new Clients(storage);
  const tokens = new Tokens(clock, behaviour, storage);
  const faults = new Faults();
  const crmRoutes = [
    ...watchRoutes({ channels, clock, behaviour, storage, baseUrl }),
    ...metadataRoutes(options.organizationType ?? "Sandbox"),
    ...recordRoutes({ records, behaviour }),
  ];
  return {
    clock,
    records,
    deliverer,
    faults,
    api: { tokens, credits: new CreditCounter(clock, behaviour), routes: crmRoutes },
    routes: [
      ...tokenRoutes({ clients, tokens, behaviour, baseUrl }),
      ...consentRoutes({ clients, tokens, users, baseUrl }),
      ...controlRoutes({ clients, tokens, clock, behaviour, faults, deliverer, deliveries, baseUrl }),
      ...pageRoutes({ records, deliveries, baseUrl }),
    ],
  };
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

function dispatcher(crm: Crm, routes: readonly Route[]): (request: SandboxRequest) => Promise<Answer> {
  return async request => {
    if (isCrmPath(request.path)) return answerCrmCall(crm.api, request);
    if (request.method !== "GET" && isFromOtherSite(request)) {
      return json(403, { error: "Only the sandbox's own pages may do this." });
    }
    const match = matchRoute(routes, request.method, request.path);
    if (match.kind === "found") return match.handle(request);
    return match.kind === "method" ? json(405, { error: "Not with this method." }) : html(404, missingPage());
  };
}
