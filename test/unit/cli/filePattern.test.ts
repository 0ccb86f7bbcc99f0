import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { isPattern, namesFitting } from "../../../src/cli/filePattern.ts";
import { runCli } from "../../../src/cli/runCli.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const fixture = JSON.stringify({
  request: { method: "POST", headers: { "content-type": "application/json" }, json: {} },
});

describe("a pattern of files", () => {
  const folderWith = (test: TestContext, ...names: readonly string[]): string => {
    const folder = temporaryFolder(test);
    for (const name of names) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), fixture);
    }
    return folder;
  };
  const shown = (folder: string, names: readonly string[]): readonly string[] =>
    names.map(name => relative(folder, name).replaceAll("\\", "/"));
  const found = (folder: string, pattern: string, isWindows?: boolean): readonly string[] =>
    shown(folder, namesFitting(`${folder}/${pattern}`, isWindows));

  it("is what has a star or a question mark", () => {
    assert.deepEqual(["a/*.json", "a?", "**", "a/b.json", "a[1].json"].map(isPattern), [
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it("stands for what fits it, in the order of the names", test => {
    const folder = folderWith(test, "b.json", "a.json", "c.txt", ".hidden.json", "sub/a.json", "sub/deep/b.json");
    const expected: Readonly<Record<string, readonly string[]>> = {
      "*.json": ["a.json", "b.json"],
      "?.json": ["a.json", "b.json"],
      "?": [],
      ".*": [".hidden.json"],
      "*/*.json": ["sub/a.json"],
      "s*": ["sub"],
      "**/*.json": ["a.json", "b.json", "sub/a.json", "sub/deep/b.json"],
      "**/**/b.json": ["b.json", "sub/deep/b.json"],
      "sub/**/b.*": ["sub/deep/b.json"],
      "a.json/*": [],
      "none/*": [],
    };
    for (const [pattern, names] of Object.entries(expected)) assert.deepEqual(found(folder, pattern), names, pattern);
  });

  it("takes every other character for itself", test => {
    const names = ["a+(1)[x]{2}^$|.json", "a.json", "aXjson", "案件 1.json"];
    const folder = folderWith(test, ...names);
    for (const name of names) assert.ok(found(folder, `${name.slice(0, -1)}?`).includes(name), name);
    assert.deepEqual(found(folder, "?.json"), ["a.json"]);
    assert.deepEqual(found(folder, "?? 1.json"), ["案件 1.json"]);
  });

  it("has on Windows its separator, and means names in either case", test => {
    const folder = folderWith(test, "sub/Deal.JSON", "sub/lead.json");
    assert.deepEqual(found(folder, String.raw`sub\*.json`, true), ["sub/Deal.JSON", "sub/lead.json"]);
    assert.deepEqual(found(folder, "sub/*.json", false), ["sub/lead.json"]);
    assert.deepEqual(found(folder, String.raw`sub\*.json`, false), []);
  });

  it("follows no links to folders, which lead in circles", { skip: process.platform === "win32" }, test => {
    const folder = folderWith(test, "sub/a.json");
    symlinkSync(folder, join(folder, "sub/up"));
    assert.deepEqual(found(folder, "**/*.json"), ["sub/a.json"]);
  });

  it("is found from the folder that the command runs in", test => {
    const folder = folderWith(test, "one.txt");
    const before = process.cwd();
    test.after(() => process.chdir(before));
    process.chdir(folder);
    assert.deepEqual([namesFitting("*.txt"), namesFitting("./**/*.txt")], [["one.txt"], ["one.txt"]]);
  });

  it("names fixtures for the command as a shell's would, and what fits nothing is told", async test => {
    const folder = folderWith(
      test,
      "1.zoho-event.json",
      "2.zoho-event.json",
      "sub/3.zoho-event.json",
      "a*.zoho-event.json",
    );
    const out: string[] = [];
    const context = {
      environment: {},
      out: (line: string) => out.push(line),
      complain: (line: string) => out.push(line),
    };
    const listed = async (pattern: string): Promise<readonly string[]> => {
      out.length = 0;
      const code = await runCli(["list", `${folder}/${pattern}`], context);
      return [
        String(code),
        ...shown(
          folder,
          out.map(line => line.split("\t")[0] ?? ""),
        ),
      ];
    };
    assert.deepEqual(await listed("?.zoho*.json"), ["0", "1.zoho-event.json", "2.zoho-event.json"]);
    assert.deepEqual(await listed("s*"), ["0", "sub/3.zoho-event.json"]);
    assert.deepEqual(await listed("a*.zoho-event.json"), ["0", "a*.zoho-event.json"], "a file of that very name");
    assert.deepEqual(await listed("x*"), ["2", "x*: The file cannot be read (ENOENT)."]);
  });
});
