import * as l10n from "@vscode/l10n";
import type { Problem, Remedy } from "../../base/problem.ts";

/** The links of the chain from a record in the CRM to a row in this editor, in the order in which they are checked. */
export const linkIds = [
  "sign-in",
  "token",
  "scopes",
  "organization",
  "modules",
  "subscription",
  "expiry",
  "address",
  "relay",
  "probe",
  "token-echo",
  "credits",
  "clock",
] as const;
export type LinkId = (typeof linkIds)[number];

/** What is known of one link, in one sentence (two where the second says what to do). */
export type Finding =
  /** Works; the remedy makes it better. */
  | { readonly status: "ok"; readonly sentence: string; readonly remedy?: Remedy }
  /** Works, but not as it should, or not for long. */
  | { readonly status: "warning"; readonly sentence: string; readonly remedy: Remedy }
  /** No event gets past this. */
  | { readonly status: "broken"; readonly sentence: string; readonly remedy: Remedy }
  /** Cannot be told while `because` is as it is, or (without it) where there is nothing to tell. */
  | { readonly status: "not-checked"; readonly sentence: string; readonly because?: LinkId };

/** One link with what was found. */
export interface CheckedLink {
  readonly id: LinkId;
  readonly title: string;
  readonly finding: Finding;
}

export function ok(sentence: string): Finding {
  return { status: "ok", sentence };
}

/** Works, and `remedy` makes it better. */
export function okWith(sentence: string, remedy: Remedy): Finding {
  return { status: "ok", sentence, remedy };
}

export function warning(sentence: string, remedy: Remedy = "none"): Finding {
  return { status: "warning", sentence, remedy };
}

export function broken(sentence: string, remedy: Remedy = "none"): Finding {
  return { status: "broken", sentence, remedy };
}

/** A failure that was met on the way, as what breaks the link. */
export function brokenBy({ message, remedy }: Pick<Problem, "message" | "remedy">): Finding {
  return broken(message, remedy);
}

export function notChecked(because: LinkId): Finding {
  return { status: "not-checked", sentence: l10n.t("Not checked: this needs “{0}”.", linkTitle(because)), because };
}

/** There is nothing that this could be checked with. */
export function notApplicable(sentence: string): Finding {
  return { status: "not-checked", sentence };
}

/** What a link is called. */
export function linkTitle(link: LinkId): string {
  return titles[link]();
}

const titles: Readonly<Record<LinkId, () => string>> = {
  "sign-in": () => l10n.t("Signed in"),
  token: () => l10n.t("Access token"),
  scopes: () => l10n.t("Permissions (scopes)"),
  organization: () => l10n.t("Organisation and user"),
  modules: () => l10n.t("Modules"),
  subscription: () => l10n.t("Subscription"),
  expiry: () => l10n.t("Expiry"),
  address: () => l10n.t("Address for notifications"),
  relay: () => l10n.t("Relay"),
  probe: () => l10n.t("Way through the public address"),
  "token-echo": () => l10n.t("Token of the subscription"),
  credits: () => l10n.t("API credits"),
  clock: () => l10n.t("Clock"),
};
