import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { rawSentencesOf } from "../../workbench/l10n/rawSentences.ts";
import { repositoryRoot } from "../../workbench/repository.ts";

const textsOf = (text: string): string[] => rawSentencesOf("file.ts", text).map(raw => raw.text);

/** Written into files of the person's, for language models, or for terminals: English, whatever the editor speaks. */
const english = ["src/core/agents/", "src/core/handlers/", "src/core/uninstall/"];

describe("sentences that cannot be translated", () => {
  it("are found as literals, templates and sums, wherever they stand", () => {
    assert.deepEqual(textsOf('const a = { message: "Try it again." };'), ["Try it again."]);
    assert.deepEqual(textsOf("fail(`The ${name} is gone. Refresh.`)"), ["The {} is gone. Refresh."]);
    assert.deepEqual(textsOf('const b = "It is broken, " + "mend it.";'), ["It is broken, mend it."]);
  });

  it("are no longer found once they go through l10n.t, nor what is thrown or logged", () => {
    const calls = ['l10n.t("Try it again.")', 'new Error("It is broken here.")', 'logger.warn("It was not there.")'];
    for (const call of calls) assert.deepEqual(textsOf(call), [], call);
    assert.deepEqual(textsOf('const t = vscode.l10n.t; t("Try it again.");'), []);
  });

  for (const folder of ["core", "host", "webview", "zoho"]) {
    it(`are nowhere in src/${folder}`, () => {
      const files = globSync(`src/${folder}/**/*.ts`, { cwd: repositoryRoot }).map(file => file.replaceAll("\\", "/"));
      const found = files
        .filter(file => !english.some(place => file.startsWith(place)))
        .flatMap(file =>
          rawSentencesOf(file, readFileSync(join(repositoryRoot, file), "utf8")).map(
            ({ line, text }) => `${file}:${line}: ${text}`,
          ),
        );
      assert.deepEqual(found, []);
    });
  }
});
