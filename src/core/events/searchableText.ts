import type { DecodedBody } from "./decodedBody.ts";
import type { ReadRequest } from "./readEvent.ts";
import { type RecoveredPayload, recordText } from "./recoveredPayload.ts";

/** Of a longer body the first part only is searched, in characters: the editor would stall over the words of more. */
const searchableLimit = 1024 * 1024;

/**
 * The text of a request in which words are looked for: the body where it is text, and what else the request carries, with
 * what JSON and forms write otherwise as people read it.
 */
export function searchableText({ request, reading }: Pick<ReadRequest, "request" | "reading">): string {
  const readable = readableBody(reading.body);
  const parts = [readable, request.path, formText(request.query), ...request.headers.map(([, value]) => value)];
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

function readableBody({ text = "", contentType }: DecodedBody): string {
  const searched = text.slice(0, searchableLimit);
  return /\burlencoded\b/i.test(contentType) ? formText(searched) : withoutEscapes(searched);
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

function formText(form: string): string {
  if (!/[%+]/.test(form)) return form;
  const spaced = form.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
