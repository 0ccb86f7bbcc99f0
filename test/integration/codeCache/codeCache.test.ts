import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import * as v from "valibot";
import { CodeCache } from "../../../src/core/codeCache/codeCache.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const codeCacheUrl = new URL("../../../src/core/codeCache/codeCache.ts", import.meta.url).href;

/** A module that tells its name, what it requires, and where it believes to be. */
const moduleText = (name: string): string => `
  exports.name = (() => ${JSON.stringify(name)})();
  exports.required = require("./neighbour.cjs");
  exports.place = [__filename, __dirname];
`;

interface Place {
  readonly file: string;
  readonly folder: string;
}

function place(test: TestContext, name = "first"): Place {
  const folder = temporaryFolder(test);
  const file = join(folder, "module.cjs");
  writeFileSync(file, moduleText(name));
  writeFileSync(join(folder, "neighbour.cjs"), 'module.exports = "neighbour";');
  return { file, folder: join(folder, "cache") };
}

const loadedSchema = v.object({
  isFromCache: v.boolean(),
  exports: v.object({ name: v.string(), required: v.string(), place: v.array(v.string()) }),
});

/** Loads, and keeps what can be kept, in a process of its own: within one, V8 remembers what it compiled. */
function load({ file, folder }: Place): v.InferOutput<typeof loadedSchema> {
  const program = `
    const { CodeCache } = await import(${JSON.stringify(codeCacheUrl)});
    const { exports, isFromCache, keep } = new CodeCache(${JSON.stringify(folder)}).load(${JSON.stringify(file)});
    await keep();
    process.stdout.write(JSON.stringify({ exports, isFromCache }));
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program]);
  assert.equal(stderr.toString(), "");
  return v.parse(loadedSchema, JSON.parse(stdout.toString()));
}

describe("the code cache", () => {
  it("loads a module as Node does: with its neighbours and its place", test => {
    const here = place(test);
    const { exports, isFromCache } = load(here);
    assert.equal(isFromCache, false);
    assert.deepEqual(exports, { name: "first", required: "neighbour", place: [here.file, dirname(here.file)] });
  });

  it("serves the next load from what was kept of the first", test => {
    const here = place(test);
    const { exports } = load(here);
    assert.deepEqual(load(here), { isFromCache: true, exports });
  });

  it("never serves one build's code for another's, and lets go of the older", test => {
    const here = place(test, "first");
    load(here);
    writeFileSync(here.file, moduleText("other"));
    utimesSync(here.file, new Date(), new Date(Date.now() + 5_000));
    const other = load(here);
    assert.deepEqual([other.isFromCache, other.exports.name], [false, "other"]);
    assert.equal(readdirSync(here.folder).length, 2);
    const again = load(here);
    assert.deepEqual([again.isFromCache, again.exports.name], [true, "other"]);
  });

  it("keeps neighbours too, and those of other starts when a start adds to them", test => {
    const here = place(test);
    writeFileSync(join(dirname(here.file), "late.cjs"), 'module.exports = "late";');
    load(here);
    assert.equal(readdirSync(here.folder).length, 2);
    const withLate = { ...here, file: join(dirname(here.file), "withLate.cjs") };
    writeFileSync(withLate.file, `${moduleText("with late")} require("./late.cjs");`);
    load(withLate);
    assert.equal(readdirSync(here.folder).length, 4);
    assert.deepEqual([load(here).isFromCache, load(withLate).isFromCache], [true, true]);
  });

  it("runs a neighbour once, also where two require each other", test => {
    const here = place(test);
    const round = 'globalThis.runs = (globalThis.runs ?? 0) + 1; exports.seen = require("./module.cjs").name;';
    writeFileSync(join(dirname(here.file), "neighbour.cjs"), round);
    const text = 'exports.name = "first"; exports.place = []; require("./neighbour.cjs");';
    writeFileSync(here.file, `${text} exports.required = require("./neighbour.cjs").seen + globalThis.runs;`);
    assert.equal(load(here).exports.required, "first1");
  });

  it("runs a neighbour anew that threw while it loaded", test => {
    const here = place(test);
    const failsOnce =
      'if (!globalThis.failed) { globalThis.failed = true; throw new Error("once"); } module.exports = "now";';
    writeFileSync(join(dirname(here.file), "neighbour.cjs"), failsOnce);
    const twice = 'try { require("./neighbour.cjs") } catch {} exports.required = require("./neighbour.cjs");';
    writeFileSync(here.file, `exports.name = "first"; exports.place = []; ${twice}`);
    assert.equal(load(here).exports.required, "now");
  });

  it("compiles anew, and keeps that, where what was kept is damaged", test => {
    const here = place(test);
    load(here);
    for (const kept of readdirSync(here.folder)) writeFileSync(join(here.folder, kept), "not what V8 wrote");
    const again = load(here);
    assert.deepEqual([again.isFromCache, again.exports.name], [false, "first"]);
    assert.equal(load(here).isFromCache, true);
  });

  it("writes nothing where its folder's parent has gone, and loads all the same", test => {
    const here = place(test);
    const nowhere = { ...here, folder: join(here.folder, "gone", "cache") };
    assert.equal(load(nowhere).exports.name, "first");
    assert.equal(load(nowhere).isFromCache, false);
    assert.equal(existsSync(here.folder), false);
  });

  it("loads all the same where its folder cannot be written", test => {
    const here = place(test);
    writeFileSync(here.folder, "a file in its place");
    assert.equal(load(here).exports.name, "first");
    assert.equal(load(here).exports.name, "first");
  });

  it("passes on what the module throws while it loads", test => {
    const here = place(test);
    writeFileSync(here.file, 'throw new Error("at its start");');
    assert.throws(() => new CodeCache(here.folder).load(here.file), /at its start/);
  });
});
