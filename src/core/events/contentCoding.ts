import * as zlib from "node:zlib";

/** Why bytes are not what their coding says. */
export type CodingFault = "unknown" | "damaged" | "too-large";

/** What a coding hid: all of it, or, with a fault, the first part that could be had. */
export interface UndoneCoding {
  readonly bytes: Uint8Array;
  readonly fault?: CodingFault;
}

/** A compressor's reverse: all of its output, up to a size; of input that ends too early also what came of it. */
type Undo = (bytes: Uint8Array, most: number, isPart: boolean) => Uint8Array;

const undos = new Map<string, Undo>([
  ["gzip", (bytes, most, isPart) => zlib.gunzipSync(bytes, zlibOptions(most, isPart))],
  // Some leave out the two bytes in front that the name asks for.
  ["deflate", (bytes, most, isPart) => inflate(bytes, zlibOptions(most, isPart))],
  ["br", (bytes, most, isPart) => zlib.brotliDecompressSync(bytes, brotliOptions(most, isPart))],
  ["zstd", (bytes, most, isPart) => zlib.zstdDecompressSync(bytes, zstdOptions(most, isPart))],
]);

/** Undoes one content coding, up to a size in bytes; `isWhole`: the first part alone is of no use. */
export function undoCoding(name: string, bytes: Uint8Array, most: number, isWhole = false): UndoneCoding {
  const undo = undos.get(name);
  if (undo === undefined) return { bytes: new Uint8Array(), fault: "unknown" };
  try {
    return { bytes: undo(bytes, most, false) };
  } catch (error) {
    const fault = isTooLarge(error) ? "too-large" : "damaged";
    const isTelling = fault === "damaged" || bytes.byteLength >= smallestPart;
    if (isWhole || !isTelling) return { bytes: new Uint8Array(), fault };
    const mostOfPart = Math.min(most, largestBeginning);
    return { bytes: beginningOf(bytes, part => undo(part, mostOfPart, true)), fault };
  }
}

/** The codings of a body in the order in which they were done, as its header names them. `identity` is none. */
export function namedCodings(header: string): readonly string[] {
  return header
    .split(",")
    .map(name => name.trim().toLowerCase().replace(/^x-/, ""))
    .filter(name => name !== "" && name !== "identity");
}

/** The coding that the first bytes tell; undefined where they tell none. */
export function codingByBytes(bytes: Uint8Array): string | undefined {
  if (startsWith(bytes, [0x1f, 0x8b, 0x08])) return "gzip";
  return startsWith(bytes, [0x28, 0xb5, 0x2f, 0xfd]) ? "zstd" : undefined;
}

/** The same where nobody names a coding, such as in base64: also zlib's, whose first two bytes may begin a text, too. */
export function packingByBytes(bytes: Uint8Array): string | undefined {
  return codingByBytes(bytes) ?? (zlibHeads.some(head => startsWith(bytes, head)) ? "deflate" : undefined);
}

/** Of each level that it compresses with. */
const zlibHeads: readonly (readonly number[])[] = [0x01, 0x5e, 0x9c, 0xda].map(level => [0x78, level]);

/** Whether `bytes` begin with others. */
export function startsWith(bytes: Uint8Array, beginning: readonly number[]): boolean {
  return beginning.every((byte, index) => bytes[index] === byte);
}

function zlibOptions(maxOutputLength: number, isPart: boolean): zlib.ZlibOptions {
  return { maxOutputLength, ...(isPart ? { finishFlush: zlib.constants.Z_SYNC_FLUSH } : {}) };
}

function brotliOptions(maxOutputLength: number, isPart: boolean): zlib.BrotliOptions {
  return { maxOutputLength, ...(isPart ? { finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH } : {}) };
}

function zstdOptions(maxOutputLength: number, isPart: boolean): zlib.ZstdOptions {
  return { maxOutputLength, ...(isPart ? { finishFlush: zlib.constants.ZSTD_e_flush } : {}) };
}

function inflate(bytes: Uint8Array, options: zlib.ZlibOptions): Uint8Array {
  try {
    return zlib.inflateSync(bytes, options);
  } catch (error) {
    if (isTooLarge(error)) throw error;
    return zlib.inflateRawSync(bytes, options);
  }
}

/** So often a part is tried: each time costs what it gives. */
const mostTries = 10;

/** What gives too much though it is smaller than this, in bytes, repeats itself: its beginning says nothing, and costs much. */
const smallestPart = 1024;

/** Of what is damaged or too large no more than this is had, in bytes: all tries together cost less than the whole may. */
const largestBeginning = 512 * 1024;

/** What can be had of the beginning of bytes that are damaged or give too much: the longest part of a few that can be undone. */
function beginningOf(bytes: Uint8Array, undo: (part: Uint8Array) => Uint8Array): Uint8Array {
  let best: Uint8Array = new Uint8Array();
  let [fits, end] = [0, bytes.byteLength];
  let length = end;
  for (let tries = 0; tries < mostTries && length > fits; tries++) {
    const undone = attempt(() => undo(bytes.subarray(0, length)));
    if (undone === undefined) end = length;
    else [fits, best] = [length, undone];
    length = fits + ((end - fits) >> 1);
  }
  return best;
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}
