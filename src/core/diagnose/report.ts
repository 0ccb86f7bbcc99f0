import * as l10n from "@vscode/l10n";
import type { Connection } from "../connections/connection.ts";
import type { Channel } from "../subscriptions/channel.ts";
import type { Diagnosis } from "./diagnose.ts";
import type { CheckedLink, Finding } from "./finding.ts";

/** What a report says about besides the findings. */
export interface ReportSubject {
  /** Undefined where the sign-in is gone. */
  readonly connection: Pick<Connection, "organization" | "dataCentre"> | undefined;
  readonly channel: Channel | undefined;
  /** Version of the extension. */
  readonly version: string;
}

/**
 * The diagnosis as Markdown that reads well as plain text too. It is made to be passed on: ids are shortened, and there
 * is no token in it, no e-mail address, and no address that would let anyone send events.
 */
export function formatReport(diagnosis: Diagnosis, subject: ReportSubject): string {
  return [
    `# Diagnose: ${subjectWords(subject)}`,
    verdict(diagnosis),
    "## From the CRM to this editor",
    diagnosis.links.map(formatLink).join("\n"),
    "## Facts",
    facts(diagnosis, subject).join("\n"),
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

/** What a diagnosis is about, short enough for a title. */
export function subjectWords({ connection, channel }: Pick<ReportSubject, "connection" | "channel">): string {
  const organization = connection?.organization.name ?? "not signed in";
  const modules = channel?.subscriptions.map(({ module }) => module) ?? [];
  if (modules.length === 0) return organization;
  const shown = modules.slice(0, 3).join(", ");
  return `${organization}, ${modules.length > 3 ? `${shown} and ${modules.length - 3} more` : shown}`;
}

/** The outcome in a sentence or two. */
export function verdictWords({ links, firstBroken }: Pick<Diagnosis, "links" | "firstBroken">): string {
  if (firstBroken !== undefined) return `${firstBroken.title}: ${firstBroken.finding.sentence}`;
  const warnings = links.filter(({ finding }) => finding.status === "warning");
  const [first] = warnings;
  if (first === undefined) return l10n.t("Everything from the CRM to this editor works.");
  const more = warnings.length === 1 ? "" : ` And ${warnings.length - 1} more.`;
  return `Events get through, with a warning. ${first.title}: ${first.finding.sentence}${more}`;
}

function verdict(diagnosis: Diagnosis): string {
  const { firstBroken } = diagnosis;
  if (firstBroken === undefined) return `**${verdictWords(diagnosis)}**`;
  return `**The first broken link: ${firstBroken.title}.** ${firstBroken.finding.sentence}`;
}

const statusWords: Readonly<Record<Finding["status"], string>> = {
  ok: "✔ OK",
  warning: "⚠ Warning",
  broken: "✘ Broken",
  "not-checked": "– Not checked",
};

function formatLink({ title, finding }: CheckedLink, index: number): string {
  const sentence =
    finding.status === "not-checked" ? finding.sentence.replace(/^Not checked: t/, "T") : finding.sentence;
  return `${index + 1}. ${statusWords[finding.status]} · **${title}**: ${sentence}`;
}

function facts({ at }: Diagnosis, { connection, channel, version }: ReportSubject): string[] {
  const pairs: readonly (readonly [name: string, value: string | undefined])[] = [
    ["Time", new Date(at).toISOString()],
    ["Extension", version],
    ["Data centre", connection?.dataCentre],
    ["Organisation", connection === undefined ? undefined : shortId(connection.organization.id)],
    ["Channel", channel === undefined ? undefined : shortId(channel.channelId)],
    ["Modules", channel?.subscriptions.map(({ module }) => module).join(", ")],
    ["Expires", channel === undefined ? undefined : new Date(channel.expiresAt).toISOString()],
    ["Address", channel === undefined ? undefined : shortAddress(channel.notifyUrl)],
  ];
  return pairs.flatMap(([name, value]) => (value === undefined ? [] : [`- ${name}: ${value}`]));
}

/** Enough of an id to compare it with one that is known, and no more. */
export function shortId(id: string): string {
  return id.length <= 4 ? id : `…${id.slice(-4)}`;
}

/** The server of an address; its path is what lets one send. */
export function shortAddress(address: string): string {
  return URL.canParse(address) ? `${new URL(address).origin}/…` : "not a URL";
}
