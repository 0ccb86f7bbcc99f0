import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as v from "valibot";
import { repositoryRoot } from "../repository.ts";
import type { LocalisedString } from "./extractStrings.ts";

/** Where VS Code looks for translations (`l10n` in package.json). */
export const bundleFolder = join(repositoryRoot, "media/l10n");

const entrySchema = v.union([v.string(), v.object({ message: v.string(), comment: v.array(v.string()) })]);
const bundleSchema = v.record(v.string(), entrySchema);
export type Bundle = v.InferOutput<typeof bundleSchema>;

/** The English bundle: what translators start from. */
export function englishBundle(strings: readonly LocalisedString[]): Bundle {
  return Object.fromEntries(
    strings.map(({ key, message, comment }) => [
      key,
      comment.length === 0 ? message : { message, comment: [...comment] },
    ]),
  );
}

/** A bundle as it is kept, by its file name such as `bundle.l10n.es.json`. */
export function readBundle(name: string): Bundle {
  return v.parse(bundleSchema, JSON.parse(readFileSync(join(bundleFolder, name), "utf8")));
}

/** The languages that have a bundle beside the English one. */
export function translatedLanguages(): string[] {
  return globSync("bundle.l10n.*.json", { cwd: bundleFolder })
    .map(file => basename(file).slice("bundle.l10n.".length, -".json".length))
    .sort();
}

/** The text of an entry without its comment. */
export function textOf(entry: Bundle[string] | undefined): string | undefined {
  return typeof entry === "object" ? entry.message : entry;
}

/** The placeholders of a text, sorted: a translation has the same, in an order of its own. */
export function placeholdersOf(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name).sort();
}

/** A text as it looks in no language, so that what was forgotten stands out. */
export function toPseudo(text: string): string {
  const accented: Readonly<Record<string, string>> = { a: "á", e: "ë", i: "ï", o: "ö", u: "ü", n: "ñ", c: "ç" };
  const letters = text.replace(/\{\w+\}|\$\([\w~-]+\)|\]\([^)]*\)|[aeiounc]/g, part => accented[part] ?? part);
  return `⟦${letters}⟧`;
}
