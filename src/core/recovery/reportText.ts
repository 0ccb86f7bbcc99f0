import * as l10n from "@vscode/l10n";
import { operations } from "../../protocol/event.ts";
import { listed } from "../listed.ts";
import { type Counts, type RecoveryReport, recoveredCount, recoveredCounts } from "./recoveryReport.ts";

/** The report in a sentence or two: `Recovered 12 changes of Leads: 5 created, 6 edited, 1 deleted.` */
export function reportSentence(report: RecoveryReport): string {
  return [countSentence(report), ...troubles(report)].join(" ");
}

function countSentence(report: RecoveryReport): string {
  const read = report.modules.filter(({ problem }) => problem === undefined);
  const modules = listed(read.map(({ module }) => module)) || l10n.t("no module");
  const count = recoveredCount(report);
  if (count > 0)
    return l10n.t("Recovered {0} of {1}: {2}.", changes(count), modules, countWords(recoveredCounts(read)));
  const known = read.reduce((sum, each) => sum + each.known, 0);
  if (known > 0)
    return l10n.t("Nothing new was missed of {0}: {1} had been recovered before.", modules, changes(known));
  return l10n.t("Nothing was missed of {0}: the CRM has no change in that time that was not delivered.", modules);
}

/** `5 created, 6 edited, 1 deleted`, without what is none. */
export function countWords(counts: Counts): string {
  const words = {
    create: (count: string) => l10n.t("{0} created", count),
    edit: (count: string) => l10n.t("{0} edited", count),
    delete: (count: string) => l10n.t("{0} deleted", count),
  };
  return operations
    .flatMap(kind => (counts[kind] === 0 ? [] : [words[kind](counts[kind].toLocaleString("en"))]))
    .join(", ");
}

function troubles({ modules }: RecoveryReport): string[] {
  const cut = modules.filter(({ complete }) => !complete).map(({ module }) => module);
  const failed = modules.flatMap(({ module, problem }) => (problem === undefined ? [] : [{ module, problem }]));
  return [
    ...(cut.length === 0
      ? []
      : [l10n.t("There were more changes of {0} than are read at once: some are left out.", listed(cut))]),
    ...failed.map(({ module, problem }) => l10n.t("{0} could not be read: {1}", module, problem.message)),
  ];
}

/** In plain words, what looking into the CRM afterwards cannot bring back. */
export function limitsOfRecovery(report: Pick<RecoveryReport, "modules">): string[] {
  const conditional = report.modules.filter(({ hasCondition }) => hasCondition).map(({ module }) => module);
  return [
    l10n.t("States in between: a record that changed several times is there once, as it is now."),
    l10n.t("Which fields an edit changed, and their values before."),
    l10n.t("Edits of a record that was edited again afterwards: the later delivery tells of it as it became."),
    l10n.t(
      "Merges: the CRM keeps no trace of them that can be asked for. Of a record that was merged into another, at most " +
        "its deletion is there.",
    ),
    l10n.t("Whether a deleted record had been created in the same time, and what its fields were."),
    l10n.t("Deleted records that Zoho no longer lists, as the recycle bin was emptied or its time was over."),
    l10n.t("Records that the signed-in user may not see."),
    l10n.t("Changes of related records, for which the channel may have notified too."),
    ...(conditional.length === 0
      ? []
      : [l10n.t("Which edits of {0} met the channel's condition: all edits are there.", listed(conditional))]),
  ];
}

/** The whole report as a document in Markdown. */
export function reportDocument(report: RecoveryReport): string {
  const { window, modules, channelId } = report;
  const rows = modules.map(
    ({ module, recovered, known, problem }) =>
      `| ${module} | ${recovered.create} | ${recovered.edit} | ${recovered.delete} | ${known} | ${problem?.message ?? ""} |`,
  );
  return [
    `# ${l10n.t("Changes that were missed")}`,
    "",
    reportSentence(report),
    "",
    l10n.t("Channel {0}, from {1} to {2} by the CRM's clock.", channelId, isoTime(window.from), isoTime(window.to)),
    "",
    `| ${headings().join(" | ")} |`,
    "| --- | ---: | ---: | ---: | ---: | --- |",
    ...rows,
    "",
    `## ${l10n.t("What cannot be recovered")}`,
    "",
    ...limitsOfRecovery(report).map(limit => `- ${limit}`),
    "",
  ].join("\n");
}

function headings(): string[] {
  return [
    l10n.t("Module"),
    l10n.t("Created"),
    l10n.t("Edited"),
    l10n.t("Deleted"),
    l10n.t("Recovered before"),
    l10n.t("Problem"),
  ];
}

function isoTime(instant: number): string {
  return new Date(instant).toISOString().replace(/\.\d+Z$/, "Z");
}

function changes(count: number): string {
  return count === 1 ? l10n.t("1 change") : l10n.t("{0} changes", count.toLocaleString("en"));
}
