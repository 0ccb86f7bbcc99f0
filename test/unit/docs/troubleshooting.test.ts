import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..", "..");
const page = readFileSync(join(root, "docs/troubleshooting.md"), "utf8");

/** The source with its string literals joined where a plus joins them, and with what is filled in left out. */
const source = globSync("src/**/*.ts", { cwd: root })
  .map(file => readFileSync(join(root, file), "utf8"))
  .join("\n")
  .replaceAll(/["'`]\s*\+\s*["'`]/g, "")
  .replaceAll(/\$\{[^}]*\}/g, "…");

/** The sentences that the page quotes. */
const quoted = page.split("\n").flatMap(line => (line.startsWith("> ") ? [line.slice(2)] : []));

/** A piece of a sentence between what differs; too short ones prove nothing. */
function pieces(sentence: string): string[] {
  return sentence
    .split("…")
    .map(piece => piece.trim())
    .filter(piece => piece.length >= 8);
}

describe("docs/troubleshooting.md", () => {
  it("quotes sentences at all", () => assert.ok(quoted.length >= 20));
  for (const sentence of quoted) {
    it(`quotes what the product says: ${sentence}`, () => {
      const parts = pieces(sentence);
      assert.ok(parts.length > 0);
      for (const part of parts) assert.ok(source.includes(part), part);
    });
  }
});
