import { utf8DecodeStrict } from "../../base/bytes.ts";
import { decoded } from "./charset.ts";

/** One character in UTF-8, or one byte that is none. */
const utf8Escapes =
  /%[c-d][\da-f]%[89ab][\da-f]|%e[\da-f](?:%[89ab][\da-f]){2}|%f[0-7](?:%[89ab][\da-f]){3}|%[\da-f]{2}/gi;

/** What may be one character of several bytes: of these some are written as letters. */
const escapedRun = /(?:%[\da-f]{2}|[\x21-\x24\x26-\x7e])+/gi;

/**
 * The text that percent escapes stand for, and signs of plus as blanks. What is no escape stays as it is, and spoils
 * nothing beside it; a byte that is no character in UTF-8 is one of the charset that was usual before.
 */
export function decodePercent(text: string, charset = "utf-8"): string {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return spaced;
  if (charset === "utf-8" || charset.startsWith("utf-16")) return spaced.replace(utf8Escapes, utf8Character);
  return spaced.replace(escapedRun, run => (run.includes("%") ? decoded(bytesOf(run), charset) : run));
}

function utf8Character(escapes: string): string {
  const bytes = bytesOf(escapes);
  return utf8DecodeStrict(bytes) ?? decoded(bytes, "windows-1252");
}

/** Escapes as the bytes that they stand for; what else there is has one byte a character. */
function bytesOf(run: string): Uint8Array {
  const bytes = new Uint8Array(run.length);
  let length = 0;
  for (let at = 0; at < run.length; at++) {
    const code = run[at] === "%" ? Number.parseInt(run.slice(at + 1, at + 3), 16) : run.charCodeAt(at);
    if (run[at] === "%") at += 2;
    bytes[length++] = code;
  }
  return bytes.subarray(0, length);
}
