import * as l10n from "@vscode/l10n";
import type { Problem } from "../../base/problem.ts";

/** Why a stream ended, or never came about. */
export type StreamEnding =
  /** Trying again will not help: the relay said no, or speaks in a way this version cannot read. */
  | { readonly kind: "refused"; readonly reason: RefusalReason }
  | {
      readonly kind: "lost";
      readonly reason: LossReason;
      /** What the sentence names besides: the proxy, the status, where an answer leads. */
      readonly detail?: string;
      readonly cause?: unknown;
    }
  /** The relay announced it; come back after so many milliseconds. */
  | { readonly kind: "sent-away"; readonly retryAfter: number };

/** `invitation-over`: the channel that was shared is there no more. `not-shared`: the channel is somebody else's, who shares it no more. */
export type RefusalReason =
  | "wrong-key"
  | "not-shared"
  | "invitation-over"
  | "unknown-channel"
  | "channel-deleted"
  | "not-understood"
  | "unknown-scheme";
export type LossReason =
  | "unreachable"
  /** The proxy of the network could not be reached. */
  | "proxy"
  | "proxy-password"
  /** Something on the way to the relay says no. */
  | "forbidden"
  | "not-trusted"
  | "no-answer"
  | "error-answer"
  /** Something else answered in the relay's place. */
  | "web-page"
  | "not-the-relay"
  | "redirected"
  /** What stands in front of the relay does not reach it. */
  | "gateway"
  /** What stands in front of the relay does not pass on that a WebSocket is wanted. */
  | "no-upgrade"
  | "channel-full"
  | "relay-full"
  | "silent"
  | "closed"
  | "protocol"
  | "not-stored"
  | "keys-unreadable";

/** What a refusal means to somebody with whom the channel was shared. */
export function refusalOfGuest(reason: RefusalReason): RefusalReason {
  if (reason === "wrong-key") return "not-shared";
  return reason === "unknown-channel" || reason === "channel-deleted" ? "invitation-over" : reason;
}

/** A refusal, for a person. */
export function refusalProblem(reason: RefusalReason, relayUrl: string): Problem {
  return { ...refusals[reason](relayUrl), remedy: "configure-relay" };
}

/** Whether the relay itself has refused the channel, or the key that it was asked with. */
export function isRefusal({ code }: Problem): boolean {
  return code === "RELAY_WRONG_KEY" || code === "RELAY_UNKNOWN_CHANNEL";
}

/** A loss, for a person. When the next try is belongs to the state, and to whatever counts down to it. */
export function lossProblem(ending: Exclude<StreamEnding, { kind: "refused" }>, relayUrl: string): Problem {
  if (ending.kind === "sent-away") {
    const message = l10n.t("The relay at {0} is restarting.", relayUrl);
    return { code: "RELAY_RESTARTING", message, remedy: "retry" };
  }
  return { ...losses[ending.reason](relayUrl, ending.detail ?? ""), remedy: "retry", cause: ending.cause };
}

type Words = Pick<Problem, "code" | "message">;

const refusals: Readonly<Record<RefusalReason, (relayUrl: string) => Words>> = {
  "wrong-key": url => ({
    code: "RELAY_WRONG_KEY",
    message: l10n.t("The relay at {0} does not accept the key of this channel. Make a new relay address.", url),
  }),
  "not-shared": url => ({
    code: "RELAY_NOT_SHARED",
    message: l10n.t(
      "The address at the relay {0} is no longer shared with you. Ask the person who shared it for a new invitation, or use your own address.",
      url,
    ),
  }),
  "invitation-over": url => ({
    code: "RELAY_INVITATION_OVER",
    message: l10n.t("This invitation to the relay at {0} no longer works. Ask for a new one.", url),
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

const losses: Readonly<Record<LossReason, (relayUrl: string, detail: string) => Words>> = {
  unreachable: url => ({
    code: "RELAY_UNREACHABLE",
    message: l10n.t("The relay at {0} does not answer. Check that it is running.", url),
  }),
  proxy: (url, proxy) => ({
    code: "RELAY_BEHIND_PROXY",
    message: l10n.t(
      "The proxy {0} of this network cannot be reached, and without it neither can the relay at {1}.",
      proxy,
      url,
    ),
  }),
  "proxy-password": url => ({
    code: "RELAY_BEHIND_PROXY",
    message: l10n.t(
      "The proxy of this network wants a user and a password on the way to the relay at {0}. Put them into the setting http.proxy.",
      url,
    ),
  }),
  forbidden: url => ({
    code: "RELAY_FORBIDDEN",
    message: l10n.t(
      "A proxy or firewall on the way to the relay at {0} forbids the connection. Ask your network administrator.",
      url,
    ),
  }),
  "not-trusted": url => ({
    code: "RELAY_NOT_TRUSTED",
    message: l10n.t(
      "The secure connection to the relay at {0} could not be set up: its certificate is not trusted here. " +
        "Check whether a proxy on this network replaces certificates.",
      url,
    ),
  }),
  "no-answer": url => ({
    code: "RELAY_NO_ANSWER",
    message: l10n.t("The relay at {0} took too long to answer. Check that it is running.", url),
  }),
  "error-answer": url => ({
    code: "RELAY_ERROR_ANSWER",
    message: l10n.t("The relay at {0} cannot serve the channel now.", url),
  }),
  "web-page": (url, status) => ({
    code: "RELAY_WEB_PAGE",
    message: l10n.t(
      "The address {0} answered with a web page that is not the relay's (status {1}). Check the address and any proxy in front of the relay.",
      url,
      status,
    ),
  }),
  "not-the-relay": (url, status) => ({
    code: "RELAY_NOT_ITS_ANSWER",
    message: l10n.t(
      "The address {0} gave an answer that is not the relay's (status {1}). Check the address and any proxy in front of the relay.",
      url,
      status,
    ),
  }),
  redirected: (url, origin) => ({
    code: "RELAY_REDIRECTED",
    message: l10n.t(
      "The address {0} redirects to {1}, as a network's sign-in page does. Sign in to the network in a browser, or correct the address.",
      url,
      origin,
    ),
  }),
  gateway: (url, status) => ({
    code: "RELAY_BEHIND_GATEWAY",
    message: l10n.t("A proxy in front of the relay at {0} can't reach it (status {1}).", url, status),
  }),
  "no-upgrade": url => ({
    code: "RELAY_NO_UPGRADE",
    message: l10n.t(
      "A proxy in front of the relay at {0} doesn't pass on WebSocket connections. Ask the relay's operator.",
      url,
    ),
  }),
  "channel-full": url => ({
    code: "RELAY_CHANNEL_FULL",
    message: l10n.t(
      "The relay at {0} has reached its limit of editors for this channel. Close one, or ask the operator to raise the limit.",
      url,
    ),
  }),
  "relay-full": url => ({
    code: "RELAY_FULL",
    message: l10n.t(
      "The relay at {0} has reached its limit of connected editors. Ask its operator to raise the limit.",
      url,
    ),
  }),
  silent: url => ({
    code: "RELAY_SILENT",
    message: l10n.t("The connection to the relay at {0} went silent.", url),
  }),
  closed: url => ({
    code: "RELAY_CLOSED",
    message: l10n.t("The relay at {0} closed the connection.", url),
  }),
  protocol: url => ({
    code: "RELAY_PROTOCOL",
    message: l10n.t("The relay at {0} said something out of order.", url),
  }),
  "not-stored": () => ({
    code: "EVENTS_NOT_STORED",
    message: l10n.t("Events could not be stored on this machine. Check for free disk space."),
  }),
  "keys-unreadable": () => ({
    code: "RELAY_KEYS_UNREADABLE",
    message: l10n.t("The keys that open the events could not be read from the editor's secret storage."),
  }),
};
