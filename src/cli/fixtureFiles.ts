import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileText } from "../base/bytes.ts";
import type { Problem } from "../base/problem.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { type Fixture, parseFixture } from "../core/exchange/fixture.ts";
import { fixtureSuffix } from "../core/exchange/fixtureSuffix.ts";
import { isPattern, namesFitting } from "./filePattern.ts";

/** A file that was named, and what is in it. */
export interface FixtureFile {
  readonly file: string;
  readonly fixture: Result<Fixture, Problem>;
}

/** Reads fixtures; a folder stands for all fixtures in and below it, and a pattern for what fits it, in the order of names. */
export function readFixtures(names: readonly string[]): readonly FixtureFile[] {
  return names.flatMap(name => filesOf(name)).map(file => ({ file, fixture: readFixture(file) }));
}

function filesOf(name: string): readonly string[] {
  const entry = statSync(name, { throwIfNoEntry: false });
  if (entry === undefined && isPattern(name)) return filesFitting(name);
  if (entry?.isDirectory() !== true) return [name];
  return readdirSync(name, { recursive: true, encoding: "utf8" })
    .filter(each => each.endsWith(fixtureSuffix))
    .toSorted()
    .map(each => join(name, each));
}

/** The pattern itself where nothing fits, so that it is named as a file that is not there. */
function filesFitting(pattern: string): readonly string[] {
  const names = namesFitting(pattern);
  return names.length === 0 ? [pattern] : names.flatMap(name => filesOf(name));
}

function readFixture(file: string): Result<Fixture, Problem> {
  try {
    return parseFixture(fileText(readFileSync(file)));
  } catch (cause) {
    return fail({
      code: "FILE_UNREADABLE",
      message: `The file cannot be read (${reasonOf(cause)}).`,
      remedy: "none",
      cause,
    });
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : "unknown reason";
}

/** The fixtures, if there are any and all of them are; else a sentence for each that is none. */
export function allOrProblems(files: readonly FixtureFile[]): Result<readonly ReadableFile[], readonly string[]> {
  if (files.length === 0) return fail(["There are no fixtures there."]);
  const problems = files.flatMap(({ file, fixture }) => (fixture.ok ? [] : [`${file}: ${fixture.error.message}`]));
  if (problems.length > 0) return fail(problems);
  return succeed(files.flatMap(({ file, fixture }) => (fixture.ok ? [{ file, fixture: fixture.value }] : [])));
}

export interface ReadableFile {
  readonly file: string;
  readonly fixture: Fixture;
}
