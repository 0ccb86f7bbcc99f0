import { codingByBytes, startsWith, undoCoding } from "./contentCoding.ts";
import { largestDecoded } from "./decodedBody.ts";

/** So many packings, one in another, are undone. */
const mostLayers = 3;

/** What is packed in bytes of which nothing says so, by whatever may have packed them. */
export function unpackedFrom(bytes: Uint8Array, layers = mostLayers): readonly Uint8Array[] {
  if (layers === 0) return [];
  const codings = [codingByBytes(bytes) ?? "deflate", "br"];
  const unpacked = codings
    .map(coding => undoCoding(coding, bytes, largestDecoded).bytes)
    .filter(each => each.length > 0);
  return unpacked.flatMap(each => [each, ...unpackedFrom(each, layers - 1)]);
}

/** How files begin that have others in them, or texts, which nothing here can unpack. */
const archives: readonly (readonly number[])[] = [
  [0x50, 0x4b, 0x03, 0x04],
  [0x50, 0x4b, 0x05, 0x06],
  [0x37, 0x7a, 0xbc, 0xaf],
  [0x52, 0x61, 0x72, 0x21],
  [0xfd, 0x37, 0x7a, 0x58],
  [0x42, 0x5a, 0x68],
  [0x04, 0x22, 0x4d, 0x18],
  [0x25, 0x50, 0x44, 0x46],
];

/** Whether bytes are an archive or a document that only other programs look into: ZIP, 7z, RAR, xz, bzip2, LZ4, PDF. */
export function isArchive(bytes: Uint8Array): boolean {
  return archives.some(beginning => startsWith(bytes, beginning));
}
