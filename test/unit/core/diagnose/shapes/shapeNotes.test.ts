import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { hour, minute } from "../../../../../src/base/clock.ts";
import { silentLogger } from "../../../../../src/base/logger.ts";
import { formatReport } from "../../../../../src/core/diagnose/report.ts";
import { ShapeNotes, mostShapes, mostShapesOfPlace } from "../../../../../src/core/diagnose/shapes/shapeNotes.ts";
import { SharedNotes } from "../../../../../src/core/windows/keeper.ts";
import { openSharedDatabase } from "../../../../../src/core/windows/sharedDatabase.ts";
import { FakeClock } from "../../../../support/fakeClock.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";
import { RecordingLogger } from "../../connections/recordingLogger.ts";

/** Windows of one machine, opened as they are asked for. */
function machine(test: TestContext) {
  const file = join(temporaryFolder(test), "data", "windows.sqlite");
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const open = (version = "1.0.0") => {
    const shared = openSharedDatabase(file, silentLogger);
    test.after(() => shared.dispose());
    const notes = new SharedNotes(shared.database);
    return { shared, notes, shapes: new ShapeNotes({ notes, version, clock, logger }) };
  };
  return { file, clock, logger, open };
}

describe("notes of shapes", () => {
  it("keep where, what, when, how often and by which version, over restarts", test => {
    const { clock, open } = machine(test);
    const first = open();
    const start = clock.now();
    first.shapes.note("GET /actions/watch", { watch: [{ channel_id: "6756839000000575405" }] });
    first.shared.dispose();
    clock.advance(minute);
    const second = open("1.1.0");
    second.shapes.note("GET /actions/watch", { watch: [{ channel_id: "6756839000000575406" }] });
    assert.deepEqual(second.shapes.list(), [
      {
        where: "GET /actions/watch",
        shape: "{watch: list(1) of {channel_id: text(19, digits)}}",
        firstSeen: start,
        lastSeen: start + minute,
        count: 2,
        version: "1.1.0",
      },
    ]);
  });

  it("leave those of other windows alone", test => {
    const { open } = machine(test);
    const [one, other] = [open(), open()];
    one.shapes.note("delivery", { ids: null });
    other.shapes.note("delivery", { ids: 5 });
    one.shapes.note("delivery", { ids: true });
    assert.equal(one.shapes.list().length, 3);
    assert.deepEqual(one.shapes.list(), other.shapes.list());
  });

  it("of one place leave those of the others alone, however many there are", test => {
    const { clock, open } = machine(test);
    const { shapes } = open();
    shapes.note("GET /actions/watch", { watch: [{ events: null }] });
    for (let length = 1; length <= mostShapes; length++) {
      clock.advance(minute);
      shapes.note("delivery", { channel_id: "a".repeat(length % 20), token: "b".repeat(Math.ceil(length / 20)) });
    }
    const places = shapes.list().map(({ where }) => where);
    assert.ok(places.includes("GET /actions/watch"));
    assert.ok(places.filter(where => where === "delivery").length === mostShapesOfPlace);
  });

  it("are kept when they are new, though the clock was set back", test => {
    const { clock, open } = machine(test);
    const { shapes, notes } = open();
    const noteMany = (word: string): void => {
      for (let length = 1; length <= mostShapes; length++) shapes.note(`${word} ${"a".repeat(length)}`, null);
    };
    clock.advance(minute);
    noteMany("before");
    const later = new ShapeNotes({
      notes,
      version: "1.0.0",
      clock: { now: () => clock.now() - hour },
      logger: silentLogger,
    });
    later.note("GET /actions/watch", { watch: [{ events: null }] });
    later.note("GET /settings/modules", null);
    const places = later.list().map(({ where }) => where);
    assert.ok(places.includes("GET /actions/watch") && places.includes("GET /settings/modules"));
    assert.equal(places.length, mostShapes);
  });

  it("are so many at most: what came the longest ago goes", test => {
    const { clock, open } = machine(test);
    const { shapes } = open();
    for (let length = 1; length <= mostShapes + 5; length++) {
      clock.advance(minute);
      shapes.note(`call ${"a".repeat(length)}`, null);
    }
    const kept = shapes.list();
    assert.equal(kept.length, mostShapes);
    assert.ok(!kept.some(({ where }) => where === "call a"));
  });

  it("have nothing of the path that could be an id or a person's word", test => {
    const { open } = machine(test);
    const { shapes } = open();
    shapes.note("GET /Secret_Project__c/6756839000000575405?email=asha@example.com", null);
    assert.equal(shapes.list()[0]?.where, "GET /<name>/<name>");
  });

  it("begin again where they are damaged", test => {
    const { open } = machine(test);
    const { notes, shapes } = open();
    notes.set("shape/broken", '{"where": 5');
    notes.set("shape/other", '{"where":"x"}');
    shapes.note("delivery", 1);
    assert.equal(shapes.list().length, 1);
    assert.deepEqual(notes.keys("shape/").length, 1);
  });

  it("never throw: what cannot be written is logged", test => {
    const { logger, open } = machine(test);
    const { shared, shapes } = open();
    shared.dispose();
    shapes.note("delivery", 1);
    assert.deepEqual(shapes.list(), []);
    assert.equal(logger.lines.length, 2);
  });

  it("are readable by their owner only", test => {
    const { file, open } = machine(test);
    open().shapes.note("delivery", 1);
    if (process.platform !== "win32") assert.equal(statSync(file).mode & 0o777, 0o600);
  });
});

describe("the report of a diagnosis", () => {
  const diagnosis = { target: { connectionId: "", channel: undefined }, links: [], firstBroken: undefined, at: 0 };
  const subject = { connection: undefined, channel: undefined, version: "1.0.0" };

  it("has a section for forms that were not known, and none where there were none", test => {
    const { open } = machine(test);
    const { shapes } = open();
    assert.doesNotMatch(formatReport(diagnosis, { ...subject, shapes: shapes.list() }), /not known to this version/);
    shapes.note("delivery", { operation: "restore", token: 123_456_789, ids: ["6756839000000575405"] });
    const report = formatReport(diagnosis, { ...subject, shapes: shapes.list() });
    assert.match(report, /^## Forms of Zoho's answers not known to this version$/m);
    assert.match(
      report,
      /^- delivery \(.*\): `\{ids: list\(1\) of text\(19, digits\), operation: text\(7, lowercase\)/m,
    );
    assert.doesNotMatch(report, /restore|123456789|6756839000000575405/);
  });
});
