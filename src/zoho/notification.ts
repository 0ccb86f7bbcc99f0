import { given } from "../base/given.ts";
import { parseJson } from "../base/json.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { operationWord } from "./operationWord.ts";

/** A delivery of a Zoho subscription, as far as it can be read. Ids are the digits of 64-bit numbers. */
export interface Notification {
  /** create, edit or delete; any other word as it came. */
  readonly operation?: string;
  /** API name; Zoho leaves it out of what happens to users. */
  readonly module?: string;
  /** Each once, of the first {@link mostItems}. */
  readonly recordIds: readonly string[];
  /** How many more are named. */
  readonly moreRecords?: number;
  /** One for each record of which Zoho tells what changed. */
  readonly changes: readonly RecordChange[];
  readonly channelId?: string;
  readonly token?: string;
  /** Zoho's time of the change, in milliseconds since 1970. */
  readonly serverTime?: number;
  readonly queryParams: Readonly<Record<string, unknown>>;
  /**
   * Names of the members that are missing though every notification needs them, have a form that is not known, or bytes
   * that are not UTF-8.
   */
  readonly unread: readonly string[];
}

export interface RecordChange {
  readonly recordId: string;
  readonly fields: readonly string[];
  /** The new values, where the subscription asks for them. */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** Where JSON is broken: at a character (from 0), where that is known. */
export interface BrokenJson {
  readonly position?: number;
}

/** Why a body is no notification: of another form, which may be `broken` JSON, or one that cannot be read. */
export type NotificationProblem =
  | { readonly kind: "not-notification"; readonly broken?: BrokenJson }
  /** It has enough marks, and is broken or nests too deeply. */
  | ({ readonly kind: "unreadable" } & BrokenJson);

type Members = Readonly<Record<string, unknown>>;

/** The names that a notification has, whatever their values. */
const marks = ["server_time", "channel_id", "ids", "operation"];

/**
 * Any three of the marks: nobody's own JSON has three of them by chance, and one that Zoho leaves out or renames does not
 * hide an event. Two are too few: a webhook that people write themselves may well say `ids` and `operation`.
 */
const enoughMarks = 3;

/** The members that are read. */
const memberNames = [...marks, ...["module", "token", "query_params", "affected_fields", "affected_values"]];

/** What a decoder puts in the place of bytes that are not UTF-8. */
const replacement = "\uFFFD";

/** Zoho names a hundred or so. More items of a list than these are counted, not read: each costs time. */
export const mostItems = 5_000;

const endOfTimes = Date.UTC(2100, 0);

/** Zoho nests a handful of levels; what goes through thousands one by one runs out of stack. */
const deepest = 500;

/**
 * Reads the body of a delivery, whatever content type it came with: one JSON object with enough of the marks. Each member
 * is read on its own, and what cannot be read is left out and named. Null says nothing, and is no unknown form. A list,
 * even of one notification, is none: Zoho sends one object, and a row of the inspector is one event. Callers decode the
 * bytes leniently: one that is not UTF-8 must not hide an event.
 */
export function parseNotification(bodyText: string): Result<Notification, NotificationProblem> {
  const text = bodyText.trim();
  if (!text.startsWith("{")) return fail({ kind: "not-notification" });
  const json = parseJson(text);
  if (!json.ok) return fail(brokenProblem(text, given({ position: json.error.position })));
  if (!isMarked(json.value)) return fail({ kind: "not-notification" });
  if (nestsTooDeeply(json.value)) return fail({ kind: "unreadable" });
  return succeed(new Reader(json.value, damagedMembers(text, json.value)).read());
}

function brokenProblem(text: string, broken: BrokenJson): NotificationProblem {
  return hasMarks(text) ? { kind: "unreadable", ...broken } : { kind: "not-notification", broken };
}

/** Whether a text that is no JSON has the names of enough marks in it. */
export function hasMarks(text: string): boolean {
  return marks.filter(mark => new RegExp(String.raw`"${mark}"\s{0,100}:`).test(text)).length >= enoughMarks;
}

/** Members with characters that were lost before the body became text. */
function damagedMembers(text: string, members: Members): string[] {
  if (!text.includes(replacement)) return [];
  return memberNames.filter(name => JSON.stringify([members[name]]).includes(replacement));
}

function nestsTooDeeply(value: unknown, levels = deepest): boolean {
  if (typeof value !== "object" || value === null) return false;
  const values: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return levels === 0 || values.some(each => nestsTooDeeply(each, levels - 1));
}

function isMarked(value: unknown): value is Members {
  return isMembers(value) && marks.filter(mark => Object.hasOwn(value, mark)).length >= enoughMarks;
}

/** Reads the members of one notification, and takes note of those that it cannot read. */
class Reader {
  readonly #members: Members;
  readonly #unread: Set<string>;

  constructor(members: Members, damaged: readonly string[]) {
    this.#members = members;
    this.#unread = new Set(damaged);
  }

  read(): Notification {
    const changes = this.#changes();
    const operation = this.#required("operation", toWord);
    return {
      ...given({
        operation: operation === undefined ? undefined : operationWord(operation),
        module: this.#one("module", toWord),
        channelId: this.#required("channel_id", toId),
        token: this.#token(),
        serverTime: this.#one("server_time", toTime),
      }),
      recordIds: this.#recordIds(changes),
      ...(this.#more("ids") === 0 ? {} : { moreRecords: this.#more("ids") }),
      changes,
      queryParams: this.#queryParams(),
      unread: [...this.#unread],
    };
  }

  #one<T>(name: string, read: (value: unknown) => T | undefined): T | undefined {
    const value = this.#members[name];
    return value === undefined || value === null ? undefined : this.#orNote(name, read(value));
  }

  #required<T>(name: string, read: (value: unknown) => T | undefined): T | undefined {
    return this.#orNote(name, read(this.#members[name]));
  }

  /** What a list holds, item by item; a value without a list around it is a list of one. */
  #items<T>(name: string, read: (value: unknown) => T | undefined): T[] {
    return listed(this.#members[name]).flatMap(item => this.#orNote(name, read(item)) ?? []);
  }

  #more(name: string): number {
    const value = this.#members[name];
    return Array.isArray(value) ? Math.max(0, value.length - mostItems) : 0;
  }

  #orNote<T>(name: string, value: T | undefined): T | undefined {
    if (value === undefined) this.#unread.add(name);
    return value;
  }

  /** What is neither text nor a number is no token that a subscription could have: its JSON never verifies. */
  #token(): string | undefined {
    const { token } = this.#members;
    if (token === undefined || token === null) return undefined;
    if (typeof token === "string" || (typeof token === "number" && Number.isSafeInteger(token))) return String(token);
    this.#unread.add("token");
    return JSON.stringify(token);
  }

  /** The records that `ids` names; where it names none, those of which a change is told. */
  #recordIds(changes: readonly RecordChange[]): string[] {
    const { ids } = this.#members;
    if (ids === undefined || ids === null) this.#unread.add("ids");
    const named = this.#items("ids", toId);
    return [...new Set(named.length > 0 ? named : changes.map(({ recordId }) => recordId))];
  }

  /** An empty list is how some languages write an object without members. */
  #queryParams(): Members {
    const value = this.#members["query_params"];
    if (Array.isArray(value) && value.length === 0) return {};
    return this.#one("query_params", toMembers) ?? {};
  }

  /** Brings names and values of the changed fields together per record, in the order in which they come. */
  #changes(): RecordChange[] {
    const merged = new Map<string, MergedChange>();
    for (const { recordId, fields, values } of [...this.#changedFields(), ...this.#changedValues()]) {
      const change = merged.get(recordId) ?? new MergedChange();
      merged.set(recordId, change);
      change.add(fields, values);
    }
    return [...merged].map(([recordId, change]) => ({ recordId, ...change.told }));
  }

  /** `[{"<record id>": ["Phone"]}]` */
  #changedFields(): RecordChange[] {
    const name = "affected_fields";
    return this.#items(name, toMembers)
      .flatMap(Object.entries<unknown>)
      .flatMap(([key, names]) => {
        const recordId = this.#orNote(name, toId(key));
        if (recordId === undefined) return [];
        return [
          {
            recordId,
            fields: listed(names).flatMap(field => this.#orNote(name, toWord(field)) ?? []),
          },
        ];
      });
  }

  /** `[{"record_id": "…", "values": {"Phone": "555-1111"}}]` */
  #changedValues(): RecordChange[] {
    const name = "affected_values";
    return this.#items(name, toMembers).flatMap(item => {
      const recordId = this.#orNote(name, toId(item["record_id"]));
      const values = item["values"] === null ? {} : this.#orNote(name, toMembers(item["values"]));
      return recordId === undefined || values === undefined ? [] : [{ recordId, fields: Object.keys(values), values }];
    });
  }
}

/** What a delivery tells of one record, which may stand in it many times. */
class MergedChange {
  readonly #fields = new Set<string>();
  #values: Map<string, unknown> | undefined;

  get told(): Omit<RecordChange, "recordId"> {
    const fields = [...this.#fields];
    return this.#values === undefined ? { fields } : { fields, values: Object.fromEntries(this.#values) };
  }

  add(fields: readonly string[], values: Members | undefined): void {
    for (const field of fields) this.#fields.add(field);
    if (values === undefined) return;
    this.#values ??= new Map();
    for (const [field, value] of Object.entries(values)) this.#values.set(field, value);
  }
}

function listed(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.slice(0, mostItems).filter(item => item !== null) : [value];
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function toMembers(value: unknown): Members | undefined {
  return isMembers(value) ? value : undefined;
}

/** Words such as names of modules and fields are text with something in it. */
function toWord(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

/** `parseJson` has kept the digits of numbers that a double cannot hold. */
function toId(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : undefined;
  return typeof value === "string" && /^-?\d+$/.test(value) ? value : undefined;
}

/** Before 1970 and from 2100 on nothing in a CRM has changed, and far beyond that there are no dates. */
function toTime(value: unknown): number | undefined {
  const time = typeof value === "string" && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof time === "number" && time >= 0 && time < endOfTimes ? time : undefined;
}
