import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import type { FeedState } from "../../protocol/inspector.ts";
import type { Badge } from "../text/rowText.ts";

/** How events are coming in, in a word. */
export function feedBadge(feed: FeedState): Badge {
  switch (feed.kind) {
    case "off":
      return { icon: "circle-outline", word: l10n.t("Not connected"), tone: "quiet" };
    case "connecting":
      return { icon: "sync", word: l10n.t("Connecting"), tone: "info" };
    case "catching-up":
      return { icon: "sync", word: l10n.t("Catching up"), tone: "info" };
    case "live":
      return { icon: "circle-filled", word: l10n.t("Live"), tone: "good" };
    case "reconnecting":
      return { icon: "sync", word: l10n.t("Reconnecting"), tone: "warning" };
    case "refused":
      return { icon: "error", word: l10n.t("Refused"), tone: "bad" };
    default:
      return assertNever(feed.kind);
  }
}

/** What keeps events from coming in, for the banner; undefined when nothing does. */
export function feedTrouble(feed: FeedState): string | undefined {
  if (feed.kind === "reconnecting")
    return feed.problem ?? l10n.t("The connection to the relay was lost; trying again.");
  if (feed.kind === "refused") return feed.problem ?? l10n.t("The relay refused this editor.");
  return feed.kind === "off" ? feed.problem : undefined;
}

/** What an empty list says: what is the case, and what to do next. */
export interface EmptyText {
  readonly title: string;
  readonly advice: string;
}

export function emptyText(feed: FeedState, isFiltered: boolean): EmptyText {
  if (isFiltered) {
    return {
      title: l10n.t("No events match the filter"),
      advice: l10n.t("Change the filter, or remove it to see all events."),
    };
  }
  if (feed.missing !== undefined) return missingText[feed.missing]();
  switch (feed.kind) {
    case "off":
      return {
        title: l10n.t("No events yet"),
        advice: l10n.t(
          "Create a subscription in the Zoho CRM view: this editor then gets an address that Zoho can reach.",
        ),
      };
    case "connecting":
    case "catching-up":
      return {
        title: l10n.t("Connecting to the relay"),
        advice: l10n.t("Events that came meanwhile appear in a moment."),
      };
    case "live":
      return {
        title: l10n.t("Waiting for events"),
        advice: l10n.t(
          "Create, edit or delete a record that one of your subscriptions watches, and it appears here at once.",
        ),
      };
    case "reconnecting":
      return {
        title: l10n.t("No events yet"),
        advice: l10n.t("The relay keeps what arrives until the connection is back."),
      };
    case "refused":
      return {
        title: l10n.t("No events yet"),
        advice: l10n.t("Nothing can arrive until the relay accepts this editor again."),
      };
    default:
      return assertNever(feed.kind);
  }
}

/** What is missing before events can come, and what it is good for. */
const missingText: Readonly<Record<NonNullable<FeedState["missing"]>, () => EmptyText>> = {
  connection: () => ({
    title: l10n.t("Not connected to a CRM"),
    advice: l10n.t("Try the local sandbox, which needs no account, or connect your Zoho CRM."),
  }),
  address: () => ({
    title: l10n.t("Zoho cannot reach this editor yet"),
    advice: l10n.t("It delivers to public HTTPS addresses only. Get one, then create a subscription."),
  }),
  subscription: () => ({
    title: l10n.t("No subscription leads here yet"),
    advice: l10n.t("Create one: Zoho then sends every change of the modules that you choose."),
  }),
};
