import * as l10n from "@vscode/l10n";
import type { Connection } from "../connections/connection.ts";
import type { Channel } from "../subscriptions/channel.ts";
import type { Diagnosis } from "./diagnose.ts";
import type { CheckedLink, Finding } from "./finding.ts";
import type { NotedShape } from "./shapes/shapeNotes.ts";

/** What a report says about besides the findings. */
export interface ReportSubject {
  /** Undefined where the sign-in is gone. */
  readonly connection: Pick<Connection, "organization" | "dataCentre"> | undefined;
  readonly channel: Channel | undefined;
  /** Version of the extension. */
  readonly version: string;
  /** Forms of what Zoho sent that the parsers did not know. */
  readonly shapes: readonly NotedShape[];
}

/**
 * The diagnosis as Markdown that reads well as plain text too. It is made to be passed on: ids are shortened, and there
 * is no token in it, no e-mail address, and no address that would let anyone send events.
 */
export function formatReport(diagnosis: Diagnosis, subject: ReportSubject): string {
  return [
    `# ${l10n.t("Diagnose: {0}", subjectWords(subject))}`,
    verdict(diagnosis),
    `## ${l10n.t("From the CRM to this editor")}`,
    diagnosis.links.map(formatLink).join("\n"),
    `## ${l10n.t("Facts")}`,
    facts(diagnosis, subject).join("\n"),
    ...unknownForms(subject.shapes),
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

/** What a diagnosis is about, short enough for a title. */
export function subjectWords({ connection, channel }: Pick<ReportSubject, "connection" | "channel">): string {
  const organization = connection?.organization.name ?? l10n.t("not signed in");
  const modules = channel?.subscriptions.map(({ module }) => module) ?? [];
  if (modules.length === 0) return organization;
  const shown = modules.slice(0, 3).join(", ");
  // As the subscription's row has them, and not as a sentence would.
  return `${organization}, ${modules.length > 3 ? l10n.t("{0} and {1} more", shown, modules.length - 3) : shown}`;
}

/** The outcome in a sentence or two. */
export function verdictWords({ links, firstBroken }: Pick<Diagnosis, "links" | "firstBroken">): string {
  if (firstBroken !== undefined) return `${firstBroken.title}: ${firstBroken.finding.sentence}`;
  const warnings = links.filter(({ finding }) => finding.status === "warning");
  const [first] = warnings;
  if (first === undefined) return l10n.t("Everything from the CRM to this editor works.");
  const what = `${first.title}: ${first.finding.sentence}`;
  return warnings.length === 1
    ? l10n.t("Events get through, with a warning. {0}", what)
    : l10n.t("Events get through, with warnings. {0} And {1} more.", what, warnings.length - 1);
}

function verdict(diagnosis: Diagnosis): string {
  const { firstBroken } = diagnosis;
  if (firstBroken === undefined) return `**${verdictWords(diagnosis)}**`;
  return `**${l10n.t("First failure: {0}.", firstBroken.title)}** ${firstBroken.finding.sentence}`;
}

const statusWords: Readonly<Record<Finding["status"], () => string>> = {
  ok: () => l10n.t("✔ OK"),
  warning: () => l10n.t("⚠ Warning"),
  broken: () => l10n.t("✘ Broken"),
  "not-checked": () => l10n.t("– Not checked"),
};

function formatLink({ title, finding }: CheckedLink, index: number): string {
  return `${index + 1}. ${statusWords[finding.status]()} · **${title}**: ${finding.sentence}`;
}

function facts({ at }: Diagnosis, { connection, channel, version }: ReportSubject): string[] {
  const pairs: readonly (readonly [name: string, value: string | undefined])[] = [
    [l10n.t("Time"), new Date(at).toISOString()],
    [l10n.t("Extension"), version],
    [l10n.t("Data centre"), connection?.dataCentre],
    [l10n.t("Organisation"), connection === undefined ? undefined : shortId(connection.organization.id)],
    [l10n.t("Channel"), channel === undefined ? undefined : shortId(channel.channelId)],
    [l10n.t("Modules"), channel?.subscriptions.map(({ module }) => module).join(", ")],
    [l10n.t("Expires"), channel === undefined ? undefined : new Date(channel.expiresAt).toISOString()],
    [l10n.t("Address"), channel === undefined ? undefined : shortAddress(channel.notifyUrl)],
  ];
  return pairs.flatMap(([name, value]) => (value === undefined ? [] : [`- ${name}: ${value}`]));
}

/** Names and types only, for those who write the parsers. */
function unknownForms(shapes: readonly NotedShape[]): string[] {
  if (shapes.length === 0) return [];
  const day = (instant: number): string => new Date(instant).toISOString().slice(0, 10);
  const lines = shapes.map(({ where, shape, firstSeen, lastSeen, count, version }) => {
    const seen = l10n.t("{0} times from {1} to {2}, last by {3}", count, day(firstSeen), day(lastSeen), version);
    return `- ${where} (${seen}): \`${shape}\``;
  });
  const words = l10n.t("Names and types only: no value, id or name of yours is in them.");
  return [`## ${l10n.t("Forms of Zoho's answers not known to this version")}`, words, lines.join("\n")];
}

/** Enough of an id to compare it with one that is known, and no more. */
function shortId(id: string): string {
  return id.length <= 4 ? id : `…${id.slice(-4)}`;
}

/** The server of an address; its path is what lets one send. */
function shortAddress(address: string): string {
  return URL.canParse(address) ? `${new URL(address).origin}/…` : l10n.t("not a URL");
}
