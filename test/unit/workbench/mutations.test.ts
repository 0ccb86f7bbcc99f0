import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Importers, importsOf } from "../../bench/mutations/importers.ts";
import { applyMutation } from "../../bench/mutations/mutation.ts";
import { mutationsOf } from "../../bench/mutations/mutationSites.ts";
import { sampleMutations } from "../../bench/mutations/sampleMutations.ts";
import { shareOut } from "../../bench/mutations/shareOut.ts";
import { TestTimes } from "../../bench/mutations/testTimes.ts";

/** The source with each of its faults. */
function mutants(text: string): string[] {
  return mutationsOf("file.ts", text).map(mutation => applyMutation(text, mutation));
}

describe("the faults that are put into a source", () => {
  it("negate, swap, empty, shift, drop and remove", () => {
    assert.deepEqual(mutants("if (a) b();"), ["if (!(a)) b();", "if (a) {}"]);
    assert.deepEqual(
      mutants("x = a <= b;"),
      [";", "x = (a < b);"].map(each => (each === ";" ? "{}" : each)),
    );
    assert.deepEqual(mutants("const x = a && b;"), ["const x = (a || b);"]);
    assert.deepEqual(mutants("const x = a ?? b;"), ["const x = (b);"]);
    assert.deepEqual(mutants('const x = [1, "a", true];'), [
      "const x = [];",
      'const x = [2, "a", true];',
      'const x = [1, "", true];',
      'const x = [1, "a", false];',
    ]);
    assert.deepEqual(mutants("const f = async () => await g();"), [
      "const f = async () => undefined;",
      "const f = async () => (g());",
    ]);
  });

  it("leave alone types, imports, sentences for people, and texts that are joined", () => {
    const text = 'import a from "./a.ts"; type T = "b"; const c = l10n.t("d"); const e = f + `g${h}`;';
    assert.deepEqual(mutants(text), [text.replace("`g${h}`", '""')]);
  });
});

describe("a sample of faults", () => {
  const all = mutationsOf(
    "file.ts",
    Array.from({ length: 50 }, (_, line) => `const x${line} = [true, ${line}];`).join("\n"),
  );

  it("is the same for the same seed, another for another, even over the lines, and has nothing twice", () => {
    const some = sampleMutations(all, 20, 1);
    assert.deepEqual(some, sampleMutations(all, 20, 1));
    assert.notDeepEqual(some, sampleMutations(all, 20, 2));
    assert.equal(new Set(some.map(({ line }) => line)).size, 20);
    assert.equal(some.filter(({ line }) => line <= 25).length, 10);
    assert.equal(sampleMutations(all, 1_000, 1).length, 50);
  });
});

describe("the tests that can notice a fault", () => {
  it("are those that load the source, the most direct first", () => {
    const importers = new Importers(
      new Map([
        ["src/a.ts", ["src/b.ts", "test/unit/a.test.ts", "test/unit/helper.ts"]],
        ["src/b.ts", ["test/unit/b.test.ts", "src/a.ts"]],
        ["test/unit/helper.ts", ["test/integration/a.test.ts"]],
      ]),
    );
    assert.deepEqual(importers.testsOf("src/a.ts", "unit"), ["test/unit/a.test.ts", "test/unit/b.test.ts"]);
  });

  it("load what they import when they run, not what they take a type of", () => {
    const text = [
      'import type { A } from "./a.ts"; import { b } from "./b.ts"; export * from "../c.ts";',
      'export type { D } from "./d.ts"; const e = await import("./e.ts"); import f from "f";',
    ].join("\n");
    assert.deepEqual(importsOf("src/x/y.ts", text), ["src/x/b.ts", "src/c.ts", "src/x/e.ts"]);
  });
});

describe("the time that tests may take with a fault", () => {
  it("is four times what they take without, and never so short that a busy machine looks like a fault", () => {
    const times = new TestTimes(
      new Map([
        ["slow.test.ts", 20_000],
        ["quick.test.ts", 100],
      ]),
    );
    assert.equal(times.limitOf("slow.test.ts"), 80_000);
    assert.equal(times.limitOf("quick.test.ts"), 15_000);
    assert.deepEqual(times.quickestFirst(["slow.test.ts", "quick.test.ts"]), ["quick.test.ts", "slow.test.ts"]);
  });
});

describe("trials beside each other", () => {
  it("never share a worker, and begin in order", async () => {
    const begun: string[] = [];
    const ends = [0, 1, 2].map(() => Promise.withResolvers<undefined>());
    const all = shareOut(["a", "b"], ["x", "y", "z"], async (worker, item, index) => {
      begun.push(`${worker}: ${item}`);
      await ends[index]?.promise;
    });
    assert.deepEqual(begun, ["b: x", "a: y"]);
    ends[1]?.resolve(undefined);
    await new Promise(setImmediate);
    assert.deepEqual(begun, ["b: x", "a: y", "a: z"]);
    for (const end of ends) end.resolve(undefined);
    await all;
  });
});
