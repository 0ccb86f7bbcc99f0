import type { DecodedBody } from "./decodedBody.ts";
import { isMultipart } from "./form.ts";
import type { FormField } from "./formFields.ts";
import { decodePercent } from "./percent.ts";
import type { ReadRequest } from "./readEvent.ts";
import { type RecoveredPayload, recordText } from "./recoveredPayload.ts";
import { readForm } from "./webhook.ts";

/** Of a longer body the first part only is searched, in characters: the editor would stall over the words of more. */
const searchableLimit = 1024 * 1024;

/**
 * The text of a request in which words are looked for: the body where it is text, and what else the request carries, with
 * what JSON and forms write otherwise as people read it.
 */
export function searchableText({ request, reading }: Pick<ReadRequest, "request" | "reading">): string {
  const readable = readableBody(reading.body);
  const parts = [readable, request.path, decodePercent(request.query), ...request.headers.map(([, value]) => value)];
  return divideIdeographs(parts.join("\n"));
}

/** The text of a recovered change in which words are looked for: its record, and the names that it tells beside. */
export function searchableRecord(payload: RecoveredPayload): string {
  const names = [payload.changedBy, payload.name].filter(name => name !== undefined);
  return divideIdeographs([withoutEscapes(recordText(payload)), ...names].join("\n"));
}

/**
 * Sets characters of scripts that put no blanks between words apart, so that each counts as a word. For what is searched
 * and for what is searched for alike.
 */
export function divideIdeographs(text: string): string {
  if (!/[^\0-\u0dff]/.test(text)) return text;
  return text.replace(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu, " $& ");
}

function readableBody(body: DecodedBody): string {
  const { text = "", contentType } = body;
  if (body.plain.byteLength <= searchableLimit) {
    const read = readForm(body);
    if (read !== undefined) return withoutUnicodeEscapes(read.fields.map(fieldText).join("\n"));
  }
  if (isMultipart(body)) return text.slice(0, searchableLimit);
  const searched = text.slice(0, searchableLimit);
  return /[/+]xml\b|\bhtml\b/i.test(contentType) ? withoutEntities(searched) : withoutEscapes(searched);
}

function fieldText({ name, value = "", fileName = "" }: FormField): string {
  return `${name} ${fileName} ${value}`;
}

/** Of JSON within a field: other escapes may be parts of a path. */
function withoutUnicodeEscapes(text: string): string {
  return text.replace(/\\u([\da-f]{4})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The numbered characters of pages and XML. */
function withoutEntities(text: string): string {
  return text.replace(/&#(?:x([\da-f]{1,6})|(\d{1,7}));/gi, (entity, hex: string | undefined, digits: string) => {
    const code = hex === undefined ? Number(digits) : Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : entity;
  });
}

/** JSON's escapes as the characters that they stand for; control characters as blanks. */
function withoutEscapes(json: string): string {
  if (!json.includes("\\")) return json;
  return json.replace(/\\(?:u([0-9a-f]{4})|(.))/gi, (_escape, hex: string | undefined, character: string) =>
    hex === undefined ? unescaped(character) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function unescaped(character: string): string {
  return /[bfnrt]/.test(character) ? " " : character;
}
