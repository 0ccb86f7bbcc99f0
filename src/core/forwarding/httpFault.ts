import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";

/** What an answer does that HTTP does not allow, as far as it could be read all the same. */
export type HttpFault =
  | { readonly kind: "head-too-large" | "two-lengths" | "bare-line-feed" | "form" }
  /** It ended before it was as long as it said. Bytes; `said` is undefined where it came in chunks. */
  | { readonly kind: "cut-short"; readonly said: number | undefined; readonly came: number };

/** What Node's client gives for an answer that it cannot read. */
interface ParseError {
  readonly code: string;
  /** What was being read. */
  readonly rawPacket: Uint8Array;
}

/** An answer that breaks a rule of HTTP, and has a status; undefined for any other error. */
export function readBrokenAnswer(error: unknown): { readonly status: number; readonly fault: HttpFault } | undefined {
  if (!isParseError(error)) return undefined;
  const begin = Buffer.from(error.rawPacket.subarray(0, 64)).toString("latin1");
  const status = /^HTTP\/\d\.\d (\d{3})\b/.exec(begin)?.[1];
  return status === undefined ? undefined : { status: Number(status), fault: { kind: kindOf(error.code) } };
}

/** The fault in a sentence, with the rule that is broken. */
export function describeHttpFault(fault: HttpFault): string {
  switch (fault.kind) {
    case "head-too-large":
      return l10n.t("The headers of the answer are too large to be read (RFC 9110, 5.4).");
    case "two-lengths":
      return l10n.t("The answer has a Content-Length and a Transfer-Encoding: only one may be there (RFC 9112, 6.1).");
    case "bare-line-feed":
      return l10n.t("Lines of the answer’s head end with LF alone instead of CR LF (RFC 9112, 2.2).");
    case "form":
      return l10n.t("The answer isn’t in the form of an HTTP message (RFC 9112, 2.1).");
    case "cut-short":
      return fault.said === undefined
        ? l10n.t("The answer ended before its last chunk; {0} bytes came (RFC 9112, 8).", fault.came)
        : l10n.t("Content-Length said {0} bytes, and {1} came (RFC 9112, 8).", fault.said, fault.came);
    default:
      return assertNever(fault);
  }
}

function kindOf(code: string): Exclude<HttpFault["kind"], "cut-short"> {
  if (code === "HPE_HEADER_OVERFLOW") return "head-too-large";
  if (/TRANSFER_ENCODING|CONTENT_LENGTH/.test(code)) return "two-lengths";
  return /CR_EXPECTED|LF_EXPECTED/.test(code) ? "bare-line-feed" : "form";
}

function isParseError(error: unknown): error is Error & ParseError {
  if (!(error instanceof Error) || !("code" in error) || !("rawPacket" in error)) return false;
  return typeof error.code === "string" && error.code.startsWith("HPE_") && error.rawPacket instanceof Uint8Array;
}
