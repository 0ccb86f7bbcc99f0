import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EventContent } from "../../../src/protocol/event.ts";
import { decodeBase64, hexLine } from "../../../src/webview/detail/hexDump.ts";
import {
  countEvents,
  formatAbsoluteTime,
  formatAge,
  formatAgo,
  formatBytes,
  formatClockTime,
  formatDuration,
} from "../../../src/webview/text/format.ts";
import { describeGap, listInWords, statusBadge, summarize } from "../../../src/webview/text/rowText.ts";
import { recordName } from "../../../src/webview/text/recordName.ts";
import { visibleLine, visibleText } from "../../../src/webview/text/visibleText.ts";

describe("amounts and times in words", () => {
  it("counts with the right noun", () => {
    assert.deepEqual([countEvents(1), countEvents(1_234)], ["1 event", "1,234 events"]);
  });

  it("gives sizes in the unit that fits", () => {
    assert.deepEqual([312, 4_140, 999_949, 999_960, 2_000_000].map(formatBytes), [
      "312 B",
      "4.1 kB",
      "999.9 kB",
      "1.0 MB",
      "2.0 MB",
    ]);
  });

  it("gives durations in the unit that fits, with their sign", () => {
    assert.deepEqual([42, 1_300, 125_000, -5].map(formatDuration), ["42 ms", "1.3 s", "2 min 5 s", "−5 ms"]);
  });

  it("says how long ago", () => {
    const shortest = [0, 12, 300, 7_200, 86_400, 200_000].map(seconds => formatAge(0, seconds * 1000));
    assert.deepEqual(shortest, ["just now", "12 s", "5 min", "2 h", "1 day", "2 days"]);
    const ages = [0, 12, 300, 7_200, 86_400, 200_000].map(seconds => formatAgo(0, seconds * 1000));
    assert.deepEqual(ages, ["just now", "12 s ago", "5 min ago", "2 h ago", "1 day ago", "2 days ago"]);
  });

  it("gives the time of day to the millisecond, and the day when it is not today", () => {
    const at = new Date(2026, 0, 5, 9, 3, 7, 42).getTime();
    assert.equal(formatClockTime(at, at + 1000), "09:03:07.042");
    assert.equal(formatClockTime(at, at + 86_400_000), "01-05 09:03:07.042");
  });

  it("gives the full time with the zone's offset", () => {
    const at = new Date(2026, 0, 5, 9, 3, 7, 42).getTime();
    assert.match(formatAbsoluteTime(at), /^2026-01-05 09:03:07\.042 [+−]\d\d:\d\d$/);
  });
});

describe("text of strangers", () => {
  it("shows what would be invisible or misleading", () => {
    assert.equal(visibleText("a\u202Eb\u0000c\uFEFF"), "a\\u202Eb\\u0000c\\uFEFF");
    assert.equal(visibleText("half \uD83D end \uDE00"), "half \\uD83D end \\uDE00");
  });

  it("leaves alone what people write", () => {
    const text = "Zoë 😀 👩‍👩‍👧 नमस्ते שלום\nnext\tline";
    assert.equal(visibleText(text), text);
  });

  it("keeps a line one line", () => {
    assert.equal(visibleLine("a\r\n\tb"), "a\\r\\n\\tb");
  });
});

describe("a row in words", () => {
  const edit: EventContent & { kind: "notification" } = {
    kind: "notification",
    operation: "edit",
    module: "Leads",
    recordIds: ["6756839000000575405"],
    changedFields: ["Phone"],
    channelId: "1",
    verification: "verified",
  };

  it("says what happened to which record", () => {
    assert.equal(summarize(edit), "Lead 6756839000000575405 was edited: Phone changed");
    assert.equal(summarize({ ...edit, operation: "create" }), "Lead 6756839000000575405 was created");
    assert.equal(summarize({ ...edit, operation: "delete", recordIds: ["1", "2"] }), "2 records in Leads were deleted");
    const many = { ...edit, moreRecords: 157_730, moreFields: 9 };
    assert.equal(summarize(many), "157,731 records in Leads were edited: Phone and 9 more changed");
  });

  it("calls records as people do, and those of custom modules by their module", () => {
    const names = ["Sales_Orders", "Events", "Cases", "Price_Books", "Site_Visits"].map(recordName);
    assert.deepEqual(names, ["Sales Order", "Meeting", "Case", "Price Book", "Record of Site_Visits"]);
    assert.equal(summarize({ ...edit, operation: "restore" }), "Lead 6756839000000575405: operation “restore”");
    const { operation: _, module: __, ...bare } = edit;
    assert.equal(summarize(bare), "Record 6756839000000575405: operation not known");
    assert.equal(summarize({ ...bare, recordIds: [] }), "0 records in no module: operation not known");
    assert.match(summarize({ ...edit, module: "Site_Visits" }), /^Record of Site_Visits 67/);
  });

  it("names a few things and counts the rest", () => {
    assert.equal(listInWords(["a", "b", "c", "d"]), "a, b, c and d");
    assert.equal(listInWords(["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
  });

  it("says of a gap what is gone and why", () => {
    const gap = { kind: "gap", count: 12, reason: "retention" } as const;
    assert.equal(describeGap(gap), "12 events are gone: the relay no longer kept them");
    assert.equal(describeGap({ ...gap, count: 1 }), "1 event is gone: the relay no longer kept it");
    assert.match(describeGap({ ...gap, reason: "reset" }), /log was reset or restored: events may be missing/);
  });

  it("says of a recovered change what it is, by word and not by colour alone", () => {
    const recovered: EventContent = {
      kind: "recovered",
      operation: "delete",
      module: "Leads",
      recordId: "675",
      name: "Iris\n\u202E",
      channelId: "1",
      changedAt: 0,
    };
    assert.equal(summarize(recovered), "Lead 675 (Iris\\n\\u202E) was deleted: recovered from the CRM");
    assert.equal(statusBadge(recovered).word, "Recovered");
    const words = [edit, { ...edit, verification: "absent" } as const].map(content => statusBadge(content).icon);
    assert.ok(!words.includes(statusBadge(recovered).icon), "its icon is its own");
  });

  it("does not let a payload write the sentence", () => {
    assert.equal(summarize({ ...edit, recordIds: ["1\n\u202E2"] }), "Lead 1\\n\\u202E2 was edited: Phone changed");
  });
});

describe("bytes that are not text", () => {
  it("are dumped sixteen a line", () => {
    const bytes = Uint8Array.from({ length: 17 }, (_each, index) => 0x41 + index);
    const lines = [hexLine(bytes.subarray(0, 16), 0), hexLine(bytes.subarray(16), 16)];
    assert.equal(lines[0], "00000000  41 42 43 44 45 46 47 48  49 4a 4b 4c 4d 4e 4f 50  ABCDEFGHIJKLMNOP");
    assert.match(lines[1] ?? "", /^00000010 {2}51 {2,}Q$/);
  });

  it("come from Base64", () => {
    assert.deepEqual(decodeBase64("AP9B"), Uint8Array.of(0, 255, 65));
  });
});
