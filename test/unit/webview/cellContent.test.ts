import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Handling, EventContent } from "../../../src/protocol/event.ts";
import type { EventRow } from "../../../src/protocol/inspector.ts";
import { cellContent, sentenceOf } from "../../../src/webview/list/cellContent.ts";
import { type ColumnName, columnNames } from "../../../src/webview/list/columns.ts";
import { eventContext } from "../../../src/webview/list/eventContext.ts";
import { ariaSort, isByArrival, sortAfterClick } from "../../../src/webview/list/sorting.ts";
import { countInWords, sortedInWords } from "../../../src/webview/list/listText.ts";
import { describeHandling, handlingBadge } from "../../../src/webview/text/handlingText.ts";
import { sourceOf } from "../../../src/webview/text/sourceText.ts";

const edit: EventContent = {
  kind: "notification",
  operation: "edit",
  module: "Deals",
  recordIds: ["6756839000000575405", "2", "3"],
  changedFields: ["Stage", "Amount"],
  channelId: "1",
  verification: "verified",
};

const row: EventRow = { id: 1, receivedAt: 0, bytes: 312, content: edit };

function textsOf(shown: EventRow, now = 12_000): Partial<Record<ColumnName, string>> {
  return Object.fromEntries(columnNames.map(name => [name, cellContent(name, shown, now, "relative").text]));
}

function handled(handling: Partial<Handling>): EventRow {
  return { ...row, handling: { state: "answered", attempts: 1, ...handling } };
}

describe("the cells of a row", () => {
  it("say what a delivery is", () => {
    assert.deepEqual(textsOf(row), {
      pinned: "",
      status: "Verified",
      time: "12 s",
      operation: "Edited",
      module: "Deals",
      record: "6756839000000575405",
      fields: "Stage, Amount",
      source: "Delivered",
      handler: "",
      latency: "",
      size: "312 B",
    });
    assert.deepEqual(cellContent("record", row, 0, "relative").more, "+2");
  });

  it("mark a record of whose event something could not be read, and say what", () => {
    const odd = cellContent("record", { ...row, content: { ...edit, unread: ["ids"] } }, 0, "relative");
    assert.deepEqual([odd.text, odd.icon, odd.more], ["6756839000000575405", "warning", "+2"]);
    assert.match(odd.title ?? "", /^6756839000000575405 and 2 more\. Not readable in this event: ids$/);
    assert.equal(cellContent("record", row, 0, "relative").icon, undefined);
  });

  it("have a dash where an event names no record", () => {
    const nameless = { ...row, content: { ...edit, recordIds: [] } };
    assert.equal(cellContent("record", nameless, 0, "relative").text, "–");
  });

  it("give the time in the form that was chosen, and tell the pointer the other", () => {
    const relative = cellContent("time", row, 60_000, "relative");
    const absolute = cellContent("time", row, 60_000, "absolute");
    assert.equal(relative.text, "1 min");
    assert.match(relative.title ?? "", /^19\d\d-\d\d-\d\d \d\d:\d\d:00\.000.*\(1 min ago\)$/);
    assert.match(absolute.text, /:00\.000$/);
    assert.match(absolute.title ?? "", /\(1 min ago\)$/);
  });

  it("say of the handler its status by number and name, and how long it took", () => {
    const answered = handled({ status: 503, milliseconds: 1_300 });
    assert.equal(cellContent("handler", answered, 0, "relative").text, "503 Service Unavailable");
    assert.equal(cellContent("latency", answered, 0, "relative").text, "1.3 s");
    assert.equal(handlingBadge({ state: "answered", status: 299, attempts: 1 }).word, "299");
  });

  it("have an icon and a word of its own for each state of handling", () => {
    const states = ["held", "queued", "sending", "waiting", "answered", "failed", "stopped", "withheld"] as const;
    const badges = states.map(state => handlingBadge({ state, attempts: 0 }));
    assert.equal(new Set(badges.map(({ word }) => word)).size, states.length);
    assert.equal(new Set(badges.map(({ icon }) => icon)).size, states.length);
    assert.equal(
      describeHandling({ state: "failed", attempts: 3, problem: "It refused.\n" }),
      "No answer (attempt 3): It refused.\\n",
    );
  });

  it("give way to a sentence where an event has no record to speak of", () => {
    assert.equal(sentenceOf({ kind: "unreadable", problem: "Not\u202EJSON" }), "Not\\u202EJSON");
    assert.match(sentenceOf({ kind: "gap", count: 2, reason: "retention" }) ?? "", /^2 events are gone/);
    assert.equal(sentenceOf(edit), undefined);
  });

  it("name the source, by the content where the host does not", () => {
    assert.equal(sourceOf(row), "delivered");
    assert.equal(sourceOf({ ...row, source: "replayed" }), "replayed");
    const other = { kind: "other", method: "POST", path: "", contentType: "" } as const;
    assert.equal(sourceOf({ content: other }), "webhook");
    assert.equal(sourceOf({ content: { ...other, probe: true } }), "test");
  });
});

describe("the order of the list", () => {
  it("goes by a heading up, down, and back to the order of arrival", () => {
    const first = sortAfterClick(undefined, "size");
    const second = sortAfterClick(first, "size");
    assert.deepEqual([first?.descending, second?.descending], [false, true]);
    assert.equal(sortAfterClick(second, "size"), undefined);
    assert.deepEqual(sortAfterClick(second, "module"), { column: "module", descending: false });
  });

  it("is by time from the start, so that its heading turns it round at once", () => {
    assert.equal(ariaSort(undefined, "time"), "ascending");
    const turned = sortAfterClick(undefined, "time");
    assert.deepEqual(turned, { column: "time", descending: true });
    assert.deepEqual([isByArrival(undefined), isByArrival(turned)], [true, false]);
    assert.equal(sortAfterClick(turned, "time"), undefined);
  });

  it("is said in words where it keeps the list from following", () => {
    assert.equal(sortedInWords({ column: "latency", descending: true }), "Sorted by latency: not following");
  });
});

describe("what is said of the choice", () => {
  it("counts the list, and of a filtered one how many there are in all", () => {
    assert.equal(countInWords({ total: 1_234, kept: 9_999, isFiltered: false }), "1,234 events");
    assert.equal(countInWords({ total: 12, kept: 100_000, isFiltered: true }), "12 of 100,000 events");
    assert.equal(countInWords({ total: 1, kept: undefined, isFiltered: true }), "1 event");
  });

  it("tells the editor's menu the ids, unless not all are known", () => {
    const rows: EventRow[] = [row, { ...row, id: 2, pinned: true }];
    assert.deepEqual(JSON.parse(eventContext(2, rows)), {
      webviewSection: "zohoCrmEvent",
      preventDefaultContextMenuItems: true,
      eventCount: 2,
      eventKinds: ["notification"],
      eventsUnderWay: false,
      eventsPinned: true,
      eventIds: [1, 2],
    });
    assert.ok(!eventContext(50, rows).includes("eventIds"));
    const isUnderWay = (count: number, shown: EventRow): unknown =>
      (JSON.parse(eventContext(count, [shown])) as { readonly eventsUnderWay: unknown }).eventsUnderWay;
    assert.equal(isUnderWay(1, handled({ state: "waiting" })), true);
    assert.equal(isUnderWay(1, handled({ state: "held" })), false);
    assert.equal(isUnderWay(2, handled({})), true);
  });
});
