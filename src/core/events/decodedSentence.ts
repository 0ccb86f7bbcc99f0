import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import type { DecodedBody } from "./decodedBody.ts";

/** What was done to a body before it could be read, in full sentences; undefined where nothing was. */
export function decodedSentence(body: DecodedBody): string | undefined {
  const sentences = [codingSentence(body), charsetSentence(body)].filter(sentence => sentence !== undefined);
  return sentences.length === 0 ? undefined : sentences.join(" ");
}

function codingSentence({ codings, isCodingGuessed, isCut }: DecodedBody): string | undefined {
  const names = codings.join(", ");
  if (names === "") return undefined;
  if (isCut) return l10n.t("Decoded from {0}, the first part only.", names);
  return isCodingGuessed
    ? l10n.t("Decoded from {0}, which no header names.", names)
    : l10n.t("Decoded from {0}.", names);
}

function charsetSentence({ charset, charsetBy }: DecodedBody): string | undefined {
  if (charset === undefined) return undefined;
  switch (charsetBy) {
    case "mark":
      return l10n.t("Read as {0}, by its byte order mark.", charset);
    case "declared":
    case "usual":
      return charset === "utf-8" ? undefined : l10n.t("Read as {0}.", charset);
    case "guessed":
      return l10n.t("Read as {0}, as the bytes are not UTF-8.", charset);
    default:
      return assertNever(charsetBy);
  }
}
