import * as v from "valibot";
import { day, hour } from "../../base/clock.ts";
import type { Module } from "../crm/module.ts";
import type { ModuleCatalog } from "../crm/moduleCatalog.ts";
import type { Records } from "../crm/records.ts";
import { fullName } from "../crm/recordValues.ts";
import { type User, users } from "../crm/users.ts";
import type { IdSource } from "../state/idSource.ts";
import type { JsonObject } from "../state/json.ts";
import type { MovableClock } from "../state/movableClock.ts";
import type { Storage } from "../state/storage.ts";
import { watchOperations } from "../watch/channel.ts";
import type { Channels } from "../watch/channels.ts";

export interface PopulateContext {
  readonly catalog: ModuleCatalog;
  readonly channels: Channels;
  readonly records: Records;
  readonly ids: IdSource;
  readonly clock: MovableClock;
  readonly storage: Storage;
}

const count = (most: number): v.GenericSchema<unknown, number> =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(most));

export const populateSchema = v.object({
  /** How many modules there shall be in all; custom ones are added. */
  modules: v.optional(count(1_000), 0),
  /** How many channels to add, each for one module. */
  channels: v.optional(count(20_000), 0),
  /** Whose channels they are: an id or an address. */
  user: v.optional(v.string(), users[0].id),
  /** Where they point. */
  notify_url: v.optional(v.pipe(v.string(), v.url(), v.maxLength(255)), "https://receiver.example.com/notifications"),
  /** How many records to add, by module. */
  records: v.optional(v.record(v.string(), count(100_000)), {}),
});

/** Makes much at once, unseen by subscriptions and webhooks; gives what hinders it. */
export function populate(
  context: PopulateContext,
  asked: v.InferOutput<typeof populateSchema>,
  user: User,
): string | undefined {
  const { catalog, storage } = context;
  const unknown = Object.keys(asked.records).find(name => catalog.named(name) === undefined);
  if (unknown !== undefined) return `There is no module ${unknown}.`;
  storage.transaction(() => {
    catalog.growTo(asked.modules);
    addChannels(context, asked.channels, asked.notify_url, user);
    for (const [name, number] of Object.entries(asked.records)) addRecords(context, catalog.named(name), number);
  });
  return undefined;
}

const firstChannel = 1_105_420_521_000_000_000n;

/** Channels end one after the other within the next six days, so that a list of them has something of everything. */
function addChannels(
  { catalog, channels, clock }: PopulateContext,
  number: number,
  notifyUrl: string,
  user: User,
): void {
  const modules = catalog.all().filter(({ watchable }) => watchable);
  const before = BigInt(channels.ofUser(user.id).length);
  for (let index = 0; index < number; index++) {
    const module = modules[index % modules.length]?.apiName ?? "Leads";
    channels.put({
      channelId: String(firstChannel + before + BigInt(index)),
      userId: user.id,
      notifyUrl,
      token: `populated-${index}`,
      expiresAt: Math.floor((clock.now() + hour + ((6 * day) / number) * index) / 1000) * 1000,
      subscriptions: [{ module, operations: [...watchOperations] }],
      notifyOnRelatedAction: true,
      returnAffectedFieldValues: false,
      notificationCondition: null,
      version: 8,
    });
  }
}

function addRecords({ records, ids, clock }: PopulateContext, module: Module | undefined, number: number): void {
  if (module === undefined) return;
  const [{ id: ownerId }] = users;
  const now = clock.now();
  for (let index = 1; index <= number; index++) {
    const id = ids.next();
    const values = populatedValues(module, index);
    const times = { createdAt: now, modifiedAt: now };
    records.plant(module, { id, values, ownerId, createdBy: ownerId, modifiedBy: ownerId, ...times });
  }
}

/** What a record of the module cannot be without. */
function populatedValues(module: Module, index: number): JsonObject {
  const mandatory = module.fields.filter(field => field.mandatory);
  const values = Object.fromEntries(
    mandatory.map(({ apiName, pickList }) => [apiName, pickList[0] ?? `${module.singular} ${index}`]),
  );
  return { ...values, ...fullName(values) };
}
