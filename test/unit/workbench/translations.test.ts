import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as v from "valibot";
import {
  englishBundle,
  placeholdersOf,
  readBundle,
  textOf,
  translatedLanguages,
} from "../../workbench/l10n/bundles.ts";
import { extractStrings } from "../../workbench/l10n/extractStrings.ts";
import { repositoryRoot } from "../../workbench/repository.ts";

const manifest = readFileSync(join(repositoryRoot, "package.json"), "utf8");
const english = englishBundle(extractStrings(repositoryRoot));
const languages = translatedLanguages();

function manifestStrings(language: string): Record<string, string> {
  const file = join(repositoryRoot, `package.nls${language === "" ? "" : `.${language}`}.json`);
  assert.ok(existsSync(file), `${file} is missing`);
  return v.parse(v.record(v.string(), v.string()), JSON.parse(readFileSync(file, "utf8")));
}

describe("the strings of the product", () => {
  it("are in the English bundle as the sources have them (npm run strings)", () => {
    assert.deepEqual(readBundle("bundle.l10n.json"), english);
  });

  it("have a second language", () => {
    assert.ok(languages.length > 0);
  });

  for (const language of languages) {
    it(`are all there in ${language}, and no others, with the same placeholders`, () => {
      const translated = readBundle(`bundle.l10n.${language}.json`);
      assert.deepEqual(Object.keys(translated).sort(), Object.keys(english).sort());
      for (const [key, entry] of Object.entries(english)) {
        const text = textOf(translated[key]) ?? "";
        assert.notEqual(text.trim(), "", key);
        assert.deepEqual(placeholdersOf(text), placeholdersOf(textOf(entry) ?? ""), key);
      }
    });
  }
});

describe("the strings of package.json", () => {
  const used = [...manifest.matchAll(/"%([\w.-]+)%"/g)].map(([, key = ""]) => key);

  it("are in package.nls.json, and nothing else is", () => {
    assert.deepEqual(Object.keys(manifestStrings("")).sort(), [...new Set(used)].sort());
  });

  it("are all translated, with the same links and settings in them", () => {
    const own = manifestStrings("");
    for (const language of languages) {
      const translated = manifestStrings(language);
      assert.deepEqual(Object.keys(translated).sort(), Object.keys(own).sort());
      for (const [key, text] of Object.entries(own))
        assert.deepEqual(targetsOf(translated[key] ?? ""), targetsOf(text), key);
    }
  });
});

/** What a translation may not change: commands, settings, addresses and code. */
function targetsOf(text: string): string[] {
  return [...text.matchAll(/\(command:[^)]+\)|\(https?:[^)]+\)|`[^`]+`|\$\([\w~-]+\)/g)]
    .map(([target]) => target)
    .sort();
}
