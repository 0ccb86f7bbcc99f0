const encoder = new TextEncoder();
const lossyDecoder = new TextDecoder("utf-8");
const strictDecoder = new TextDecoder("utf-8", { fatal: true });

/** Gives room for so many bytes, with anything in it. */
export type Allocate = (length: number) => Uint8Array;

export const allocateBytes: Allocate = length => new Uint8Array(length);

export function utf8Encode(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of `bytes`, with U+FFFD where they are not UTF-8. A leading byte order mark is left out. */
export function utf8Decode(bytes: Uint8Array): string {
  return lossyDecoder.decode(bytes);
}

/** The text of `bytes`, or undefined where they are not UTF-8. */
export function utf8DecodeStrict(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The text of `bytes` where encoding it again gives the same bytes. */
export function exactText(bytes: Uint8Array): string | undefined {
  const startsWithMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return startsWithMark ? undefined : utf8DecodeStrict(bytes);
}

/** The encoding of a text file by the byte order mark that it begins with; UTF-8 where there is none. */
export function fileEncoding(beginning: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  const [first, second] = beginning;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

/** The text of a file that people or other tools wrote, without a byte order mark. */
export function fileText(bytes: Uint8Array): string {
  return new TextDecoder(fileEncoding(bytes)).decode(bytes);
}

export const uint64Bytes = 8;
const uint32Range = 2 ** 32;

/** Writes a whole number from 0 to 2^53 - 1 as a big-endian unsigned 64-bit one, without the cost of a bigint. */
export function setUint64(bytes: Uint8Array, offset: number, value: number): void {
  setUint32(bytes, offset, Math.floor(value / uint32Range));
  setUint32(bytes, offset + 4, value % uint32Range);
}

/** Writes a big-endian unsigned 32-bit number. */
export function setUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

/** Without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** Throws where the text is no base64. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(letters, letter => letter.charCodeAt(0));
}
