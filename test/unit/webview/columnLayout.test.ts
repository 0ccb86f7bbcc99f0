import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type ColumnChoice,
  fitWidth,
  layOutColumns,
  plainUse,
  toggleColumn,
  untouchedColumns,
  withWidth,
  withoutWidth,
} from "../../../src/webview/list/columnLayout.ts";
import { type ColumnName, columnIndex, columnNames, columns, wordWidth } from "../../../src/webview/list/columns.ts";

function names(room: number, choice: ColumnChoice = untouchedColumns): ColumnName[] {
  return layOutColumns(choice, room).map(({ name }) => name);
}

function widthOf(name: ColumnName, room: number, choice: ColumnChoice = untouchedColumns): number | undefined {
  return layOutColumns(choice, room).find(column => column.name === name)?.width;
}

function total(room: number, choice: ColumnChoice = untouchedColumns): number {
  return layOutColumns(choice, room).reduce((sum, { width }) => sum + width, 0);
}

describe("the columns of the list", () => {
  it("fill the room exactly, whether there is much or little", () => {
    for (const room of [300, 411, 520, 777, 1_000, 1_337, 2_000]) assert.equal(total(room), room, `${room} px`);
  });

  it("are all on show where there is room, and none is narrower than it needs", () => {
    assert.deepEqual(names(1_200), columnNames);
    for (const room of [240, 400, 600, 800, 1_000]) {
      for (const { name, width } of layOutColumns(untouchedColumns, room)) {
        const least = columns.find(column => column.name === name)?.least ?? 0;
        assert.ok(width >= least, `${name} is ${width} px wide in ${room} px`);
      }
    }
  });

  it("give way by importance where there is not, the record last", () => {
    assert.ok(!names(720).includes("size"));
    assert.deepEqual(names(330), ["status", "time", "operation", "module", "record"]);
    assert.deepEqual(names(10), ["record"]);
  });

  it("keep words and ids whole for as long as others have room to spare", () => {
    const widthsAt = (room: number): (number | undefined)[] =>
      (["status", "operation", "record"] as const).map(name => widthOf(name, room));
    assert.deepEqual(widthsAt(1_010), [116, 88, 174]);
    assert.deepEqual(widthsAt(944), [116, 88, 174]);
    for (let room = 600; room < 1_100; room++) {
      const [status, operation, record = 0] = widthsAt(room);
      assert.ok(status === 116 || status === 26, `${status} px in ${room} px`);
      assert.ok(operation === 88 || operation === 26, `${operation} px in ${room} px`);
      assert.ok(record === 174 || (status === 26 && operation === 26), `${record} px in ${room} px`);
      assert.equal(total(room), room);
    }
  });

  it("keep the width that a person gave one, and leave the rest of the room to those that grow", () => {
    const choice = withWidth(untouchedColumns, "module", 200);
    assert.equal(widthOf("module", 1_500, choice), 200);
    assert.equal(total(1_500, choice), 1_500);
    assert.notEqual(widthOf("module", 1_500, withoutWidth(choice, "module")), 200);
  });

  it("give way to one that a person made wide, and that one only when they cannot", () => {
    const choice = withWidth(untouchedColumns, "module", 200);
    assert.equal(widthOf("module", 860, choice), 200);
    assert.equal(total(860, choice), 860);
    assert.equal(widthOf("module", 730, choice), 64 + 730 - 722);
  });

  it("leave room empty when a person gave a width to each that could grow", () => {
    const given = ["module", "record", "fields"] as const;
    const choice = given.reduce<ColumnChoice>((made, name) => withWidth(made, name, 100), untouchedColumns);
    assert.equal(widthOf("fields", 2_000, choice), 100);
  });

  it("leave out what tells of handlers where nothing was sent to one and others need the room", () => {
    const unhandled = { isHandled: false, hasOtherOperation: false };
    const at = (room: number, choice?: ColumnChoice): ColumnName[] =>
      layOutColumns(choice ?? untouchedColumns, room, unhandled).map(({ name }) => name);
    assert.deepEqual(at(1_200), columnNames);
    assert.ok(!at(900).includes("handler") && !at(900).includes("latency"));
    assert.ok(names(900).includes("handler"));
    assert.ok(at(900, withWidth(untouchedColumns, "handler", 120)).includes("handler"));
    const alone = columnNames.filter(name => name !== "handler").reduce(toggleColumn, untouchedColumns);
    assert.deepEqual(at(20, alone), ["handler"]);
  });

  it("keep room for a word where no icon tells one operation from another, unless dearer columns would go", () => {
    const worded = { isHandled: false, hasOtherOperation: true };
    const operationAt = (room: number, use = worded): number | undefined =>
      layOutColumns(untouchedColumns, room, use).find(({ name }) => name === "operation")?.width;
    for (let room = 430; room < 1_200; room++) assert.ok((operationAt(room) ?? 0) >= wordWidth, `${room} px`);
    assert.equal(operationAt(430, plainUse), 26);
    assert.equal(operationAt(330), 26);
    for (const room of [330, 430, 560, 900]) {
      const placed = layOutColumns(untouchedColumns, room, worded);
      assert.equal(
        placed.reduce((sum, { width }) => sum + width, 0),
        room,
      );
    }
  });

  it("cannot be made narrower than they need, nor wider than a screen", () => {
    assert.equal(fitWidth("record", 1), 104);
    assert.equal(fitWidth("record", 9_000), 1_200);
    assert.equal(fitWidth("record", 120.4), 120);
  });

  it("are hidden and shown again, but for the last one", () => {
    const hidden = toggleColumn(untouchedColumns, "size");
    assert.ok(!names(1_200, hidden).includes("size"));
    assert.deepEqual(toggleColumn(hidden, "size"), untouchedColumns);
    const alone = columnNames.slice(1).reduce(toggleColumn, untouchedColumns);
    assert.deepEqual(toggleColumn(alone, "pinned"), alone);
  });

  it("keep their number when others are hidden", () => {
    assert.equal(columnIndex("size"), columnNames.length);
  });
});
