import type { IncomingHttpHeaders } from "node:http";
import { TextDecoder, promisify } from "node:util";
import * as zlib from "node:zlib";

/** Far more than Zoho sends, in bytes, as it came and as it reads. */
export const longestBody = 10 * 1024 * 1024;

/** The text of a body. */
export interface BodyText {
  readonly text: string;
  /** Why the text is that of the bytes as they came, though a header names a coding for them. */
  readonly fault: CodingFault | undefined;
}

/** A body of which nobody can tell what it says; the message says why. */
export class CodingFault extends Error {
  /** Of HTTP. */
  readonly status: 400 | 413 | 415;

  constructor(status: CodingFault["status"], message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Undoes the codings of a body (gzip, deflate, br, zstd) and reads it in its charset: by its byte order mark, as its
 * content type says, or as UTF-8. What has no meaning there becomes U+FFFD.
 */
export async function readBodyText(body: Uint8Array, headers: IncomingHttpHeaders): Promise<BodyText> {
  const contentType = headers["content-type"] ?? "";
  try {
    const plain = await undoAll(body, codingsOf(body, headers["content-encoding"] ?? ""));
    return { text: decodeText(plain, contentType), fault: undefined };
  } catch (fault) {
    if (!(fault instanceof CodingFault)) throw fault;
    // Proxies undo a coding and leave its name, and people put other things there.
    return { text: decodeText(body, contentType), fault };
  }
}

type Undo = (bytes: Uint8Array) => Promise<Uint8Array>;

const bounded = { maxOutputLength: longestBody };
const inflate = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.inflate);
const inflateRaw = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.inflateRaw);
const gunzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gunzip);
const brotli = promisify<Uint8Array, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress);

const undos = new Map<string, Undo>([
  ["gzip", async bytes => gunzip(bytes, bounded)],
  // Some leave out the two bytes in front that the name asks for.
  ["deflate", async bytes => inflate(bytes, bounded).catch(async (error: unknown) => retryRaw(bytes, error))],
  ["br", async bytes => brotli(bytes, bounded)],
  ...zstdOfThisNode(),
]);

/** Node 22.15 has it, and what is older does not. */
function zstdOfThisNode(): [string, Undo][] {
  if (!("zstdDecompress" in zlib)) return [];
  const zstd = promisify<Uint8Array, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress);
  return [["zstd", async bytes => zstd(bytes, bounded)]];
}

async function retryRaw(bytes: Uint8Array, error: unknown): Promise<Uint8Array> {
  if (isTooLarge(error)) throw error;
  return inflateRaw(bytes, bounded);
}

/** More than one is unusual, and each costs time. */
const mostCodings = 3;

/** The codings in the order in which they were done; where none is named, the one that the first bytes tell. */
function codingsOf(body: Uint8Array, header: string): readonly string[] {
  const named = header
    .split(",")
    .map(name => name.trim().toLowerCase().replace(/^x-/, ""))
    .filter(name => name !== "" && name !== "identity");
  if (named.length > 0) return named;
  if (beginsWith(body, [0x1f, 0x8b])) return ["gzip"];
  return beginsWith(body, [0x28, 0xb5, 0x2f, 0xfd]) ? ["zstd"] : [];
}

function beginsWith(body: Uint8Array, bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => body[index] === byte);
}

async function undoAll(body: Uint8Array, codings: readonly string[]): Promise<Uint8Array> {
  if (codings.length > mostCodings) throw new CodingFault(415, `The body has more than ${mostCodings} codings.`);
  let plain = body;
  for (const name of codings.toReversed()) plain = await undo(plain, name);
  return plain;
}

async function undo(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  const undoOne = undos.get(name);
  if (undoOne === undefined) {
    throw new CodingFault(415, `The body is in the coding ${name}; what can be read is ${codingNames()}.`);
  }
  try {
    return await undoOne(bytes);
  } catch (error) {
    if (isTooLarge(error)) throw new CodingFault(413, "The body is too large once it is decompressed.");
    throw new CodingFault(400, `The body is not the ${name} that it says it is, or only a part of it.`);
  }
}

/** For the header Accept-Encoding. */
export function codingNames(): string {
  return [...undos.keys()].join(", ");
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}

const marks: readonly (readonly [charset: string, mark: readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

function decodeText(bytes: Uint8Array, contentType: string): string {
  const marked = marks.find(([, mark]) => beginsWith(bytes, mark))?.[0];
  const declared = /;\s*charset\s*=\s*["']?([^\s;"']+)/i.exec(contentType)?.[1];
  const decoder = decoderOf(marked ?? wideCharset(bytes, declared) ?? declared ?? "utf-8");
  if (decoder === undefined) return decodeAscii(bytes);
  const text = decoder.decode(bytes);
  return decoder.encoding === "windows-1252" ? text.replace(/[\x80-\x9f]/g, inWindows1252) : text;
}

/** UTF-16 of which nobody says so, or not in which order: every other byte of JSON's first characters is zero. */
function wideCharset(bytes: Uint8Array, declared: string | undefined): string | undefined {
  if (bytes.length < 4 || bytes.length % 2 !== 0 || !/^utf-?(?:8|16(?:le)?)$/i.test(declared ?? "utf-8"))
    return undefined;
  if (bytes[0] !== 0 && bytes[1] === 0 && bytes[3] === 0) return "utf-16le";
  return bytes[0] === 0 && bytes[1] !== 0 && bytes[2] === 0 ? "utf-16be" : undefined;
}

/** What nearly every charset has in common. */
function decodeAscii(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("latin1");
  return text.replace(/[^\0-\x7f]/g, "\uFFFD");
}

/** Undefined for a charset that nobody knows. */
function decoderOf(charset: string): TextDecoder | undefined {
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
