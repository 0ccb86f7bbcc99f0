import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ListPlace, listAction } from "../../../src/webview/list/listKeys.ts";

const place: ListPlace = { total: 100, selected: 50, pageLength: 10, firstInView: 45 };

function offsetAfter(key: string, changes: Partial<ListPlace> = {}): number | undefined {
  const action = listAction(key, { ...place, ...changes });
  return action?.kind === "select" ? action.offset : undefined;
}

describe("keys in the list of events", () => {
  it("move by rows and pages, and to both ends", () => {
    const keys = ["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End"];
    assert.deepEqual(
      keys.map(key => offsetAfter(key)),
      [51, 49, 59, 41, 0, 99],
    );
  });

  it("do not leave the list", () => {
    assert.equal(offsetAfter("ArrowUp", { selected: 0 }), 0);
    assert.equal(offsetAfter("PageDown", { selected: 98 }), 99);
    assert.equal(listAction("ArrowDown", { ...place, total: 0, selected: undefined }), undefined);
  });

  it("begin with what is in view when nothing is selected", () => {
    assert.equal(offsetAfter("ArrowDown", { selected: undefined }), 45);
    assert.equal(offsetAfter("ArrowUp", { selected: undefined }), 99);
  });

  it("open the selected event and close it", () => {
    assert.deepEqual(listAction("Enter", place), { kind: "open" });
    assert.equal(listAction("Enter", { ...place, selected: undefined }), undefined);
    assert.deepEqual(listAction("Escape", place), { kind: "close" });
    assert.equal(listAction("x", place), undefined);
  });
});
