import { createHash } from "node:crypto";
import * as v from "valibot";
import type { Clock } from "../../../base/clock.ts";
import { parseJson } from "../../../base/json.ts";
import type { Logger } from "../../../base/logger.ts";
import { describeCauses } from "../../../base/problem.ts";
import type { ShapeObserver } from "../../../zoho/shapeObserver.ts";
import type { SharedNotes } from "../../windows/keeper.ts";
import { longestShape, shapeOf } from "./shapeOf.ts";

/** Of more shapes the one that came first goes. */
export const mostShapes = 50;

/** So many are of one place: anybody who knows the address of a channel can send deliveries of any form. */
export const mostShapesOfPlace = 10;

const longestPlace = 80;

const schema = v.object({
  /** The call or the delivery, without ids. */
  where: v.pipe(v.string(), v.maxLength(longestPlace)),
  shape: v.pipe(v.string(), v.maxLength(longestShape)),
  /** Milliseconds since 1970. */
  firstSeen: v.number(),
  lastSeen: v.number(),
  count: v.number(),
  /** Of the extension that saw it last. */
  version: v.string(),
  /** Later ones have larger numbers, whatever the clock said; those of earlier versions have none. */
  turn: v.optional(v.number(), 0),
});

type KeptShape = Readonly<v.InferOutput<typeof schema>>;

/** A form of something of Zoho's that no parser of that version knew. */
export type NotedShape = Omit<KeptShape, "turn">;

export interface ShapeNotesOptions {
  /** What all windows of this machine share. */
  readonly notes: Pick<SharedNotes, "get" | "set" | "delete" | "keys">;
  /** Version of the extension. */
  readonly version: string;
  readonly clock: Pick<Clock, "now">;
  readonly logger: Logger;
}

const prefix = "shape/";

/**
 * Keeps the forms of what Zoho sent and the parsers did not know, without any value, for a report of Diagnose. Never
 * throws: that something could not be noted must not keep anybody from the rest of it.
 */
export class ShapeNotes implements ShapeObserver {
  readonly #options: ShapeNotesOptions;

  constructor(options: ShapeNotesOptions) {
    this.#options = options;
  }

  note(where: string, value: unknown): void {
    this.#orLog(undefined, () => this.#keep(placeOf(where), shapeOf(value)));
  }

  /** The one that was seen last comes first. */
  list(): readonly NotedShape[] {
    return this.#orLog([], () =>
      this.#read()
        .map(({ kept: { turn: _, ...noted } }) => noted)
        .toSorted((one, other) => other.lastSeen - one.lastSeen),
    );
  }

  #keep(where: string, shape: string): void {
    const { notes, version, clock } = this.#options;
    const key =
      prefix +
      createHash("sha256")
        .update(JSON.stringify([where, shape]))
        .digest("base64url");
    const now = clock.now();
    const before = parse(notes.get(key));
    const count = (before?.count ?? 0) + 1;
    const turn = before?.turn ?? 1 + Math.max(0, ...this.#read().map(({ kept }) => kept.turn));
    const noted = { where, shape, firstSeen: before?.firstSeen ?? now, lastSeen: now, count, version, turn };
    notes.set(key, JSON.stringify(noted satisfies KeptShape));
    if (before === undefined) for (const old of tooMany(this.#read())) notes.delete(old.key);
  }

  /** What is damaged goes. */
  #read(): readonly Entry[] {
    const { notes } = this.#options;
    return notes.keys(prefix).flatMap(key => {
      const kept = parse(notes.get(key));
      if (kept === undefined) notes.delete(key);
      return kept === undefined ? [] : [{ key, kept }];
    });
  }

  #orLog<T>(otherwise: T, work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#options.logger.warn(`shapes: ${describeCauses(error)}`);
      return otherwise;
    }
  }
}

interface Entry {
  readonly key: string;
  readonly kept: KeptShape;
}

/** Those that are beyond what is kept of their place, or at all. */
function tooMany(entries: readonly Entry[]): readonly Entry[] {
  const newestFirst = entries.toSorted((one, other) => other.kept.turn - one.kept.turn);
  const byPlace = Map.groupBy(newestFirst, ({ kept }) => kept.where);
  const ofPlaces = [...byPlace.values()].flatMap(ofPlace => ofPlace.slice(mostShapesOfPlace));
  const others = newestFirst.filter(entry => !ofPlaces.includes(entry));
  return [...ofPlaces, ...others.slice(mostShapes)];
}

/** Parts of the paths of Zoho's API; others may be names that people gave to modules, or ids. */
const knownSegments: ReadonlySet<string> = new Set(
  "crm oauth v2 v3 v8 actions watch settings modules fields org users deleted token revoke device code user info".split(
    " ",
  ),
);

/** Without a query, and of the path only what is the same for everybody. */
function placeOf(where: string): string {
  const [path = ""] = where.split("?");
  return path
    .replaceAll(/[^\w /.-]/g, "")
    .replaceAll(/\/([\w.-]+)/g, (part, segment: string) => (knownSegments.has(segment) ? part : "/<name>"))
    .replaceAll(/\d{2,}/g, "<id>")
    .slice(0, longestPlace);
}

function parse(text: string | undefined): KeptShape | undefined {
  const json = text === undefined ? undefined : parseJson(text);
  const parsed = json?.ok === true ? v.safeParse(schema, json.value) : undefined;
  return parsed?.success === true ? parsed.output : undefined;
}
