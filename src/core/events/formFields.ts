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
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const start = boundary === undefined ? -1 : firstDelimiter(bytes, boundary);
  if (boundary === undefined || start === -1) return undefined;
  const form = bytes.subarray(start);
  const strict = partsOf(form, boundary);
  if (!strict.isFaulty) return strict;
  const lenient = partsOf(regular(form, boundary), boundary);
  return { fields: lenient.fields.length < strict.fields.length ? strict.fields : lenient.fields, isFaulty: true };
}

function boundaryOf(contentType: string): string | undefined {
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

function partsOf(form: Uint8Array, boundary: string): MultipartReading {
  const most = form.byteLength + 1;
  const limits = { maxParts: mostFields, maxFileSize: most, maxTotalSize: most };
  const fields: FormField[] = [];
  let isFaulty = false;
  try {
    for (const part of parseMultipart(form, { boundary, ...limits })) {
      const field = fieldOf(part);
      if (field === undefined) isFaulty = true;
      else fields.push(field);
    }
  } catch {
    isFaulty = true;
  }
  return { fields, isFaulty };
}

/** Undefined for a part without a name. */
function fieldOf(part: MultipartPart): FormField | undefined {
  const { name, filename, headers } = part;
  if (name === undefined) return undefined;
  const contentType = headers["content-type"];
  const bytes = withoutTransferCoding(part.bytes, headers["content-transfer-encoding"] ?? "");
  return {
    name: unescaped(name),
    value: decodeText(bytes, contentType ?? "")?.text,
    size: bytes.byteLength,
    bytes,
    ...given({ fileName: filename === undefined ? undefined : unescaped(filename), contentType }),
  };
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

/** The same form as its rules want it: line ends of boundaries and heads, heads in UTF-8 and in lines of their own, an end. */
function regular(form: Buffer, boundary: string): Uint8Array {
  const delimiter = `--${boundary}`;
  const pieces = form.toString("latin1").split(delimiterLine(boundary));
  const parts = pieces.slice(1).flatMap(piece => regularPart(piece) ?? []);
  return Buffer.from([...parts.map(part => `${delimiter}\r\n${part}\r\n`), `${delimiter}--\r\n`].join(""), "latin1");
}

/** A boundary with the ends of lines around it, blanks behind it, and what ends the form. */
function delimiterLine(boundary: string): RegExp {
  return new RegExp(
    String.raw`(?:^|\r?\n)--${boundary.replaceAll(/[^\w]/g, String.raw`\$&`)}(?:--[^]*|[\t ]*(?:\r?\n|$))`,
  );
}

/** Undefined for what has no head. */
function regularPart(part: string): string | undefined {
  const [head = ""] = /^(?:[^\r\n][^\n]*\n)+/.exec(part) ?? [];
  const gap = /^\r?\n/.exec(part.slice(head.length))?.[0];
  if (gap === undefined) return undefined;
  const lines = head
    .trimEnd()
    .replace(/\r?\n[\t ]+/g, " ")
    .split(/\r?\n/);
  return `${lines.map(regularHead).join("\r\n")}\r\n\r\n${part.slice(head.length + gap.length)}`;
}

/** Names in lower case, and bytes that are no UTF-8 as UTF-8: all as characters of one byte. */
function regularHead(line: string): string {
  const text = decodeText(Buffer.from(line, "latin1"), "")?.text ?? decoded(Buffer.from(line, "latin1"), "utf-8");
  const named = text.replace(/;\s*(?:file)?name\*?\s*=\s*/gi, name => name.toLowerCase().replaceAll(/\s/g, ""));
  return Buffer.from(named, "utf8").toString("latin1");
}
