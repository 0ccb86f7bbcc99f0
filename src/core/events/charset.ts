import { TextDecoder } from "node:util";
import { utf8DecodeStrict } from "../../base/bytes.ts";
import { startsWith } from "./contentCoding.ts";

/** A text, and how its characters were told. */
export interface DecodedText {
  readonly text: string;
  /** Name of the encoding as the WHATWG has it, such as `utf-8`. */
  readonly charset: string;
  /**
   * What told the charset: a byte order mark, the content type, that UTF-8 is usual, or the bytes themselves, which are
   * no UTF-8.
   */
  readonly charsetBy: "mark" | "declared" | "usual" | "guessed";
  readonly hadMark: boolean;
  /** Whether some bytes were no characters: the text has U+FFFD in their place. */
  readonly isLossy: boolean;
  /** The charset that the content type names, where nobody knows it: then each byte is taken for a character. */
  readonly unknownCharset?: string;
}

const marks: readonly (readonly [charset: string, mark: readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** The charset that systems had before UTF-8, and still have. */
export const formerCharset = "windows-1252";

/**
 * The text of a body: by its byte order mark, by its declared charset, else as UTF-8, or as what was usual before that.
 * Undefined where it is no text.
 */
export function decodeText(bytes: Uint8Array, contentType: string): DecodedText | undefined {
  const mark = marks.find(each => isMarked(bytes, each));
  if (mark !== undefined) return inCharset(bytes, mark[0], "mark");
  const declared = declaredCharset(contentType);
  if (declared === undefined) return undeclared(bytes);
  const charset = charsetNamed(declared);
  if (charset === undefined) return inUnknown(bytes, declared);
  return charset === "utf-8" ? undeclared(bytes, "declared") : inCharset(bytes, byteOrder(bytes, charset), "declared");
}

/** The same of a body that is known to be text: what is no character does not make it bytes. */
export function decodeLossyText(bytes: Uint8Array): DecodedText {
  return { text: decoded(bytes, "utf-8"), charset: "utf-8", charsetBy: "usual", hadMark: false, isLossy: true };
}

/** The charset that a content type names, as it is written there. */
export function declaredCharset(contentType: string): string | undefined {
  return /;\s*charset\s*=\s*["']?([^\s;"']+)/i.exec(contentType)?.[1];
}

/** The WHATWG's name of a charset; undefined where nobody knows it. */
export function charsetNamed(name: string): string | undefined {
  return decoderOf(name)?.encoding;
}

/** The text of bytes in a charset that is known, with U+FFFD for what is no character in it. */
export function decoded(bytes: Uint8Array, charset: string): string {
  const text = decoderOf(charset)?.decode(bytes) ?? "";
  return charset === formerCharset ? text.replace(/[\x80-\x9f]/g, inWindows1252) : text;
}

/** Bytes of an odd number are no UTF-16, whatever they begin with. */
function isMarked(bytes: Uint8Array, [charset, mark]: (typeof marks)[number]): boolean {
  return startsWith(bytes, mark) && (charset === "utf-8" || bytes.byteLength % 2 === 0);
}

function undeclared(bytes: Uint8Array, by: "usual" | "declared" = "usual"): DecodedText | undefined {
  const wide = wideCharset(bytes);
  if (wide !== undefined) return inCharset(bytes, wide, "guessed");
  const text = utf8DecodeStrict(bytes);
  if (text !== undefined) return { text, charset: "utf-8", charsetBy: by, hadMark: false, isLossy: false };
  return isFormerText(bytes) ? inCharset(bytes, formerCharset, "guessed") : undefined;
}

function inCharset(bytes: Uint8Array, charset: string, charsetBy: DecodedText["charsetBy"]): DecodedText {
  const text = decoded(bytes, charset);
  return { text, charset, charsetBy, hadMark: charsetBy === "mark", isLossy: text.includes("\uFFFD") };
}

function inUnknown(bytes: Uint8Array, unknownCharset: string): DecodedText | undefined {
  const text = undeclared(bytes);
  if (text?.charset === "utf-8") return { ...text, unknownCharset };
  const latin = { ...inCharset(bytes, formerCharset, "guessed"), unknownCharset };
  return hasControls(latin.text) ? undefined : latin;
}

/** UTF-16 without a mark: every other byte of JSON's first characters is zero. */
function wideCharset(bytes: Uint8Array): string | undefined {
  if (bytes.byteLength < 4 || bytes.byteLength % 2 !== 0) return undefined;
  const charset = bytes[1] === 0 && bytes[3] === 0 ? "utf-16le" : "utf-16be";
  if (charset === "utf-16be" && (bytes[0] !== 0 || bytes[2] !== 0)) return undefined;
  return hasControls(decoded(bytes, charset)) ? undefined : charset;
}

/** A name without an order of bytes means either. */
function byteOrder(bytes: Uint8Array, charset: string): string {
  return charset === "utf-16le" ? (wideCharset(bytes) ?? charset) : charset;
}

/** Whether bytes are text of the time before UTF-8: most are ASCII, and none are characters that nobody writes. */
function isFormerText(bytes: Uint8Array): boolean {
  const others = bytes.reduce((sum, byte) => (byte >= 0x80 ? sum + 1 : sum), 0);
  return others * 2 < bytes.byteLength && !hasControls(decoded(bytes, formerCharset));
}

function hasControls(text: string): boolean {
  return /[\0-\x08\x0b\x0e-\x1f\x7f-\x9f]/.test(text);
}

const decoders = new Map<string, TextDecoder | undefined>();

/** Names come from anybody. */
const mostDecoders = 50;

function decoderOf(charset: string): TextDecoder | undefined {
  const name = charset.toLowerCase();
  if (!decoders.has(name)) {
    if (decoders.size >= mostDecoders) decoders.clear();
    decoders.set(name, newDecoder(name));
  }
  return decoders.get(name);
}

function newDecoder(charset: string): TextDecoder | undefined {
  try {
    return new TextDecoder(charset);
  } catch {
    return undefined;
  }
}

const windows1252 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";

/** Some versions of Node read these as control characters. */
function inWindows1252(character: string): string {
  return windows1252[character.charCodeAt(0) - 0x80] ?? character;
}
