import type { Replayed } from "../core/exchange/replayFixture.ts";
import type { ReadableFile } from "./fixtureFiles.ts";

/** Says what became of each fixture, as lines for the standard output. */
export interface ReplayReport {
  begin(total: number): readonly string[];
  each(number: number, file: ReadableFile, replayed: Replayed): readonly string[];
  end(failed: number, notSent: number): readonly string[];
}

/** TAP, version 14: for people, and for what reads test results. */
export const tapReport: ReplayReport = {
  begin: total => ["TAP version 14", `1..${total}`],
  each: (number, { file, fixture }, replayed) => [
    `${replayed.passed ? "ok" : "not ok"} ${number} - ${tapText(titleOf(file, fixture.description))} (${outcomeOf(replayed)})`,
    ...(replayed.passed ? [] : ["  ---", ...diagnosis(replayed), "  ..."]),
  ],
  end: (failed, notSent) => [
    ...(notSent === 0 ? [] : [`Bail out! ${notSent} not sent`]),
    failed === 0 ? "# all passed" : `# ${failed} failed`,
  ],
};

/** One JSON object for each fixture. */
export const jsonReport: ReplayReport = {
  begin: () => [],
  each: (_number, { file, fixture }, { passed, status, milliseconds, problem, expected }) => [
    JSON.stringify({
      file,
      description: fixture.description,
      passed,
      status,
      milliseconds,
      expected,
      problem: problem?.message,
    }),
  ],
  end: () => [],
};

function titleOf(file: string, description: string | undefined): string {
  return description === undefined || description === "" ? file : `${file}: ${description}`;
}

function outcomeOf({ status, milliseconds }: Replayed): string {
  return status === undefined ? "no answer" : `${status} in ${milliseconds} ms`;
}

function diagnosis({ status, problem, expected }: Replayed): readonly string[] {
  const got = problem === undefined ? `got: ${status ?? "nothing"}` : `problem: ${JSON.stringify(problem.message)}`;
  return [`  expected: ${JSON.stringify(expected.join(", "))}`, `  ${got}`];
}

/** In one line, with what TAP takes for a sign escaped. */
function tapText(text: string): string {
  return oneLine(text).replaceAll(/[\\#]/g, "\\$&");
}

/** Without line breaks and what terminals take for orders. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ");
}
