import * as l10n from "@vscode/l10n";
import { indentJson } from "../../base/formatJson.ts";
import type { EventDetail } from "../../protocol/inspector.ts";
import { plainOf, readEvent, textOf } from "../events/readEvent.ts";
import type { StoredEvent } from "../events/storedEvent.ts";
import type { TokenVerifier } from "../events/verification.ts";
import { detailOf } from "./eventPresenter.ts";

/** A text of the editor; the language is what its name should end in. */
export interface EventDocument {
  readonly language: "jsonc" | "http";
  readonly text: string;
}

/**
 * One event as a document: what it says in a sentence, then the request, with its whole body. JSON is laid out and keeps
 * its digits, so that it can be folded; any other text is as it was sent, without its codings. For people who read in the editor rather than
 * in the inspector, and for screen readers.
 */
export function formatEventDocument(event: StoredEvent, tokens: TokenVerifier): EventDocument {
  const read = readEvent(event);
  const detail = detailOf(read, tokens);
  const text = textOf(read);
  const json = text === undefined ? undefined : indentJson(text);
  const request = requestLines(detail);
  if (json !== undefined) {
    const head = [...notes(detail), ...(request.length === 0 ? [] : ["", ...request])];
    return { language: "jsonc", text: `${comment(head, "//")}\n${json}\n` };
  }
  const rest = text ?? binaryText(plainOf(read));
  return { language: "http", text: `${comment(notes(detail), "#")}\n${[...request, "", rest].join("\n")}` };
}

/** In lines of their own: nothing that came from outside can end a comment. */
function comment(lines: readonly string[], sign: string): string {
  return lines.map(line => `${sign} ${oneLine(line)}`.trimEnd() + "\n").join("");
}

function oneLine(text: string): string {
  return text.replaceAll(/[\n\r\u2028\u2029]+/g, " ");
}

function notes(detail: EventDetail): readonly string[] {
  const { row, sequence } = detail;
  const more = [detail.warning, detail.body.decoded].filter(sentence => sentence !== undefined);
  const explanation = [detail.explanation, ...more];
  const received = new Date(row.receivedAt).toISOString();
  if (row.content.kind !== "recovered") {
    return [...explanation, l10n.t("Received {0}, number {1} of its channel", received, sequence)];
  }
  const changed = new Date(row.content.changedAt).toISOString();
  const { changedBy } = row.content;
  const when =
    changedBy === undefined
      ? l10n.t("Changed {0}, found {1}", changed, received)
      : l10n.t("Changed {0} by {1}, found {2}", changed, changedBy, received);
  return [...explanation, when];
}

/** None where there was no request: what was recovered, and what cannot be read. */
function requestLines({ request }: EventDetail): readonly string[] {
  if (request.method === "") return [];
  const query = request.query === "" ? "" : `?${request.query}`;
  const target = `${request.path}${query}`;
  return [
    `${request.method} ${target.startsWith("/") ? target : `/${target}`}`,
    ...request.headers.map(([name, value]) => `${name}: ${value}`),
  ];
}

function binaryText(body: Uint8Array): string {
  const note = l10n.t("The body is not text; its {0} bytes in base64:", body.byteLength);
  return `${comment([note], "#")}${Buffer.from(body).toString("base64")}`;
}
