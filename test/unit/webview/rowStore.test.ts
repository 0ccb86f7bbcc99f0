import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EventRow } from "../../../src/protocol/inspector.ts";
import { RowStore } from "../../../src/webview/list/rowStore.ts";

function rows(firstId: number, count: number): EventRow[] {
  return Array.from({ length: count }, (_each, index) => ({
    id: firstId + index,
    receivedAt: 0,
    bytes: 0,
    content: { kind: "other", method: "POST", path: "", contentType: "" },
  }));
}

/** A list of 1,000 events with ids from 1, of which the newest 200 are known. */
function store(): RowStore {
  const made = new RowStore();
  made.replace(1, 1_000, 800, rows(801, 200), 0);
  return made;
}

describe("the rows that the page knows", () => {
  it("are at their offsets", () => {
    assert.equal(store().at(800)?.id, 801);
    assert.equal(store().at(799), undefined);
    assert.equal(store().offsetOf(1_000), 999);
  });

  it("tell which columns they fill: once told it stays, until there is another list", () => {
    const list = store();
    const before = list.use;
    assert.deepEqual(before, { isHandled: false, hasOtherOperation: false });
    const [row] = rows(801, 1);
    assert.ok(row);
    list.update([{ offset: 800, row: { ...row, handling: { state: "queued", attempts: 0 } } }]);
    assert.deepEqual(list.use, { isHandled: true, hasOtherOperation: false });
    const did = (id: number, operation: string): EventRow => ({
      ...row,
      id,
      content: { kind: "notification", operation, recordIds: [], changedFields: [], verification: "absent" },
    });
    list.append(1_001, [did(1_001, "restore")]);
    const full = list.use;
    assert.deepEqual(full, { isHandled: true, hasOtherOperation: true });
    list.append(1_002, [did(1_002, "edit")]);
    assert.equal(list.use, full);
    list.replace(2, 1, 0, rows(1, 1), 0);
    assert.deepEqual(list.use, before);
  });

  it("grow at the end, also when only the last of the new ones were told", () => {
    const list = store();
    assert.equal(list.append(1_500, rows(1_301, 200)), 500);
    assert.equal(list.total, 1_500);
    assert.equal(list.at(1_499)?.id, 1_500);
    assert.equal(list.at(1_200), undefined);
  });

  it("are asked for in whole runs, each once while it is on its way", () => {
    const list = store();
    assert.deepEqual(list.request(790, 820), [{ offset: 700, limit: 100 }]);
    assert.deepEqual(list.request(780, 810), []);
    list.fill({ offset: 700, limit: 100 }, rows(701, 100));
    assert.deepEqual(list.request(700, 820), []);
    assert.equal(list.at(799)?.id, 800);
  });

  it("that did not come, in whole or part, are asked for again only when told to", () => {
    const list = store();
    const [range] = list.request(790, 800);
    assert.ok(range);
    list.fill(range, rows(701, 99));
    assert.equal(list.gapAt(799), "failed");
    assert.deepEqual(list.request(790, 800), []);
    list.retry(799);
    assert.deepEqual(list.request(790, 800), [range]);
  });

  it("ask for no more than the list has", () => {
    const list = new RowStore();
    list.replace(1, 250, 250, [], 0);
    assert.deepEqual(list.request(200, 250), [{ offset: 200, limit: 50 }]);
  });

  it("are let go far from the view when they are many", () => {
    const list = new RowStore();
    list.replace(1, 10_000, 0, rows(1, 5_000), 0);
    list.trimAround(4_000);
    assert.equal(list.at(0), undefined);
    assert.equal(list.at(4_000)?.id, 4_001);
  });

  it("say something else when they were pinned or handled, unless they are others by now", () => {
    const list = store();
    const [pinned] = rows(900, 1).map(row => ({ ...row, pinned: true }) as const);
    assert.ok(pinned);
    assert.equal(list.update([{ offset: 899, row: pinned }]), true);
    assert.equal(list.at(899)?.pinned, true);
    assert.equal(list.update([{ offset: 850, row: pinned }]), false);
    assert.equal(list.at(850)?.id, 851);
    assert.equal(list.update([{ offset: 5, row: pinned }]), false);
  });

  it("are given in order for the offsets that are chosen, as far as they are known", () => {
    const ids = store()
      .rowsIn([
        [0, 801],
        [999, 999],
      ])
      .map(({ id }) => id);
    assert.deepEqual(ids, [801, 802, 1_000]);
  });

  it("tell how far the row moved that was nearest to the view", () => {
    const list = store();
    const mixed = [...rows(801, 1), ...rows(1_001, 3), ...rows(990, 2)];
    assert.equal(list.replace(2, 6, 0, mixed, 985), 4 - 989);
  });

  it("tell how far they moved when the list begins anew", () => {
    const list = store();
    assert.equal(list.replace(2, 950, 750, rows(801, 200), 0), -50);
    assert.equal(list.at(750)?.id, 801);
    assert.equal(list.replace(3, 5, 0, rows(5_000, 5), 0), undefined);
    assert.equal(list.at(750), undefined);
  });
});
