import { given } from "../../base/given.ts";
import { type CapturedRequest, headerList, headerValue } from "../../protocol/capturedRequest.ts";
import { type DecodedText, decodeLossyText, decodeText } from "./charset.ts";
import { codingByBytes, namedCodings, undoCoding } from "./contentCoding.ts";

/** The body of a request as far as it can be read, and what had to be done for that. */
export interface DecodedBody {
  /** As sent. */
  readonly bytes: Uint8Array;
  /** With the content codings undone; the same bytes where there were none. */
  readonly plain: Uint8Array;
  /** The content codings that were undone, outermost first. */
  readonly codings: readonly string[];
  /** Whether no header names the coding: the bytes themselves tell it. */
  readonly isCodingGuessed: boolean;
  /** Undefined where the body is no text. A leading byte order mark is left out. */
  readonly text: string | undefined;
  /** Name of the encoding of `text` as the WHATWG has it, such as `utf-8`. */
  readonly charset: string | undefined;
  readonly charsetBy: DecodedText["charsetBy"];
  /** Whether a byte order mark was in front of the text. */
  readonly hadMark: boolean;
  /** Whether some bytes were no characters: `text` has U+FFFD in their place. */
  readonly isLossy: boolean;
  /** Whether `plain` is only the first part: more is damaged, or too large to be undone. */
  readonly isCut: boolean;
  /** What the request says that its body is; empty where it says nothing. */
  readonly contentType: string;
  /** What could not be read as the request says. */
  readonly fault?: BodyFault;
}

/** What is wrong with a body, or with what is said of it. */
export type BodyFault =
  /** Nobody knows the coding of that name, or there are too many. */
  | { readonly kind: "coding-unknown"; readonly name: string }
  /** The bytes are not what the coding of that name gives, or are only a part of it. */
  | { readonly kind: "coding-damaged"; readonly name: string }
  /** It becomes too large when it is decompressed, or is too large to be looked into. */
  | { readonly kind: "too-large" }
  | { readonly kind: "charset-unknown"; readonly name: string }
  /** A form in parts that keeps to the rules of such forms in part only. */
  | { readonly kind: "multipart" }
  /** It begins like JSON, or claims to be it, and is broken at a character (from 0), where that is known. */
  | { readonly kind: "json"; readonly position?: number }
  /** It claims to be JSON, and its bytes are no text. */
  | { readonly kind: "not-text" };

/** Of what is compressed no more than this is undone, in bytes: anybody can send a little that becomes very much. */
export const largestDecoded = 4 * 1024 * 1024;

/** More than one is unusual, and each costs time. */
const mostCodings = 3;

/** Undoes what a body was encoded with, and says what it did; nothing that becomes more than `most` bytes, if that is less. */
export function decodeBody(request: CapturedRequest, most = largestDecoded): DecodedBody {
  const { body: bytes } = request;
  const contentType = headerValue(request, "content-type") ?? "";
  const undone = undoCodings(bytes, headerList(request, "content-encoding"), most);
  if (undone.fault === undefined) return { ...told(undone.plain, contentType), ...undone, bytes, contentType };
  // Proxies undo a coding and leave its name, and people put other things there.
  const asSent = decodeText(bytes, contentType);
  if (asSent === undefined) return { ...told(undone.plain, contentType), ...undone, bytes, contentType };
  return { ...factsOf(asSent), ...untouched(bytes), bytes, contentType, fault: undone.fault };
}

/** The same of a body that is known to be text: characters that are lost do not make it bytes. */
export function asLossyText(body: DecodedBody): DecodedBody & { readonly text: string } {
  return { ...body, ...decodeLossyText(body.plain) };
}

type Undone = Pick<DecodedBody, "plain" | "codings" | "isCodingGuessed" | "isCut" | "fault">;
type Told = Pick<DecodedBody, "text" | "charset" | "charsetBy" | "hadMark" | "isLossy" | "fault">;

function untouched(bytes: Uint8Array): Omit<Undone, "fault"> {
  return { plain: bytes, codings: [], isCodingGuessed: false, isCut: false };
}

function undoCodings(bytes: Uint8Array, header: string, most: number): Undone {
  const named = bytes.byteLength === 0 ? [] : namedCodings(header);
  if (named.length > mostCodings) return { ...untouched(bytes), fault: { kind: "coding-unknown", name: header } };
  if (named.length > 0) return undoNamed(bytes, named.toReversed(), most);
  const guessed = codingByBytes(bytes);
  if (guessed === undefined) return untouched(bytes);
  const undone = undoNamed(bytes, [guessed], most);
  return undone.isCut && undone.plain.byteLength === 0 ? untouched(bytes) : { ...undone, isCodingGuessed: true };
}

function undoNamed(bytes: Uint8Array, names: readonly string[], most: number): Undone {
  let plain = bytes;
  const codings: string[] = [];
  for (const name of names) {
    const undone = undoCoding(name, plain, most, most < largestDecoded);
    if (undone.fault === "unknown") return { plain, codings, ...partial, fault: { kind: "coding-unknown", name } };
    plain = undone.bytes;
    codings.push(name);
    if (undone.fault === undefined) continue;
    const fault: BodyFault = undone.fault === "too-large" ? { kind: "too-large" } : { kind: "coding-damaged", name };
    return { plain: withoutSplitCharacter(plain), codings, ...partial, fault };
  }
  return { plain, codings, isCodingGuessed: false, isCut: false };
}

const partial = { isCodingGuessed: false, isCut: true } as const;

/** A cut through the bytes of one character in UTF-8 leaves a part of it. */
function withoutSplitCharacter(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= 3; back++) {
    const byte = bytes.at(-back) ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) return bytes.subarray(0, bytes.byteLength - back);
  }
  return bytes;
}

function told(plain: Uint8Array, contentType: string): Told {
  const text = decodeText(plain, contentType);
  if (text !== undefined) return factsOf(text);
  return { text, charset: undefined, charsetBy: "usual", hadMark: false, isLossy: false };
}

function factsOf({ unknownCharset, ...text }: DecodedText): Told {
  const fault = unknownCharset === undefined ? undefined : ({ kind: "charset-unknown", name: unknownCharset } as const);
  return { ...text, ...given({ fault }) };
}
