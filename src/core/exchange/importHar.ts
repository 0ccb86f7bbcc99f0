import * as v from "valibot";
import { utf8Encode } from "../../base/bytes.ts";
import { parseJson } from "../../base/json.ts";
import { type Header, encodeCapturedRequest } from "../../protocol/capturedRequest.ts";
import type { ImportedEntry } from "../history/importLog.ts";

const harSchema = v.object({ log: v.object({ entries: v.array(v.unknown()) }) });

const pairSchema = v.object({
  name: v.pipe(v.string(), v.regex(/^:?[\w!#$%&'*+.^`|~-]+$/)),
  value: v.pipe(v.string(), v.regex(/^[\t\u0020-\u007e\u0080-\u00ff]*$/)),
});
const paramSchema = v.object({
  name: v.string(),
  value: v.optional(v.string(), ""),
  fileName: v.optional(v.string()),
  contentType: v.optional(v.string()),
});
type Param = v.InferOutput<typeof paramSchema>;

const instant = v.pipe(
  v.string(),
  v.transform(text => Date.parse(text)),
  v.finite(),
);

/** The format has the body as text or as parameters; of base64 some tools say so as in `content`, some with a dash. */
const postDataSchema = v.object({
  mimeType: v.optional(v.string(), ""),
  text: v.optional(v.string(), ""),
  params: v.optional(v.array(paramSchema), []),
  encoding: v.optional(v.string()),
  _encoding: v.optional(v.string()),
});
type PostData = v.InferOutput<typeof postDataSchema>;

const entrySchema = v.object({
  startedDateTime: instant,
  request: v.object({
    method: v.pipe(v.string(), v.regex(/^[A-Z-]+$/)),
    url: v.pipe(v.string(), v.url()),
    headers: v.array(pairSchema),
    postData: v.optional(postDataSchema),
  }),
  /** What an archive of ours says beside. */
  _zohoCrmEvent: v.optional(
    v.object({
      receivedAt: instant,
      path: v.optional(v.string(), ""),
      query: v.optional(v.string()),
    }),
  ),
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
  const all = har.output.log.entries;
  const entries = all.flatMap(each => {
    const entry = v.safeParse(entrySchema, each);
    return (entry.success ? toImported(entry.output) : undefined) ?? [];
  });
  return { entries, passedOver: all.length - entries.length };
}

/** Undefined where there is nothing that a handler could be sent. */
function toImported({ startedDateTime, request, _zohoCrmEvent: own }: Entry): ImportedEntry | undefined {
  const { method, url, headers, postData } = request;
  const body = postData === undefined ? new Uint8Array() : bodyOf(postData, typeOf(headers, postData));
  if (body === undefined || (own === undefined && postData === undefined)) return undefined;
  // The path belongs to the server that it was recorded at; the handlers that it is sent to from here have their own.
  const place = { path: own?.path ?? "", query: own?.query ?? queryOf(url) };
  const payload = encodeCapturedRequest({ method, ...place, headers: headersOf(headers, postData), body });
  return { kind: "request", receivedAt: own?.receivedAt ?? startedDateTime, payload };
}

/** As it was sent, unless it has what no query can have. */
function queryOf(url: string): string {
  const query = /^[^?#]*\?([^#]*)/.exec(url)?.[1] ?? "";
  return /^[!-~]*$/.test(query) ? query : new URL(url).search.slice(1);
}

function headersOf(headers: Entry["request"]["headers"], postData: PostData | undefined): Header[] {
  const pairs = headers.filter(({ name }) => !name.startsWith(":")).map(({ name, value }): Header => [name, value]);
  const type = postData?.mimeType ?? "";
  const isTyped = type === "" || pairs.some(([name]) => name.toLowerCase() === "content-type");
  return isTyped ? pairs : [...pairs, ["Content-Type", type]];
}

function typeOf(headers: Entry["request"]["headers"], { mimeType }: PostData): string {
  return headers.find(({ name }) => name.toLowerCase() === "content-type")?.value ?? mimeType;
}

/** Undefined where parameters are of a form that is not known. */
function bodyOf({ text, params, encoding, _encoding }: PostData, type: string): Uint8Array | undefined {
  if (text !== "" || params.length === 0)
    return (encoding ?? _encoding)?.toLowerCase() === "base64" ? Buffer.from(text, "base64") : utf8Encode(text);
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(type);
  if (/^\s*multipart\//i.test(type))
    return boundary === null ? undefined : utf8Encode(multipart(params, boundary[1] ?? boundary[2] ?? ""));
  return utf8Encode(params.map(({ name, value }) => `${escaped(name)}=${escaped(value)}`).join("&"));
}

/** Some tools write parameters as they were sent, some as they are meant. */
function escaped(text: string): string {
  if (/^(?:[\w.~*+-]|%[\da-f]{2})*$/i.test(text)) return text;
  return encodeURIComponent(text).replaceAll("%20", "+");
}

function multipart(params: readonly Param[], boundary: string): string {
  const parts = params.map(({ name, value, fileName, contentType }) => {
    const file = fileName === undefined ? "" : `; filename="${quoted(fileName)}"`;
    const type = contentType === undefined || contentType === "" ? "" : `\r\nContent-Type: ${contentType}`;
    return `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"${file}${type}\r\n\r\n${value}\r\n`;
  });
  return `${parts.join("")}--${boundary}--\r\n`;
}

/** As browsers escape names of fields and files. */
function quoted(name: string): string {
  return name.replace(/["\r\n]/g, encodeURIComponent);
}
