import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Problem } from "../base/problem.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { type Fixture, fixtureSuffix, parseFixture } from "../core/exchange/fixture.ts";

/** A file that was named, and what is in it. */
export interface FixtureFile {
  readonly file: string;
  readonly fixture: Result<Fixture, Problem>;
}

/** Reads fixtures; a folder stands for all fixtures in and below it, in the order of their names. */
export function readFixtures(names: readonly string[]): readonly FixtureFile[] {
  return names.flatMap(name => filesOf(name)).map(file => ({ file, fixture: readFixture(file) }));
}

function filesOf(name: string): readonly string[] {
  if (!statSync(name, { throwIfNoEntry: false })?.isDirectory()) return [name];
  return readdirSync(name, { recursive: true, encoding: "utf8" })
    .filter(each => each.endsWith(fixtureSuffix))
    .toSorted()
    .map(each => join(name, each));
}

function readFixture(file: string): Result<Fixture, Problem> {
  try {
    return parseFixture(readFileSync(file, "utf8"));
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
