import type { Clock } from "../../base/clock.ts";
import type { EventDetail, EventRow, RowContent } from "../../protocol/inspector.ts";
import { badgeView } from "../page/badgeView.ts";
import { type Copy, copyButton } from "../page/copyButton.ts";
import { type Child, element } from "../page/dom.ts";
import { formatAbsoluteTime, formatAgo, formatBytes, formatDuration } from "../text/format.ts";
import { operationBadge, statusBadge } from "../text/rowText.ts";
import { visibleLine } from "../text/visibleText.ts";
import { changesTable } from "./changesTable.ts";
import type { EventBody } from "./eventBody.ts";

export interface SummaryOptions {
  readonly detail: EventDetail;
  readonly body: EventBody;
  readonly clock: Clock;
  readonly copy: Copy;
}

/** The event in words: whether the sender is who it says, what happened to which record, and when. */
export function summaryTab(options: SummaryOptions): HTMLElement {
  const { detail, body } = options;
  const table = detail.row.content.kind === "notification" ? changesTable(body) : undefined;
  return element("div", { className: "summary" }, verdict(detail), propertyList(properties(options)), table);
}

function verdict(detail: EventDetail): HTMLElement {
  const badge = statusBadge(detail.row.content);
  const explanation = element("span", { className: "explanation" }, visibleLine(detail.explanation));
  return element("div", { className: `verdict tone-${badge.tone}` }, badgeView(badge), explanation);
}

interface Property {
  readonly name: string;
  readonly value: readonly Child[];
}

function propertyList(list: readonly Property[]): HTMLElement {
  const lines = list.flatMap(({ name, value }) => [element("dt", {}, name), element("dd", {}, ...value)]);
  return element("dl", { className: "properties" }, ...lines);
}

function properties(options: SummaryOptions): Property[] {
  const { content } = options.detail.row;
  if (content.kind === "gap") return times(options);
  if (content.kind === "recovered") return aboutRecovery(options, content);
  const about =
    content.kind === "notification" ? aboutNotification(content, options.copy) : aboutRequest(options.detail);
  return [...about, ...times(options), ...delivery(options.detail)];
}

function aboutNotification(content: RowContent & { kind: "notification" }, copy: Copy): Property[] {
  const { operation, module, recordIds, channelId } = content;
  const ids = recordIds.map(id => copyable(id, "record id", copy));
  return [
    { name: "Operation", value: [badgeView(operationBadge(operation))] },
    { name: "Module", value: [visibleLine(module)] },
    { name: recordIds.length === 1 ? "Record" : "Records", value: ids },
    { name: "Channel", value: [copyable(channelId, "channel id", copy)] },
  ];
}

function aboutRecovery(options: SummaryOptions, content: RowContent & { kind: "recovered" }): Property[] {
  const { operation, module, recordId, channelId, changedAt, changedBy, name } = content;
  const { receivedAt } = options.detail.row;
  const who = changedBy === undefined ? "who is not known" : `by ${changedBy}`;
  const ago = formatAgo(receivedAt, options.clock.now());
  return [
    { name: "Operation", value: [badgeView(operationBadge(operation))] },
    { name: "Module", value: [visibleLine(module)] },
    { name: "Record", value: [copyable(recordId, "record id", options.copy)] },
    ...(name === undefined ? [] : [{ name: "Name", value: [visibleLine(name)] }]),
    { name: "Channel", value: [copyable(channelId, "channel id", options.copy)] },
    { name: "Changed", value: [instant(changedAt, visibleLine(`${who}, as the CRM says`))] },
    { name: "Found", value: [instant(receivedAt, ago)] },
    { name: "Size", value: [sizeInWords(options.detail.row)] },
  ];
}

function aboutRequest(detail: EventDetail): Property[] {
  const { method, path, query } = detail.request;
  const target = `${path}${query === "" ? "" : `?${query}`}`;
  return [{ name: "Request", value: [code(`${method} ${target}`.trim())] }];
}

function copyable(id: string, what: string, copy: Copy): HTMLElement {
  const shown = visibleLine(id);
  return element(
    "span",
    { className: "copyable" },
    code(shown),
    copyButton(`${what} ${shown}`, () => id, copy),
  );
}

function code(text: string): HTMLElement {
  return element("code", {}, visibleLine(text));
}

function times({ detail, clock }: SummaryOptions): Property[] {
  const { receivedAt } = detail.row;
  const received = { name: "Received", value: [instant(receivedAt, formatAgo(receivedAt, clock.now()))] };
  if (detail.serverTime === undefined) return [received];
  return [
    { name: "Changed", value: [instant(detail.serverTime, latencyInWords(detail.serverTime, receivedAt))] },
    received,
  ];
}

/** Clocks differ: a change "after" its delivery says more about them than about the delivery. */
function latencyInWords(changedAt: number, receivedAt: number): string {
  const latency = receivedAt - changedAt;
  return latency >= 0
    ? `${formatDuration(latency)} before the relay had it`
    : `${formatDuration(-latency)} after the relay had it, by Zoho's clock`;
}

function instant(at: number, remark: string): HTMLElement {
  const time = element("time", { attributes: { datetime: new Date(at).toISOString() } }, formatAbsoluteTime(at));
  return element("span", {}, time, element("span", { className: "remark" }, ` · ${remark}`));
}

function delivery(detail: EventDetail): Property[] {
  return [
    { name: "Size", value: [sizeInWords(detail.row)] },
    { name: "Delivery", value: [`number ${detail.sequence.toLocaleString("en")} of this relay channel`] },
  ];
}

function sizeInWords({ bytes }: EventRow): string {
  return bytes < 1000 ? formatBytes(bytes) : `${formatBytes(bytes)} (${bytes.toLocaleString("en")} bytes)`;
}
