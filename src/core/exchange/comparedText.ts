import * as l10n from "@vscode/l10n";
import { compactJson, indentJson, sortJson } from "../../base/formatJson.ts";
import type { Header } from "../../protocol/capturedRequest.ts";
import type { StoredEvent } from "../events/storedEvent.ts";
import { type ReadEvent, plainOf, readEvent, requestOf, textOf } from "../events/readEvent.ts";

/** A text to be set beside another; the language is what its name should end in. */
export interface ComparedText {
  readonly language: "jsonc" | "http";
  readonly text: string;
}

/**
 * An event in a form in which two of them differ only where they say something different: JSON laid out, with the
 * members in the order of their names where `sortKeys`, headers in the order of theirs. What differs in every event is
 * marked, as it says nothing of the change.
 */
export function comparedText(event: StoredEvent, options: { readonly sortKeys: boolean }): ComparedText {
  const read = readEvent(event);
  const text = textOf(read);
  const head = headLines(read);
  const json = text === undefined ? undefined : layOut(text, options.sortKeys);
  if (json === undefined) {
    const rest = text ?? Buffer.from(plainOf(read)).toString("base64").replaceAll(/.{76}/g, "$&\n");
    return { language: "http", text: `${[...head, "", rest].join("\n")}\n` };
  }
  const notes = head.map(line => `// ${line}\n`).join("");
  return { language: "jsonc", text: `${notes}${marked(json)}\n` };
}

function layOut(text: string, sortKeys: boolean): string | undefined {
  const compact = sortKeys ? sortJson(text) : compactJson(text);
  return compact === undefined ? undefined : indentJson(compact);
}

/** Members whose values are the time at which something was done, and headers that are of one connection or delivery. */
const volatileMember = /^ *"(?:server_time|Modified_Time|Last_Activity_Time)": .*?,?$/gm;
const volatileHeaders: ReadonlySet<string> = new Set([
  ...["content-length", "date", "traceparent", "tracestate", "x-request-id", "x-correlation-id", "x-real-ip"],
  ...["x-forwarded-for", "forwarded", "cf-ray", "x-amzn-trace-id", "x-cloud-trace-context"],
]);

function marked(json: string): string {
  return json.replaceAll(volatileMember, line => `${line} // ${differsAlways()}`);
}

function headLines(read: ReadEvent): readonly string[] {
  const request = requestOf(read);
  if (request === undefined) return [];
  const { method, path, query, headers } = request;
  const target = `${path === "" ? "/" : path}${query === "" ? "" : `?${query}`}`;
  return [`${method} ${target}`, ...headers.toSorted(byName).map(headerLine)].map(line =>
    line.replaceAll(/[\n\r\u2028\u2029]+/g, " "),
  );
}

function headerLine([name, value]: Header): string {
  const key = name.toLowerCase();
  return volatileHeaders.has(key) ? `${key}: ${value} (${differsAlways()})` : `${key}: ${value}`;
}

/** Equal names stay in the order in which they were sent. */
function byName([one]: Header, [other]: Header): number {
  const [first, second] = [one.toLowerCase(), other.toLowerCase()];
  return first < second ? -1 : first > second ? 1 : 0;
}

function differsAlways(): string {
  return l10n.t("differs in every event");
}
