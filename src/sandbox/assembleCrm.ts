import type { Clock } from "../base/clock.ts";
import { BehaviourSwitches } from "./behaviour.ts";
import { ChangeLog } from "./control/changeLog.ts";
import { controlRoutes } from "./control/controlRoutes.ts";
import { CreditCounter } from "./crm/creditCounter.ts";
import { type CrmApiContext, type CrmRoute } from "./crm/crmRoutes.ts";
import { ModuleCatalog } from "./crm/moduleCatalog.ts";
import { metadataRoutes } from "./crm/metadataRoutes.ts";
import { recordRoutes } from "./crm/recordRoutes.ts";
import { Records, type RecordsContext } from "./crm/records.ts";
import { users } from "./crm/users.ts";
import { DeliveryLog } from "./deliveries/deliveryLog.ts";
import { Notifier } from "./deliveries/notifier.ts";
import { Outbox } from "./deliveries/outbox.ts";
import { Faults } from "./faults/faults.ts";
import type { Route } from "./http/router.ts";
import { Clients } from "./oauth/clients.ts";
import { consentRoutes } from "./oauth/consentRoutes.ts";
import { DeviceCodes } from "./oauth/deviceCodes.ts";
import { deviceRoutes } from "./oauth/deviceRoutes.ts";
import { tokenRoutes } from "./oauth/tokenRoutes.ts";
import { Tokens } from "./oauth/tokens.ts";
import { userInfoRoutes } from "./oauth/userInfoRoutes.ts";
import { pageRoutes } from "./pages/pageRoutes.ts";
import type { SandboxOptions } from "./sandboxOptions.ts";
import { seedRecords } from "./seed/seedRecords.ts";
import { IdSource } from "./state/idSource.ts";
import { MovableClock } from "./state/movableClock.ts";
import type { Storage } from "./state/storage.ts";
import { Channels } from "./watch/channels.ts";
import { watchRoutes } from "./watch/watchRoutes.ts";
import { Webhooks } from "./webhooks/webhooks.ts";

/** What the parts need from outside. */
export interface CrmContext {
  readonly options: SandboxOptions;
  readonly clock: Clock;
  readonly storage: Storage;
  /** The sandbox's own address; known once it listens. */
  readonly baseUrl: () => string;
}

/** The sandbox without its server. */
export interface Crm {
  readonly clock: MovableClock;
  readonly records: Records;
  readonly outbox: Outbox;
  readonly notifier: Notifier;
  readonly faults: Faults;
  /** Everything under `/crm/`. */
  readonly api: CrmApiContext;
  /** Everything else. */
  readonly routes: readonly Route[];
}

/** Builds the parts in the order of what they need, and gives each only that. */
export function assembleCrm(context: CrmContext): Crm {
  const parts = createParts(context);
  const { clock, behaviour, tokens, records, outbox, faults } = parts;
  const notifier = new Notifier(parts);
  const webhooks = new Webhooks(parts.storage, outbox);
  const changes = new ChangeLog(clock);
  records.onDidChange(made => changes.add(made));
  records.onDidChange(made => notifier.notify(made));
  records.onDidChange(made => webhooks.fire(made));
  const credits = new CreditCounter(clock, behaviour);
  return {
    clock,
    records,
    outbox,
    notifier,
    faults,
    api: { tokens, credits, behaviour, routes: crmRoutes(context, parts) },
    routes: [
      ...tokenRoutes(parts),
      ...consentRoutes({ ...parts, users }),
      ...deviceRoutes({ ...parts, users }),
      ...userInfoRoutes(tokens),
      ...controlRoutes({ ...parts, webhooks, changes }),
      ...pageRoutes(parts),
    ],
  };
}

type Parts = ReturnType<typeof createParts>;

function createParts({ options, clock: system, storage, baseUrl }: CrmContext) {
  const clock = new MovableClock(system);
  const behaviour = new BehaviourSwitches(options.behaviour);
  const channels = new Channels(clock, storage);
  const deliveries = new DeliveryLog();
  const catalog = createCatalog(options, storage);
  const ids = new IdSource(storage);
  const faults = new Faults(options.faults ?? [], options.random ?? Math.random, behaviour);
  const allowAnyHost = options.allowAnyHost ?? false;
  return {
    clock,
    behaviour,
    storage,
    ids,
    catalog,
    channels,
    deliveries,
    baseUrl,
    records: createRecords(options, { clock, behaviour, storage, catalog, ids }),
    outbox: new Outbox({ clock, behaviour, faults, log: deliveries, allowAnyHost }),
    clients: new Clients(storage),
    tokens: new Tokens(clock, behaviour, storage),
    deviceCodes: new DeviceCodes(clock, behaviour),
    faults,
  };
}

function createCatalog({ modules }: SandboxOptions, storage: Storage): ModuleCatalog {
  const catalog = new ModuleCatalog(storage);
  if (modules !== undefined) catalog.growTo(modules);
  return catalog;
}

/** The records as they were kept, or those of a new organisation. */
function createRecords(options: SandboxOptions, context: RecordsContext): Records {
  const { clock, storage, ids } = context;
  const records = new Records(context);
  if (ids.isUnused && options.seed !== false) storage.transaction(() => seedRecords(records, ids, clock.now()));
  return records;
}

function crmRoutes({ options }: CrmContext, parts: Parts): readonly CrmRoute[] {
  return [
    ...watchRoutes(parts),
    ...metadataRoutes(parts.catalog, options.organizationType ?? "Sandbox"),
    ...recordRoutes(parts),
  ];
}
