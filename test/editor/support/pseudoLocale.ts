import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Frame, Page } from "playwright-core";
import * as v from "valibot";
import { readBundle, textOf, toPseudo } from "../../workbench/l10n/bundles.ts";
import { repositoryRoot } from "../../workbench/repository.ts";

/** A language that nobody speaks; VS Code takes it for one like the others. */
export const pseudoLanguage = "qps";

const manifestWords = v.record(v.string(), v.string());

/** Gives an installed extension the words of the pseudo-language: every one of its own in ⟦brackets⟧. */
export function writePseudoWords(extensionFolder: string): void {
  const bundle = Object.entries(readBundle("bundle.l10n.json"));
  const words = Object.fromEntries(bundle.map(([key, entry]) => [key, toPseudo(textOf(entry) ?? "")]));
  writeFileSync(join(extensionFolder, "media/l10n", `bundle.l10n.${pseudoLanguage}.json`), JSON.stringify(words));
  const english = v.parse(manifestWords, JSON.parse(readFileSync(join(repositoryRoot, "package.nls.json"), "utf8")));
  const manifest = Object.fromEntries(Object.entries(english).map(([key, text]) => [key, toPseudo(text)]));
  writeFileSync(join(extensionFolder, `package.nls.${pseudoLanguage}.json`), JSON.stringify(manifest));
}

/** What a page shows or has read out: texts, labels, tooltips and placeholders. */
const shownTexts = (selector: string, without: string): string => `(() => {
  const texts = [];
  const shown = element => element.checkVisibility({ visibilityProperty: true }) && element.closest(${JSON.stringify(without)}) === null;
  for (const root of document.querySelectorAll(${JSON.stringify(selector)})) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode())
      if (node.parentElement !== null && shown(node.parentElement)) texts.push(node.data);
    for (const element of [root, ...root.querySelectorAll("*")]) {
      if (!shown(element)) continue;
      for (const name of ["aria-label", "title", "placeholder", "aria-description", "aria-roledescription"])
        texts.push(element.getAttribute(name) ?? "");
    }
  }
  return texts;
})()`;

/** Letters that no text of the pseudo-language has, but for the data that are put into it, inside its brackets. */
const plainLetters = /[aeiounc]/;

/** The texts under `selector`, but for those within `without`, that are not in the pseudo-language, each once. */
export async function untranslated(page: Page | Frame, selector: string, without = ".none"): Promise<string[]> {
  const texts = v.parse(v.array(v.string()), await page.evaluate(shownTexts(selector, without)));
  return [...new Set(texts.map(text => text.trim()))].filter(text => plainLetters.test(outsideBrackets(text))).sort();
}

function outsideBrackets(text: string): string {
  const inner = /⟦[^⟦⟧]*⟧/g;
  let rest = text;
  while (inner.test(rest)) rest = rest.replace(inner, " ");
  return rest;
}
