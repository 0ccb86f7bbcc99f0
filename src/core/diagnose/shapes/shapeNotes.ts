import { createHash } from "node:crypto";
import * as v from "valibot";
import type { Clock } from "../../../base/clock.ts";
import { parseJson } from "../../../base/json.ts";
import type { Logger } from "../../../base/logger.ts";
import { describeCauses } from "../../../base/problem.ts";
import type { ShapeObserver } from "../../../zoho/shapeObserver.ts";
import type { SharedNotes } from "../../windows/keeper.ts";
import { longestShape, shapeOf } from "./shapeOf.ts";

/** Of more shapes the one that was seen last the longest ago goes. */
export const mostShapes = 50;

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
});

/** A form of something of Zoho's that no parser of that version knew. */
export type NotedShape = Readonly<v.InferOutput<typeof schema>>;

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
    return this.#orLog([], () => this.#read().map(({ noted }) => noted));
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
    const noted = { where, shape, firstSeen: before?.firstSeen ?? now, lastSeen: now, count, version };
    notes.set(key, JSON.stringify(noted satisfies NotedShape));
    if (before === undefined) for (const { key: old } of this.#read().slice(mostShapes)) notes.delete(old);
  }

  /** What is damaged goes. */
  #read(): readonly { readonly key: string; readonly noted: NotedShape }[] {
    const { notes } = this.#options;
    const read = notes.keys(prefix).flatMap(key => {
      const noted = parse(notes.get(key));
      if (noted === undefined) notes.delete(key);
      return noted === undefined ? [] : [{ key, noted }];
    });
    return read.toSorted((one, other) => other.noted.lastSeen - one.noted.lastSeen);
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

function parse(text: string | undefined): NotedShape | undefined {
  const json = text === undefined ? undefined : parseJson(text);
  const parsed = json?.ok === true ? v.safeParse(schema, json.value) : undefined;
  return parsed?.success === true ? parsed.output : undefined;
}
