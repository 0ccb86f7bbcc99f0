import * as l10n from "@vscode/l10n";
import type { Clock } from "../../base/clock.ts";
import { type EventContent, recordCount } from "../../protocol/event.ts";
import type { EventDetail, EventRow } from "../../protocol/inspector.ts";
import { badgeView } from "../page/badgeView.ts";
import type { Copy } from "../page/copyButton.ts";
import { button, element } from "../page/dom.ts";
import { formatAgo, formatBytes, formatNumber } from "../text/format.ts";
import { operationBadge, statusBadge } from "../text/rowText.ts";
import { visibleLine } from "../text/visibleText.ts";
import { note } from "./note.ts";
import { type Property, copyable, instant, propertyList } from "./properties.ts";
import { sentenceOf } from "./sentence.ts";
import { parameterTable, webhookProperties } from "./webhookView.ts";

export interface SummaryOptions {
  readonly detail: EventDetail;
  readonly clock: Clock;
  readonly copy: Copy;
  /** Shows the subscription that caused the event in its tree. */
  readonly revealSubscription: () => void;
  readonly revealEvent: (id: number) => void;
  readonly showChanges: () => void;
  /** Saves the value of a parameter, by its place, in a file. */
  readonly saveParameter: (index: number) => void;
}

/** More record ids than this are left to the tree. */
const mostRecords = 50;

/** The event in words: whether the sender is who it says, what happened to which record, and when. */
export function summaryTab(options: SummaryOptions): HTMLElement {
  const { detail, copy, saveParameter } = options;
  const parameters = detail.webhook === undefined ? undefined : parameterTable(detail.webhook, copy, saveParameter);
  const sentence = element("p", { className: "sentence" }, sentenceOf(detail));
  return element(
    "div",
    { className: "summary" },
    sentence,
    verdict(detail),
    detail.warning === undefined ? undefined : note(visibleLine(detail.warning), "warning"),
    propertyList(properties(options)),
    parameters,
  );
}

function verdict(detail: EventDetail): HTMLElement {
  const badge = statusBadge(detail.row.content);
  const explanation = element("span", { className: "explanation" }, visibleLine(detail.explanation));
  return element("div", { className: `verdict tone-${badge.tone}` }, badgeView(badge), explanation);
}

function properties(options: SummaryOptions): Property[] {
  const { detail, copy } = options;
  const { content } = detail.row;
  switch (content.kind) {
    case "gap":
      return [received(options)];
    case "recovered":
      return [...aboutRecovery(options, content), ...subscription(options)];
    case "notification":
      return [...aboutNotification(options, content), ...subscription(options), ...delivery(options)];
    default:
      return [
        ...(detail.webhook === undefined ? [] : webhookProperties(detail, detail.webhook, copy)),
        ...delivery(options),
      ];
  }
}

function aboutNotification(options: SummaryOptions, content: EventContent & { kind: "notification" }): Property[] {
  const { operation, module, recordIds, channelId } = content;
  const { copy, detail } = options;
  return [
    { name: l10n.t("Operation"), value: [badgeView(operationBadge(operation))] },
    { name: l10n.t("Module"), value: [module === undefined ? "–" : visibleLine(module)] },
    { name: recordIds.length > 1 ? l10n.t("Records") : l10n.t("Record"), value: recordList(content, copy) },
    ...(detail.actor === undefined ? [] : [{ name: l10n.t("By"), value: [visibleLine(detail.actor)] }]),
    ...changes(options, content),
    {
      name: l10n.t("Channel"),
      value: [channelId === undefined ? "–" : copyable(channelId, l10n.t("channel ID"), copy)],
    },
  ];
}

function recordList(content: EventContent & { kind: "notification" }, copy: Copy): Property["value"] {
  const { recordIds } = content;
  if (recordIds.length === 0) return ["–"];
  const shown = recordIds.slice(0, mostRecords).map(id => copyable(id, l10n.t("record ID"), copy));
  const rest = recordCount(content) - shown.length;
  return rest === 0 ? shown : [...shown, l10n.t("and {0} more", formatNumber(rest))];
}

function changes(
  { showChanges }: SummaryOptions,
  { changedFields, moreFields = 0 }: EventContent & { kind: "notification" },
): Property[] {
  if (changedFields.length === 0) return [];
  const count = changedFields.length + moreFields;
  const text = count === 1 ? l10n.t("1 field") : l10n.t("{0} fields", formatNumber(count));
  const label = l10n.t("Show the values before and after");
  return [
    { name: l10n.t("Changed"), value: [button({ text, label, className: "inline link", onClick: showChanges })] },
  ];
}

function subscription({ detail, revealSubscription }: SummaryOptions): Property[] {
  if (detail.subscription === undefined) return [];
  const text = visibleLine(detail.subscription.label);
  const label = l10n.t("Show this subscription in the Subscriptions view");
  const link = button({ text, label, className: "inline link", onClick: revealSubscription });
  return [{ name: l10n.t("Subscription"), value: [link] }];
}

function aboutRecovery(options: SummaryOptions, content: EventContent & { kind: "recovered" }): Property[] {
  const { operation, module, recordId, channelId, changedAt, changedBy, name } = content;
  const { copy, clock, detail } = options;
  const { receivedAt } = detail.row;
  const who = changedBy === undefined ? l10n.t("who is not known") : l10n.t("by {0}", visibleLine(changedBy));
  return [
    { name: l10n.t("Operation"), value: [badgeView(operationBadge(operation))] },
    { name: l10n.t("Module"), value: [visibleLine(module)] },
    { name: l10n.t("Record"), value: [copyable(recordId, l10n.t("record ID"), copy)] },
    ...(name === undefined ? [] : [{ name: l10n.t("Name"), value: [visibleLine(name)] }]),
    { name: l10n.t("Channel"), value: [copyable(channelId, l10n.t("channel ID"), copy)] },
    { name: l10n.t("Changed"), value: [instant(changedAt, l10n.t("{0}, as the CRM says", who))] },
    { name: l10n.t("Found"), value: [instant(receivedAt, formatAgo(receivedAt, clock.now()))] },
    { name: l10n.t("Size"), value: [sizeInWords(detail.row)] },
  ];
}

function received({ detail, clock }: SummaryOptions): Property {
  const { receivedAt } = detail.row;
  return { name: l10n.t("Received"), value: [instant(receivedAt, formatAgo(receivedAt, clock.now()))] };
}

function delivery(options: SummaryOptions): Property[] {
  const { detail } = options;
  return [
    received(options),
    { name: l10n.t("Size"), value: [sizeInWords(detail.row)] },
    {
      name: l10n.t("Delivery"),
      value: [l10n.t("number {0} of this relay channel", formatNumber(detail.sequence))],
    },
    ...origin(options),
  ];
}

/** Where an edited event was made from. */
function origin({ detail, revealEvent }: SummaryOptions): Property[] {
  const { parentId } = detail;
  if (parentId === undefined) return [];
  const text = l10n.t("the event that it was edited from");
  const label = l10n.t("Go to the event that this one was edited from");
  const link = button({ text, label, className: "inline link", onClick: () => revealEvent(parentId) });
  return [{ name: l10n.t("Made from"), value: [link] }];
}

function sizeInWords({ bytes }: EventRow): string {
  return bytes < 1000 ? formatBytes(bytes) : l10n.t("{0} ({1} bytes)", formatBytes(bytes), formatNumber(bytes));
}
