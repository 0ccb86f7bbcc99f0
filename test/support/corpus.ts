import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import type { CapturedRequest } from "../../src/protocol/capturedRequest.ts";

/** Requests and files as people's systems send them, each with the right reading beside it: test/corpus. */
const folder = join(import.meta.dirname, "..", "corpus");

const bytes = { body: v.optional(v.string()), base64: v.optional(v.string()) };

const field = v.array(v.nullable(v.string()));

const readingSchema = v.strictObject({
  kind: v.picklist(["notification", "webhook", "probe", "unreadable"]),
  /** Of a webhook. */
  form: v.optional(v.string()),
  /** Of a notification the changed ones; of a form name, value (null: bytes that are no text) and file name of each. */
  fields: v.optional(v.array(v.union([v.string(), field]))),
  query: v.optional(v.array(field)),
  records: v.optional(v.array(v.string())),
  operation: v.optional(v.string()),
  module: v.optional(v.string()),
  recordId: v.optional(v.string()),
  /** What could not be read of a notification. */
  unread: v.optional(v.array(v.string())),
  token: v.optional(v.picklist(["verified", "mismatch", "absent", "unknown"]), "verified"),
  codings: v.optional(v.array(v.string()), []),
  /** Null where the body is no text. */
  charset: v.optional(v.nullable(v.string())),
  mark: v.optional(v.boolean(), false),
  lossy: v.optional(v.boolean(), false),
  fault: v.optional(v.string()),
  /** A form that breaks the rules of its kind. */
  faulty: v.optional(v.boolean(), false),
  /** What a filter finds it by. */
  words: v.optional(v.array(v.string()), []),
  /** What stands in its text beside. */
  text: v.optional(v.string()),
  forward: v.optional(v.picklist(["yes", "withheld", "by-hand"]), "yes"),
  /** The status of the generated handler. */
  handler: v.number(),
});

const requestSchema = v.strictObject({
  says: v.string(),
  head: v.strictObject({
    method: v.string(),
    path: v.string(),
    query: v.string(),
    headers: v.array(v.tuple([v.string(), v.string()])),
  }),
  ...bytes,
  reading: readingSchema,
});

const fileSchema = v.strictObject({
  says: v.string(),
  file: v.literal("har"),
  ...bytes,
  reading: v.strictObject({ bodies: v.array(v.string()) }),
});

/** What a request of the corpus is to be read as. */
export type CorpusReading = v.InferOutput<typeof readingSchema>;

/** A request of the corpus. */
export interface CorpusRequest {
  readonly name: string;
  readonly says: string;
  readonly request: CapturedRequest;
  readonly reading: CorpusReading;
}

/** A file of the corpus, and the bodies of the requests in it. */
export interface CorpusFile {
  readonly name: string;
  readonly says: string;
  readonly bytes: Uint8Array;
  readonly bodies: readonly string[];
}

/** All requests of the corpus. */
export function corpusRequests(): readonly CorpusRequest[] {
  return entries().flatMap(({ name, json }) => {
    if (!v.is(v.object({ head: v.unknown() }), json)) return [];
    const { says, head, reading, ...body } = v.parse(requestSchema, json);
    return [{ name, says, reading, request: { ...head, body: bytesOf(body) } }];
  });
}

/** All files of the corpus. */
export function corpusFiles(): readonly CorpusFile[] {
  return entries().flatMap(({ name, json }) => {
    if (!v.is(v.object({ file: v.unknown() }), json)) return [];
    const { says, reading, ...body } = v.parse(fileSchema, json);
    return [{ name, says, bytes: bytesOf(body), bodies: reading.bodies }];
  });
}

function entries(): readonly { readonly name: string; readonly json: unknown }[] {
  return readdirSync(folder).map(file => {
    const json: unknown = JSON.parse(readFileSync(join(folder, file), "utf8"));
    return { name: file.replace(/\.json$/, ""), json };
  });
}

function bytesOf({ body = "", base64 }: { body?: string | undefined; base64?: string | undefined }): Uint8Array {
  return base64 === undefined ? Buffer.from(body, "utf8") : Buffer.from(base64, "base64");
}
