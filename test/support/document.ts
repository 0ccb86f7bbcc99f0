import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../workbench/repository.ts";

/** A document of this repository, for tests that do what it says. */
export class Document {
  readonly text: string;
  readonly #path: string;

  private constructor(path: string, text: string) {
    this.#path = path;
    this.text = text;
  }

  /** `path`: from the root of the repository, such as `docs/fixtures.md`. */
  static read(path: string): Document {
    return new Document(path, readFileSync(join(repositoryRoot, path), "utf8"));
  }

  /** What stands under a heading, with the headings below it. */
  section(heading: string): Document {
    const [start] = new RegExp(`^#+ ${escaped(heading)}$`, "m").exec(this.text) ?? [];
    assert.ok(start !== undefined, `${this.#path} has no heading “${heading}”`);
    const [, ...rest] = this.text.slice(this.text.indexOf(`${start}\n`)).split("\n");
    const level = start.indexOf(" ");
    const fences = insideFences(rest);
    const end = rest.findIndex((line, index) => fences[index] === false && new RegExp(`^#{1,${level}} `).test(line));
    return new Document(`${this.#path}, ${heading}`, rest.slice(0, end < 0 ? undefined : end).join("\n"));
  }

  /** The code blocks of a language, without the indentation of the list that they stand in. */
  blocks(language: string): readonly string[] {
    const found = [...this.text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([^]*?)^ *\`\`\`$`, "gm"))];
    return found.map(([, indent = "", code = ""]) => code.replaceAll(new RegExp(`^${indent}`, "gm"), ""));
  }

  /** The one code block of a language. */
  block(language: string): string {
    const [only, ...others] = this.blocks(language);
    assert.ok(only !== undefined && others.length === 0, `${this.#path} has one block of ${language}`);
    return only;
  }

  /** The rows of all tables, cell by cell, without their headings. */
  rows(): readonly (readonly string[])[] {
    const lines = this.text.split("\n");
    const isRow = (line: string | undefined): boolean => line?.startsWith("|") === true;
    const isRule = (line: string | undefined): boolean => /^\|[-| ]+$/.test(line ?? "");
    return lines
      .filter((line, index) => isRow(line) && !isRule(line) && !isRule(lines[index + 1]))
      .map(line =>
        line
          .replaceAll(/^\| *| *\|$/g, "")
          .split(" | ")
          .map(cell => cell.trim()),
      );
  }
}

/** What is in backticks in a cell of a table. */
export function codeIn(cell: string | undefined): readonly string[] {
  return [...(cell ?? "").matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
}

/** Whether each line stands in a code block. */
function insideFences(lines: readonly string[]): readonly boolean[] {
  let isInside = false;
  return lines.map(line => {
    const isFence = /^ *```/.test(line);
    if (isFence) isInside = !isInside;
    return isFence || isInside;
  });
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
