import * as l10n from "@vscode/l10n";
import type { RecordedCall } from "../../zoho/callRecorder.ts";

/**
 * The calls that are of use to somebody who looks at a channel: the last that changed it, and the last that read it.
 * Every change is followed by reading, so the last call alone would hide what was changed.
 */
export function lastCallsAbout(calls: readonly RecordedCall[], channelId: string): readonly RecordedCall[] {
  const about = calls.filter(call => isAbout(call, channelId));
  const change = about.findLast(({ request }) => request.method !== "GET");
  const reading = about.findLast(({ request }) => request.method === "GET");
  return [change, reading].filter(call => call !== undefined);
}

/** It named the channel, or is a list that has it. */
function isAbout({ request, outcome }: RecordedCall, channelId: string): boolean {
  if (isInUrl(request.url, channelId) || isInJson(request.body ?? "", channelId)) return true;
  return request.method === "GET" && outcome.kind === "answer" && isInJson(outcome.answer.text, channelId);
}

/** Whole ids only: an id may be part of another, or of a time. */
function isInUrl(url: string, channelId: string): boolean {
  const parameters = URL.parse(url)?.searchParams;
  const named = ["channel_id", "channel_ids"].flatMap(name => parameters?.getAll(name) ?? []);
  return named.some(value => value.split(",").some(id => id.trim() === channelId));
}

/** Recorded texts may be cut and have no tokens, so they need not be JSON any more. */
function isInJson(text: string, channelId: string): boolean {
  return [...text.matchAll(/"channel_id"\s*:\s*"?(\d+)/g)].some(([, id]) => id === channelId);
}

/** A call as text: what was sent, and what came back. Without secrets, as these are not recorded. */
export function callText({ request, outcome, startedAt, duration }: RecordedCall): string {
  const sent = [`${request.method} ${request.url}`, ...headerLines(request.headers)];
  const blank = request.body === undefined ? [] : ["", pretty(request.body)];
  const lines = [...sent, ...blank, "", ...answerLines(outcome, duration), ""];
  return [`# ${new Date(startedAt).toISOString()}`, ...lines].join("\n");
}

function answerLines(outcome: RecordedCall["outcome"], duration: number): readonly string[] {
  const took = Math.round(duration);
  if (outcome.kind === "no-answer")
    return [`# ${l10n.t("No answer after {0} ms: {1}", took, outcome.code)}`, outcome.message];
  const { status, headers, text } = outcome.answer;
  const cut = outcome.cut ? [`# ${l10n.t("The rest of the answer was not kept.")}`] : [];
  return [
    `# ${l10n.t("Answer after {0} ms", took)}`,
    `HTTP ${status}`,
    ...headerLines(headers),
    "",
    pretty(text),
    ...cut,
  ];
}

function headerLines(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
}

/** Indented, unless a number in it has more digits than JavaScript keeps. */
function pretty(text: string): string {
  if (/[[:,]\s*-?\d{16,}/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
