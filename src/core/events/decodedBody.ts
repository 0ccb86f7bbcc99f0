import { utf8Decode, utf8DecodeStrict } from "../../base/bytes.ts";
import { type CapturedRequest, headerValue } from "../../protocol/capturedRequest.ts";

/** The body of a request as far as it can be read, and what had to be done for that. */
export interface DecodedBody {
  /** As sent. */
  readonly bytes: Uint8Array;
  /** With the content codings undone; the same bytes where there were none. */
  readonly plain: Uint8Array;
  /** The content codings that were undone, outermost first. */
  readonly codings: readonly string[];
  /** Undefined where the body is no text. A leading byte order mark is left out. */
  readonly text: string | undefined;
  /** Name of the encoding of `text` as the WHATWG has it, such as `utf-8`. */
  readonly charset: string | undefined;
  /** Whether some bytes were no characters: `text` has U+FFFD in their place. */
  readonly isLossy: boolean;
  /** What the request says that its body is; empty where it says nothing. */
  readonly contentType: string;
}

/** Why a body that looks like one of Zoho's cannot be read. */
export type BodyFault =
  /** It begins like JSON, and is broken at a character (from 0), where that is known. */
  | { readonly kind: "json"; readonly position?: number }
  /** It claims to be JSON, and its bytes are no text. */
  | { readonly kind: "not-text" };

/** Undoes what a body was encoded with, and says what it did. */
export function decodeBody(request: CapturedRequest): DecodedBody {
  const text = utf8DecodeStrict(request.body);
  return bodyOf(request, { text, charset: text === undefined ? undefined : "utf-8", isLossy: false });
}

/** The same of a body that is known to be text: characters that are lost do not make it bytes. */
export function decodeLossyBody(request: CapturedRequest): DecodedBody & { readonly text: string } {
  return bodyOf(request, { text: utf8Decode(request.body), charset: "utf-8", isLossy: true });
}

function bodyOf<Text extends Pick<DecodedBody, "text" | "charset" | "isLossy">>(
  request: CapturedRequest,
  text: Text,
): DecodedBody & Text {
  const { body } = request;
  return { bytes: body, plain: body, codings: [], contentType: headerValue(request, "content-type") ?? "", ...text };
}
