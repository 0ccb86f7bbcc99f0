import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ListAction, type ListPlace, type PressedKey, listAction } from "../../../src/webview/list/listKeys.ts";

const place: ListPlace = { total: 100, lead: 50, pageLength: 10, firstInView: 45 };

function press(key: string, held: Partial<PressedKey> = {}, changes: Partial<ListPlace> = {}): ListAction | undefined {
  return listAction({ key, shift: false, modified: false, alt: false, ...held }, { ...place, ...changes });
}

function offsetAfter(key: string, changes: Partial<ListPlace> = {}): number | undefined {
  const action = press(key, {}, changes);
  return action?.kind === "select" && action.event.kind === "only" ? action.event.offset : undefined;
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
    assert.equal(offsetAfter("ArrowUp", { lead: 0 }), 0);
    assert.equal(offsetAfter("PageDown", { lead: 98 }), 99);
    assert.equal(press("ArrowDown", {}, { total: 0, lead: undefined }), undefined);
  });

  it("begin with what is in view when the keyboard is on no row", () => {
    assert.equal(offsetAfter("ArrowDown", { lead: undefined }), 45);
    assert.equal(offsetAfter("ArrowUp", { lead: undefined }), 99);
  });

  it("extend the choice with Shift, add a run with both, and go on without choosing with Ctrl", () => {
    assert.deepEqual(press("ArrowDown", { shift: true }), {
      kind: "select",
      event: { kind: "extended", offset: 51, added: false },
    });
    assert.deepEqual(press("End", { shift: true, modified: true }), {
      kind: "select",
      event: { kind: "extended", offset: 99, added: true },
    });
    assert.deepEqual(press("ArrowUp", { modified: true }), { kind: "select", event: { kind: "moved", offset: 49 } });
  });

  it("choose one more, the one there, or all", () => {
    assert.deepEqual(press(" ", { modified: true }), { kind: "select", event: { kind: "toggled", offset: 50 } });
    assert.deepEqual(press(" "), { kind: "select", event: { kind: "only", offset: 50 } });
    assert.deepEqual(press("a", { modified: true }), { kind: "select", event: { kind: "all", total: 100 } });
  });

  it("open the event and close it", () => {
    assert.deepEqual(press("Enter"), { kind: "open" });
    assert.equal(press("Enter", {}, { lead: undefined }), undefined);
    assert.deepEqual(press("Escape"), { kind: "close" });
  });

  it("do something with the choice, whether or not Caps Lock is on", () => {
    const actions = ["Delete", "p", "R", "e", "c"].map(key => press(key)?.kind);
    assert.deepEqual(actions, ["delete", "pin", "replay", "edit", "compare"]);
  });

  it("leave alone what is the editor's", () => {
    const others = [press("x"), press("p", { modified: true }), press("R", { shift: true }), press("F1")];
    assert.deepEqual(others, [undefined, undefined, undefined, undefined]);
    assert.equal(press("ArrowDown", { alt: true }), undefined);
    assert.equal(press("constructor"), undefined);
  });
});
