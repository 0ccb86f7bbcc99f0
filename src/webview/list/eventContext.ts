import type { EventRow } from "../../protocol/inspector.ts";
import { isUnderWay } from "../text/handlingText.ts";

/** With more events than this, the menu's commands are told which by the page's message alone. */
const mostContextIds = 1_000;

/**
 * What the editor's own context menu is told of the chosen rows, for its `when` clauses and commands: `eventIds` unless
 * they are too many or not all known, in which case `selected` has said which they are.
 */
export function eventContext(count: number, rows: readonly EventRow[]): string {
  const isComplete = rows.length === count && count <= mostContextIds;
  return JSON.stringify({
    webviewSection: "zohoCrmEvent",
    preventDefaultContextMenuItems: true,
    eventCount: count,
    eventKinds: [...new Set(rows.map(({ content }) => content.kind))],
    eventsUnderWay: !isComplete || rows.some(({ handling }) => isUnderWay(handling)),
    eventsPinned: rows.some(({ pinned }) => pinned === true),
    ...(isComplete ? { eventIds: rows.map(({ id }) => id) } : {}),
  });
}
