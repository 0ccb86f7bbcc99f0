import { given } from "../../base/given.ts";
import { type Operation, operations } from "../../protocol/event.ts";
import type { DeletedRecord, RecordRead } from "../../zoho/records.ts";

/** The time for which deliveries may be missing, both ends included: milliseconds since 1970, by the CRM's clock. */
export interface MissedWindow {
  readonly from: number;
  readonly to: number;
}

/** One record of a delivery that did arrive. */
export interface DeliveredChange {
  readonly recordId: string;
  /** An {@link Operation}, another word of Zoho's, or nothing where the delivery did not tell. */
  readonly operation?: string | undefined;
  /** Zoho's time of it: milliseconds since 1970. */
  readonly serverTime: number;
}

/**
 * Whether a record that was deleted had been created within the window too, as far as that can be known: Zoho's list of
 * deleted records does not tell when they were created.
 */
export type DeletedOrigin = "within" | "before" | "unknown";

/** One change that nobody was told of, as the CRM shows it now. */
export interface MissedChange {
  readonly operation: Operation;
  readonly recordId: string;
  /** The CRM's time of it: milliseconds since 1970, without fractions of a second. */
  readonly changedAt: number;
  /** Name of the user. */
  readonly changedBy?: string;
  /** What people called a record that is gone. */
  readonly name?: string;
  /** Of a deletion only. */
  readonly origin?: DeletedOrigin;
  /** The record, or the entry of a deleted one, as it was read. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** What is known of one module of a channel. */
export interface ModuleFacts {
  readonly window: MissedWindow;
  /** What the channel watches of this module. */
  readonly watched: ReadonlySet<Operation>;
  /** Everything that was modified since the window began. */
  readonly modified: readonly RecordRead[];
  /** Everything that was deleted since. */
  readonly deleted: readonly DeletedRecord[];
  /** All deliveries of this channel and module that are kept since, in any order. */
  readonly delivered: readonly DeliveredChange[];
}

/**
 * What happened within the window and was not delivered, in order of time, each record once: a record that was created
 * and then edited counts as created, one that was deleted as deleted.
 */
export function missedChanges(facts: ModuleFacts): MissedChange[] {
  const delivered = new DeliveredChanges(facts.delivered);
  const listed = new Map(facts.modified.map(record => [record.id, record]));
  const deleted = facts.deleted.filter(({ deletedAt }) => isWithin(deletedAt, facts.window));
  const gone = new Set(deleted.map(({ id }) => id));
  const changes = [
    ...deleted.flatMap(record => missedDeletion(record, listed.get(record.id), facts, delivered)),
    ...facts.modified.filter(({ id }) => !gone.has(id)).flatMap(record => missedWrite(record, facts, delivered)),
  ];
  return changes.toSorted(byTime);
}

/** Within one second, which is as exact as the CRM tells, in the order that people expect. */
function byTime(one: MissedChange, other: MissedChange): number {
  return one.changedAt - other.changedAt || operations.indexOf(one.operation) - operations.indexOf(other.operation);
}

function missedDeletion(
  record: DeletedRecord,
  listed: RecordRead | undefined,
  { window, watched }: ModuleFacts,
  delivered: DeliveredChanges,
): MissedChange[] {
  const { id: recordId, deletedAt: changedAt, deletedBy: changedBy, name, values } = record;
  if (!watched.has("delete") || delivered.hasDeletion(recordId, changedAt)) return [];
  const origin = originOf(listed, window, delivered.has(recordId));
  return [{ operation: "delete", recordId, changedAt, ...given({ changedBy, name }), origin, values }];
}

/** A record that was listed before it was deleted tells its creation; one that was delivered before was there before. */
function originOf(listed: RecordRead | undefined, window: MissedWindow, wasDelivered: boolean): DeletedOrigin {
  if (listed?.createdAt !== undefined) return isWithin(listed.createdAt, window) ? "within" : "before";
  return wasDelivered ? "before" : "unknown";
}

function missedWrite(record: RecordRead, facts: ModuleFacts, delivered: DeliveredChanges): MissedChange[] {
  const { window, watched } = facts;
  const { id: recordId, createdAt, modifiedAt, values } = record;
  if (createdAt !== undefined && isWithin(createdAt, window) && watched.has("create")) {
    if (!delivered.hasCreation(recordId)) {
      const changedBy = record.createdBy;
      return [{ operation: "create", recordId, changedAt: createdAt, ...given({ changedBy }), values }];
    }
  }
  if (!isEdit(record) || modifiedAt === undefined || !isWithin(modifiedAt, window)) return [];
  if (!watched.has("edit") || delivered.hasWrite(recordId, modifiedAt)) return [];
  const changedBy = record.modifiedBy;
  return [{ operation: "edit", recordId, changedAt: modifiedAt, ...given({ changedBy }), values }];
}

/** Both times of a record that was never edited are those of its creation. */
function isEdit({ createdAt, modifiedAt }: RecordRead): boolean {
  return modifiedAt !== undefined && (createdAt === undefined || modifiedAt > createdAt);
}

function isWithin(instant: number, { from, to }: MissedWindow): boolean {
  return instant >= from && instant <= to;
}

/** The deliveries of one module by record. The CRM shows whole seconds, so a delivery is never before its change. */
class DeliveredChanges {
  readonly #byRecord: ReadonlyMap<string, readonly DeliveredChange[]>;

  constructor(delivered: readonly DeliveredChange[]) {
    this.#byRecord = Map.groupBy(delivered, ({ recordId }) => recordId);
  }

  has(recordId: string): boolean {
    return this.#byRecord.has(recordId);
  }

  /** A record is created once. */
  hasCreation(recordId: string): boolean {
    return this.#of(recordId).some(({ operation }) => operation === "create");
  }

  /** True where a delivery tells of the record as it was at `modifiedAt` or later. */
  hasWrite(recordId: string, modifiedAt: number): boolean {
    return this.#of(recordId).some(({ operation, serverTime }) => operation !== "delete" && serverTime >= modifiedAt);
  }

  /** A record that was brought back from the recycle bin can be deleted again. */
  hasDeletion(recordId: string, deletedAt: number): boolean {
    return this.#of(recordId).some(({ operation, serverTime }) => operation === "delete" && serverTime >= deletedAt);
  }

  #of(recordId: string): readonly DeliveredChange[] {
    return this.#byRecord.get(recordId) ?? [];
  }
}
