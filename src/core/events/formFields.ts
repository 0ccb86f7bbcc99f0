import { type MultipartPart, parseMultipart } from "@remix-run/multipart-parser";
import { given } from "../../base/given.ts";
import { decodeText, decoded } from "./charset.ts";
import { decodePercent } from "./percent.ts";

/** One field of a form as it was sent. */
export interface FormField {
  readonly name: string;
  /** Undefined where its bytes are no text. */
  readonly value: string | undefined;
  /** In bytes. */
  readonly size: number;
  /** Of a field of a form in parts: its value, without the coding of its part. */
  readonly bytes?: Uint8Array;
  /** Of such a field: where its value stands in the form as it was sent, in bytes. */
  readonly place?: { readonly start: number; readonly end: number };
  readonly fileName?: string;
  /** As its part says it. */
  readonly contentType?: string;
}

/** The fields of a form in parts, and whether something in it is not as it should be: then these are what could be read. */
export interface MultipartReading {
  readonly fields: readonly FormField[];
  readonly isFaulty: boolean;
}

/** More fields than this are not read. */
export const mostFields = 1_000;

/** Reads `a=1&b=2`, order and repetition kept. What is not percent-encoded as it should be is taken as it is. */
export function readUrlencoded(text: string, charset = "utf-8"): FormField[] {
  return text
    .split("&", mostFields)
    .filter(pair => pair !== "")
    .map(pair => {
      const at = pair.indexOf("=");
      const value = at === -1 ? "" : decodePercent(pair.slice(at + 1), charset);
      const name = decodePercent(at === -1 ? pair : pair.slice(0, at), charset);
      return { name, value, size: Buffer.byteLength(value) };
    });
}

/**
 * Reads the parts of a multipart/form-data body (RFC 7578); undefined where `contentType` names no boundary or the body
 * has none of it. What precedes the first boundary says nothing. Line feeds alone, heads in another charset and a missing
 * end are read all the same.
 */
export function readMultipart(body: Uint8Array, contentType: string): MultipartReading | undefined {
  const boundary = boundaryOf(contentType);
  return boundary === undefined ? undefined : partsBetween(body, boundary);
}

/** The same where the boundary is known; of more parts than `most` some may not be read. */
export function partsBetween(body: Uint8Array, boundary: string, most = mostFields): MultipartReading | undefined {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const start = firstDelimiter(bytes, boundary);
  if (start === -1) return undefined;
  const form = bytes.subarray(start);
  const strict = partsOf(form, { boundary, most, placeOf: part => placeIn(bytes, part) });
  if (!strict.isFaulty) return strict;
  const { form: rewritten, places } = regular(form, boundary);
  const lenient = partsOf(rewritten, { boundary, most, placeOf: (_part, index) => placeFrom(start, places[index]) });
  return { fields: lenient.fields.length < strict.fields.length ? strict.fields : lenient.fields, isFaulty: true };
}

type Place = NonNullable<FormField["place"]>;

/** Where the content of a part stands in bytes that are read in one piece; undefined where there is none. */
function placeIn({ byteOffset: from }: Uint8Array, { content }: MultipartPart): Place | undefined {
  const [first, last] = [content[0], content.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  return { start: first.byteOffset - from, end: last.byteOffset + last.byteLength - from };
}

function placeFrom(start: number, place: Place | undefined): Place | undefined {
  return place && { start: place.start + start, end: place.end + start };
}

/** The boundary that a content type names. */
export function boundaryOf(contentType: string): string | undefined {
  const found = /;\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;,]+))/i.exec(contentType);
  return found?.[1] ?? found?.[2];
}

/** Where the first line begins that is a boundary. */
function firstDelimiter(bytes: Buffer, boundary: string): number {
  const delimiter = Buffer.from(`--${boundary}`, "latin1");
  let at = bytes.indexOf(delimiter);
  while (at > 0 && bytes[at - 1] !== 0x0a) at = bytes.indexOf(delimiter, at + 1);
  return at;
}

interface PartsOptions {
  readonly boundary: string;
  readonly most: number;
  /** Where what a part has in it stands in the form as it was sent. */
  readonly placeOf: (part: MultipartPart, index: number) => Place | undefined;
}

function partsOf(form: Uint8Array, { boundary, most, placeOf }: PartsOptions): MultipartReading {
  const length = form.byteLength + 1;
  const limits = { maxParts: most, maxHeaderSize: length, maxFileSize: length, maxTotalSize: length };
  const fields: FormField[] = [];
  let [isFaulty, index] = [false, 0];
  try {
    for (const part of parseMultipart(form, { boundary, ...limits })) {
      const field = fieldOf(part, placeOf(part, index++));
      if (field === undefined) isFaulty = true;
      else fields.push(field);
    }
  } catch {
    isFaulty = true;
  }
  return { fields, isFaulty };
}

/** Undefined for a part without a name. */
function fieldOf(part: MultipartPart, place: Place | undefined): FormField | undefined {
  const { filename, headers } = part;
  const name = part.name ?? extendedName(headers["content-disposition"] ?? "");
  if (name === undefined) return undefined;
  const contentType = headers["content-type"];
  const bytes = withoutTransferCoding(part.bytes, headers["content-transfer-encoding"] ?? "");
  return {
    name: unescaped(name),
    value: decodeText(bytes, contentType ?? "")?.text,
    size: bytes.byteLength,
    bytes,
    ...given({ place, fileName: filename === undefined ? undefined : unescaped(filename), contentType }),
  };
}

/** A name as heads of mail have it where it is not ASCII: `name*=utf-8''na%C3%AFve`. */
function extendedName(disposition: string): string | undefined {
  const [, charset = "", name] = /;\s*name\*\s*=\s*([\w-]*)'[^';]*'([^\s;]+)/i.exec(disposition) ?? [];
  return name === undefined ? undefined : decodePercent(name, charset === "" ? "utf-8" : charset.toLowerCase());
}

/** Browsers write these as HTML says it. */
function unescaped(word: string): string {
  return word.replace(/%0D|%0A|%22/gi, escape => decodePercent(escape));
}

/** Those of mail, which forms must not have any more, and some have. */
function withoutTransferCoding(bytes: Uint8Array, coding: string): Uint8Array {
  const text = (): string => Buffer.from(bytes).toString("latin1");
  if (/^base64$/i.test(coding)) return Buffer.from(text(), "base64");
  if (!/^quoted-printable$/i.test(coding)) return bytes;
  const plain = text().replace(/[\t ]*=\r?\n|=([\da-f]{2})/gi, (_all, hex: string | undefined) =>
    hex === undefined ? "" : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(plain, "latin1");
}

/**
 * The same form as its rules want it: line ends of boundaries and heads, heads in UTF-8 and in lines of their own, an end;
 * and where the contents of its parts stand in what was sent.
 */
function regular(form: Buffer, boundary: string): { readonly form: Uint8Array; readonly places: readonly Place[] } {
  const text = form.toString("latin1");
  const parts = pieces(text, boundary).flatMap(piece => regularPart(text, piece) ?? []);
  const written = parts.map(
    ({ head, place }) => `--${boundary}\r\n${head}\r\n\r\n${text.slice(place.start, place.end)}\r\n`,
  );
  return {
    form: Buffer.from(`${written.join("")}--${boundary}--\r\n`, "latin1"),
    places: parts.map(({ place }) => place),
  };
}

/** What stands between boundaries. */
function pieces(text: string, boundary: string): readonly Place[] {
  const lines = [...text.matchAll(delimiterLine(boundary))];
  return lines.map(({ 0: line, index }, at) => ({
    start: index + line.length,
    end: lines[at + 1]?.index ?? text.length,
  }));
}

/** A boundary with the ends of lines around it, blanks behind it, and what ends the form. */
function delimiterLine(boundary: string): RegExp {
  return new RegExp(
    String.raw`(?:^|\r?\n)--${boundary.replaceAll(/[^\w]/g, String.raw`\$&`)}(?:--[^]*|[\t ]*(?:\r?\n|$))`,
    "g",
  );
}

/** Undefined for what has no head. */
function regularPart(
  text: string,
  { start, end }: Place,
): { readonly head: string; readonly place: Place } | undefined {
  const part = text.slice(start, end);
  const [head = ""] = /^(?:[^\r\n][^\n]*\n)+/.exec(part) ?? [];
  const gap = /^\r?\n/.exec(part.slice(head.length))?.[0];
  if (gap === undefined) return undefined;
  const lines = head
    .trimEnd()
    .replace(/\r?\n[\t ]+/g, " ")
    .split(/\r?\n/);
  const content = start + head.length + gap.length;
  return { head: lines.map(regularHead).join("\r\n"), place: { start: content, end: Math.max(content, end) } };
}

/** Names in lower case, and bytes that are no UTF-8 as UTF-8: all as characters of one byte. */
function regularHead(line: string): string {
  const text = decodeText(Buffer.from(line, "latin1"), "")?.text ?? decoded(Buffer.from(line, "latin1"), "utf-8");
  const named = text.replace(/;\s*(?:file)?name\*?\s*=\s*/gi, name => name.toLowerCase().replaceAll(/\s/g, ""));
  return Buffer.from(named, "utf8").toString("latin1");
}
