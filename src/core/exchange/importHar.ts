import * as v from "valibot";
import { utf8Encode } from "../../base/bytes.ts";
import { parseJson } from "../../base/json.ts";
import { type CapturedRequest, encodeCapturedRequest } from "../../protocol/capturedRequest.ts";
import type { ImportedEntry } from "../history/importLog.ts";

const harSchema = v.object({ log: v.object({ entries: v.array(v.unknown()) }) });

const pairSchema = v.object({
  name: v.pipe(v.string(), v.regex(/^:?[\w!#$%&'*+.^`|~-]+$/)),
  value: v.pipe(v.string(), v.regex(/^[\t\u0020-\u007e\u0080-\u00ff]*$/)),
});
const entrySchema = v.object({
  startedDateTime: v.pipe(
    v.string(),
    v.transform(text => Date.parse(text)),
    v.finite(),
  ),
  request: v.object({
    method: v.pipe(v.string(), v.regex(/^[A-Z-]+$/)),
    url: v.pipe(v.string(), v.url()),
    headers: v.array(pairSchema),
    postData: v.object({
      mimeType: v.optional(v.string(), ""),
      text: v.string(),
      _encoding: v.optional(v.literal("base64")),
    }),
  }),
});
type Entry = v.InferOutput<typeof entrySchema>;

/** What an HTTP Archive holds that a handler could be sent. */
export interface HarContent {
  readonly entries: readonly ImportedEntry[];
  /** Exchanges without a body, or of a form that HAR does not have. */
  readonly passedOver: number;
}

/** Reads an HTTP Archive of any tool; undefined where it is none. */
export function parseHar(text: string): HarContent | undefined {
  const json = parseJson(text);
  const har = json.ok ? v.safeParse(harSchema, json.value) : undefined;
  if (har?.success !== true) return undefined;
  const parsed = har.output.log.entries.map(entry => v.safeParse(entrySchema, entry));
  const entries = parsed.flatMap(entry => (entry.success ? [toImported(entry.output)] : []));
  return { entries, passedOver: parsed.length - entries.length };
}

function toImported({ startedDateTime: receivedAt, request }: Entry): ImportedEntry {
  return { kind: "request", receivedAt, payload: encodeCapturedRequest(toRequest(request)) };
}

/** The path belongs to the server that it was recorded at; the handlers that it is sent to from here have their own. */
function toRequest({ method, url, headers, postData }: Entry["request"]): CapturedRequest {
  const pairs = headers
    .filter(({ name }) => !name.startsWith(":"))
    .map(({ name, value }): [string, string] => [name, value]);
  const isTyped = postData.mimeType === "" || pairs.some(([name]) => name.toLowerCase() === "content-type");
  return {
    method,
    path: "",
    query: new URL(url).search.slice(1),
    headers: isTyped ? pairs : [...pairs, ["Content-Type", postData.mimeType]],
    body: postData._encoding === "base64" ? Buffer.from(postData.text, "base64") : utf8Encode(postData.text),
  };
}
