import * as l10n from "@vscode/l10n";
import { second } from "../../base/clock.ts";
import type { Problem } from "../../base/problem.ts";

/** Why a stream ended, or never came about. */
export type StreamEnding =
  /** Trying again will not help: the relay said no, or speaks in a way this version cannot read. */
  | { readonly kind: "refused"; readonly reason: RefusalReason }
  | { readonly kind: "lost"; readonly reason: LossReason; readonly cause?: unknown }
  /** The relay announced it; come back after so many milliseconds. */
  | { readonly kind: "sent-away"; readonly retryAfter: number };

export type RefusalReason = "wrong-key" | "unknown-channel" | "channel-deleted" | "not-understood" | "unknown-scheme";
export type LossReason =
  "unreachable" | "no-answer" | "error-answer" | "silent" | "closed" | "protocol" | "not-stored" | "keys-unreadable";

/** A refusal, for a person. */
export function refusalProblem(reason: RefusalReason, relayUrl: string): Problem {
  return { ...refusals[reason](relayUrl), remedy: "configure-relay" };
}

/** A loss, for a person; `delay` is how long until the next try, in milliseconds. */
export function lossProblem(
  ending: Exclude<StreamEnding, { kind: "refused" }>,
  relayUrl: string,
  delay: number,
): Problem {
  const again = `trying again in ${Math.max(1, Math.round(delay / second))} s.`;
  if (ending.kind === "sent-away") {
    return { code: "RELAY_RESTARTING", message: `The relay at ${relayUrl} is restarting; ${again}`, remedy: "retry" };
  }
  return { ...losses[ending.reason](relayUrl, again), remedy: "retry", cause: ending.cause };
}

type Words = Pick<Problem, "code" | "message">;

const refusals: Readonly<Record<RefusalReason, (relayUrl: string) => Words>> = {
  "wrong-key": url => ({
    code: "RELAY_WRONG_KEY",
    message: l10n.t("The relay at {0} does not accept the key of this channel. Make a new relay address.", url),
  }),
  "unknown-channel": url => ({
    code: "RELAY_UNKNOWN_CHANNEL",
    message: l10n.t("The relay at {0} does not know this channel. Make a new relay address to get another.", url),
  }),
  "channel-deleted": url => ({
    code: "RELAY_CHANNEL_DELETED",
    message: l10n.t("The channel was deleted on the relay at {0}. Make a new relay address to get another.", url),
  }),
  "not-understood": url => ({
    code: "RELAY_NOT_UNDERSTOOD",
    message: l10n.t(
      "What answers at {0} is not a relay that this version of the extension can talk to. Check the address.",
      url,
    ),
  }),
  "unknown-scheme": url => ({
    code: "RELAY_UNKNOWN_SCHEME",
    message: l10n.t(
      "The relay at {0} sends events in a form that this version of the extension cannot read. Update it.",
      url,
    ),
  }),
};

const losses: Readonly<Record<LossReason, (relayUrl: string, again: string) => Words>> = {
  unreachable: (url, again) => ({
    code: "RELAY_UNREACHABLE",
    message: `The relay at ${url} does not answer. Check that it runs; ${again}`,
  }),
  "no-answer": (url, again) => ({
    code: "RELAY_NO_ANSWER",
    message: `The relay at ${url} took too long to answer. Check that it runs; ${again}`,
  }),
  "error-answer": (url, again) => ({
    code: "RELAY_ERROR_ANSWER",
    message: `The relay at ${url} cannot serve the channel now; ${again}`,
  }),
  silent: (url, again) => ({
    code: "RELAY_SILENT",
    message: `The connection to the relay at ${url} went silent; ${again}`,
  }),
  closed: (url, again) => ({
    code: "RELAY_CLOSED",
    message: `The relay at ${url} closed the connection; ${again}`,
  }),
  protocol: (url, again) => ({
    code: "RELAY_PROTOCOL",
    message: `The relay at ${url} said something out of order; ${again}`,
  }),
  "not-stored": (_url, again) => ({
    code: "EVENTS_NOT_STORED",
    message: `Events could not be stored on this machine. Check for free disk space; ${again}`,
  }),
  "keys-unreadable": (_url, again) => ({
    code: "RELAY_KEYS_UNREADABLE",
    message: `The keys that open the events could not be read from the editor's secret storage; ${again}`,
  }),
};
