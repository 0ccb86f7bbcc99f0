import type { Operation } from "../../protocol/event.ts";

/**
 * Which events a list shows: those that meet every term. A term is met by any one of its values, and a negated one by
 * what meets none of them.
 */
export type EventFilter = readonly FilterTerm[];

export type FilterTerm = TextTerm | NameTerm | ChoiceTerm | StatusTerm | TimeTerm;

interface Negatable {
  readonly negated: boolean;
}

/** The words of `text` follow each other somewhere in the event, whatever their letter case. */
export interface TextTerm extends Negatable {
  readonly key: "text";
  readonly text: string;
}

/**
 * Names, ids and words for operations as the CRM writes them; letter case does not matter. {@link noName} as a module, a
 * channel or an operation also stands for notifications that name none.
 */
export interface NameTerm extends Negatable {
  readonly key: "module" | "field" | "id" | "channel" | "operation";
  readonly values: readonly string[];
}

export interface ChoiceTerm extends Negatable {
  readonly key: ChoiceKey;
  /** In the words of {@link choices}. */
  readonly values: readonly string[];
}

/** How the handler answered: a range of HTTP statuses, both ends included. */
export interface StatusTerm extends Negatable {
  readonly key: "status";
  readonly ranges: readonly StatusRange[];
}

/** 0 to 0 stands for no answer at all: refused, timed out, cut off. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** When the event came in: milliseconds since 1970. */
export interface TimeTerm extends Negatable {
  readonly key: "since" | "before";
  readonly at: number;
}

export const noName = "none";

/** What may be missing from a notification, and so may be asked for by {@link noName}. */
export const namelessKeys: readonly string[] = ["module", "channel", "operation"] satisfies NameTerm["key"][];

/** The operations that are offered, each with the other words that mean the same. Zoho's deliveries may have others. */
export const operationWords: Readonly<Record<Operation, readonly string[]>> = {
  create: ["insert", "created"],
  edit: ["update", "edited", "updated"],
  delete: ["deleted"],
};

/** The words of terms that have a fixed set of them, each with the other words that mean the same. */
export const choices = {
  token: { ok: ["verified", "good"], bad: ["mismatch", "wrong"], none: ["absent", "null"], unknown: [] },
  source: { delivered: [], recovered: [], replayed: [], webhook: ["workflow"], test: [], imported: [], gap: [] },
  is: { unreadable: ["broken"], pinned: [], forwarded: [] },
} as const satisfies Record<string, Record<string, readonly string[]>>;

export type ChoiceKey = keyof typeof choices;

/** The term that asks for one name. */
export function byName(key: NameTerm["key"], value: string): NameTerm {
  return { key, values: [value], negated: false };
}
