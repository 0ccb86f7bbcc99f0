import { Emitter, type Event } from "../../base/lifecycle.ts";
import type { BehaviourSwitches } from "../behaviour.ts";
import { Collection } from "../state/collection.ts";
import type { IdSource } from "../state/idSource.ts";
import { type JsonObject, type JsonValue, sameJson } from "../state/json.ts";
import type { MovableClock } from "../state/movableClock.ts";
import type { Storage } from "../state/storage.ts";
import { type ApiError, type ItemResult, apiError, apiSuccess } from "./apiError.ts";
import type { Field } from "./fields.ts";
import type { Module } from "./module.ts";
import type { ModuleCatalog } from "./moduleCatalog.ts";
import { organizationTime } from "./organization.ts";
import { type CrmRecord, type DeletedRecord, deletedRecordSchema, displayName, recordSchema } from "./record.ts";
import { fullName, readValues } from "./recordValues.ts";
import { type User, userById, userReference, users } from "./users.ts";

/** What happened to one record. */
export interface RecordChange {
  readonly module: Module;
  readonly operation: "insert" | "update" | "delete";
  readonly recordId: string;
  /** New values of the fields that changed; none for a deletion. */
  readonly changed: JsonObject;
  readonly actor: User;
  /** The record as it is now; of a deletion, as it was last. */
  readonly record: CrmRecord;
  /** The record as it was; undefined for an insert. */
  readonly before: CrmRecord | undefined;
}

/** Who acts, and which place in the request's `data` the first item has, for the paths in errors. */
export interface WriteContext {
  readonly actor: User;
  readonly firstIndex?: number;
}

export interface RecordsContext {
  readonly clock: MovableClock;
  readonly behaviour: BehaviourSwitches;
  readonly storage: Storage;
  readonly ids: IdSource;
  readonly catalog: ModuleCatalog;
}

/** The records of all modules. One call is one change for those who listen, however many records it touches. */
export class Records {
  readonly #context: RecordsContext;
  readonly #records = new Map<string, Collection<CrmRecord>>();
  readonly #deleted: Collection<DeletedRecord>;
  readonly #changes = new Emitter<readonly RecordChange[]>();

  constructor(context: RecordsContext) {
    this.#context = context;
    this.#deleted = new Collection("deleted", context.storage, deletedRecordSchema);
  }

  /** The changes of one call, all of one module and operation. */
  get onDidChange(): Event<readonly RecordChange[]> {
    return this.#changes.event;
  }

  list(module: Module): readonly CrmRecord[] {
    return [...this.#of(module).values()];
  }

  get(module: Module, id: string): CrmRecord | undefined {
    return this.#of(module).get(id);
  }

  listDeleted(module: Module): readonly DeletedRecord[] {
    return [...this.#deleted.values()].filter(deleted => deleted.module === module.apiName);
  }

  /** Creates a record per item; one result per item, in order. */
  create(module: Module, items: readonly JsonObject[], context: WriteContext): readonly ItemResult[] {
    return this.#write(items, (item, index, changes) => {
      const values = this.#readValues(module, item, itemPath(context, index), true);
      if (!values.ok) return { ok: false, error: values.error };
      const record = this.#insert(module, values.value, context.actor);
      const { actor } = context;
      const { id: recordId, values: changed } = record;
      changes.push({ module, operation: "insert", recordId, changed, actor, record, before: undefined });
      return { ok: true, success: apiSuccess("record added", writeDetails(record)) };
    });
  }

  /** Updates the record that each item's `id` names; one result per item, in order. */
  update(module: Module, items: readonly JsonObject[], context: WriteContext): readonly ItemResult[] {
    return this.#write(items, (item, index, changes) => {
      const path = itemPath(context, index);
      const record = this.#find(module, item["id"], path);
      if ("code" in record) return { ok: false, error: record };
      const values = this.#readValues(module, item, path, false);
      if (!values.ok) return { ok: false, error: values.error };
      const { updated, changed } = this.#replace(module, record, values.value, context.actor);
      const recordId = record.id;
      if (Object.keys(changed).length > 0) {
        const { actor } = context;
        changes.push({ module, operation: "update", recordId, changed, actor, record: updated, before: record });
      }
      return { ok: true, success: apiSuccess("record updated", writeDetails(updated)) };
    });
  }

  /** Deletes records; one result per id, in order. */
  delete(module: Module, ids: readonly string[], context: WriteContext): readonly ItemResult[] {
    return this.#write(ids, (id, _index, changes) => {
      const record = this.#find(module, id, undefined);
      if ("code" in record) return { ok: false, error: record };
      this.#remove(module, record, context.actor);
      const { actor } = context;
      changes.push({ module, operation: "delete", recordId: id, changed: {}, actor, record, before: record });
      return { ok: true, success: apiSuccess("record deleted", { id }) };
    });
  }

  /** Empties the recycle bin of a module, and gives how many records were in it. */
  purge(module: Module): number {
    const deleted = this.listDeleted(module).filter(({ purged }) => purged !== true);
    for (const record of deleted) this.#deleted.put(record.id, { ...record, purged: true });
    return deleted.length;
  }

  /**
   * Makes one record of several: what `keep` lacks it gets from the others, which are gone without a trace. Listeners hear
   * nothing, as at Zoho. False when one of the records does not exist.
   */
  merge(module: Module, keep: string, others: readonly string[], actor: User): boolean {
    const [kept, ...merged] = [keep, ...others].map(id => this.get(module, id));
    const known = merged.filter(record => record !== undefined);
    if (kept === undefined || known.length < others.length || others.includes(keep)) return false;
    this.#context.storage.transaction(() => {
      const missing = Object.fromEntries(known.toReversed().flatMap(({ values }) => Object.entries(present(values))));
      this.#replace(module, kept, { ...missing, ...present(kept.values) }, actor);
      for (const { id } of known) this.#of(module).delete(id);
    });
    return true;
  }

  /** Puts a record there as it is, unseen by listeners: for the seed. */
  plant(module: Module, record: CrmRecord): void {
    this.#of(module).put(record.id, record);
  }

  #of({ apiName }: Module): Collection<CrmRecord> {
    const known = this.#records.get(apiName);
    if (known !== undefined) return known;
    const records = new Collection(`records/${apiName}`, this.#context.storage, recordSchema);
    this.#records.set(apiName, records);
    return records;
  }

  #write<T>(
    items: readonly T[],
    writeOne: (item: T, index: number, changes: RecordChange[]) => ItemResult,
  ): readonly ItemResult[] {
    const changes: RecordChange[] = [];
    const results = this.#context.storage.transaction(() => items.map((item, index) => writeOne(item, index, changes)));
    if (changes.length > 0) this.#changes.fire(changes);
    return results;
  }

  #readValues(module: Module, item: JsonObject, path: string, complete: boolean): ReturnType<typeof readValues> {
    const { picklistValues } = this.#context.behaviour.current;
    return readValues(module, item, { path, complete, picklistValues, nameOf: (field, id) => this.#nameOf(field, id) });
  }

  #nameOf(field: Field, id: string): string | undefined {
    if (field.dataType === "ownerlookup") return users.find(user => user.id === id)?.full_name;
    const target = field.lookupModule === undefined ? undefined : this.#context.catalog.named(field.lookupModule);
    const record = target === undefined ? undefined : this.get(target, id);
    return target === undefined || record === undefined ? undefined : displayName(target, record);
  }

  #insert(module: Module, given: JsonObject, actor: User): CrmRecord {
    const { Owner, ...values } = given;
    const now = this.#context.clock.now();
    const record: CrmRecord = {
      id: this.#context.ids.next(),
      values,
      ownerId: referencedId(Owner) ?? actor.id,
      createdBy: actor.id,
      modifiedBy: actor.id,
      createdAt: now,
      modifiedAt: now,
    };
    this.plant(module, record);
    return record;
  }

  #replace(
    module: Module,
    record: CrmRecord,
    given: JsonObject,
    actor: User,
  ): { readonly updated: CrmRecord; readonly changed: JsonObject } {
    const completed =
      module.nameField === "Full_Name" ? { ...given, ...fullName({ ...record.values, ...given }) } : given;
    const changed = changedValues(record, completed);
    const { Owner, ...values } = changed;
    const updated: CrmRecord = {
      ...record,
      values: { ...record.values, ...values },
      ownerId: referencedId(Owner) ?? record.ownerId,
      modifiedBy: actor.id,
      modifiedAt: this.#context.clock.now(),
    };
    this.plant(module, updated);
    return { updated, changed };
  }

  #remove(module: Module, record: CrmRecord, actor: User): void {
    this.#of(module).delete(record.id);
    this.#deleted.put(record.id, {
      id: record.id,
      module: module.apiName,
      displayName: displayName(module, record),
      createdBy: record.createdBy,
      deletedBy: actor.id,
      deletedAt: this.#context.clock.now(),
    });
  }

  #find(module: Module, id: JsonValue | undefined, path: string | undefined): CrmRecord | ApiError {
    if (id === undefined) {
      return apiError("MANDATORY_NOT_FOUND", "required field not found", {
        api_name: "id",
        json_path: `${path ?? "$"}.id`,
      });
    }
    const record = typeof id === "string" ? this.get(module, id) : undefined;
    const where =
      path === undefined ? { id: typeof id === "string" ? id : null } : { api_name: "id", json_path: `${path}.id` };
    return record ?? apiError("INVALID_DATA", "the id given seems to be invalid", where);
  }
}

function present(values: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}

function itemPath({ firstIndex = 0 }: WriteContext, index: number): string {
  return `$.data[${firstIndex + index}]`;
}

function changedValues(record: CrmRecord, given: JsonObject): JsonObject {
  const owner = userById(record.ownerId);
  const old: JsonObject = { ...record.values, Owner: { name: owner.full_name, id: owner.id } };
  return Object.fromEntries(Object.entries(given).filter(([name, value]) => !sameJson(old[name] ?? null, value)));
}

function referencedId(reference: unknown): string | undefined {
  if (typeof reference !== "object" || reference === null || !("id" in reference)) return undefined;
  return typeof reference.id === "string" ? reference.id : undefined;
}

function writeDetails(record: CrmRecord): JsonObject {
  const { email: _modifierEmail, ...modifiedBy } = userReference(userById(record.modifiedBy));
  const { email: _creatorEmail, ...createdBy } = userReference(userById(record.createdBy));
  return {
    Modified_Time: organizationTime(record.modifiedAt),
    Modified_By: modifiedBy,
    Created_Time: organizationTime(record.createdAt),
    id: record.id,
    Created_By: createdBy,
  };
}
