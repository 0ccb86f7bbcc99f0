import type { RecordedCall } from "../../zoho/callRecorder.ts";

/** The last recorded call that is about a channel; of those that name no channel, such as a list of all, none is. */
export function lastCallAbout(calls: readonly RecordedCall[], channelId: string): RecordedCall | undefined {
  return calls.findLast(({ request, outcome }) => {
    const asked = `${request.url} ${request.body ?? ""}`.includes(channelId);
    const isList = request.method === "GET" && outcome.kind === "answer";
    return asked || (isList && outcome.answer.text.includes(channelId));
  });
}

/** A call as text: what was sent, and what came back. Without secrets, as these are not recorded. */
export function callText({ request, outcome, startedAt, duration }: RecordedCall): string {
  const sent = [`${request.method} ${request.url}`, ...headerLines(request.headers), "", pretty(request.body ?? "")];
  return [`# ${new Date(startedAt).toISOString()}`, ...sent, "", ...answerLines(outcome, duration), ""].join("\n");
}

function answerLines(outcome: RecordedCall["outcome"], duration: number): readonly string[] {
  const took = `after ${Math.round(duration)} ms`;
  if (outcome.kind === "no-answer") return [`# No answer ${took}: ${outcome.code}`, outcome.message];
  const { status, headers, text } = outcome.answer;
  const cut = outcome.cut ? ["# The rest of the answer was not kept."] : [];
  return [`# Answer ${took}`, `HTTP ${status}`, ...headerLines(headers), "", pretty(text), ...cut];
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
