import * as v from "valibot";
import { parseJson } from "../../base/json.ts";

/** Where a page begins, and which list it belongs to. */
export interface PagePosition {
  /** How many records come before it. */
  readonly start: number;
  /** What was asked for; a token is good for the same question only. */
  readonly question: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const positionSchema = v.object({
  start: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  question: v.string(),
  expiresAt: v.number(),
});

/** A position as clients carry it: text that they are not meant to read. */
export function writePageToken(position: PagePosition): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}

/** The position of a token; undefined where it is none. */
export function readPageToken(token: string): PagePosition | undefined {
  const json = parseJson(Buffer.from(token, "base64url").toString());
  if (!json.ok) return undefined;
  const parsed = v.safeParse(positionSchema, json.value);
  return parsed.success ? parsed.output : undefined;
}
