import { assertNever } from "../base/assertNever.ts";
import { systemClock } from "../base/clock.ts";
import type { Problem } from "../base/problem.ts";
import { channelOf, needsToken } from "../core/exchange/fixtureToken.ts";
import { replayFixture } from "../core/exchange/replayFixture.ts";
import { parseTarget } from "../core/forwarding/forwardTarget.ts";
import { RequestSender } from "../core/forwarding/requestSender.ts";
import { type CliCommand, type Environment, type ReplaySettings, cliHelp, parseCliOptions } from "./cliOptions.ts";
import { type FixtureFile, type ReadableFile, allOrProblems, readFixtures } from "./fixtureFiles.ts";
import { jsonReport, oneLine, tapReport } from "./replayReport.ts";

/** What the command has of its surroundings. */
export interface CliContext {
  readonly environment: Environment;
  readonly out: (line: string) => void;
  readonly complain: (line: string) => void;
}

const exitCodes = { passed: 0, failed: 1, usage: 2 } as const;

/** Carries out a command line and gives the exit code. */
export async function runCli(args: readonly string[], context: CliContext): Promise<number> {
  const command = parseCliOptions(args, context.environment);
  if (command.ok) return carryOut(command.value, context);
  context.complain(`${command.error}\nTry --help.`);
  return exitCodes.usage;
}

async function carryOut(command: CliCommand, context: CliContext): Promise<number> {
  switch (command.kind) {
    case "help":
      context.out(cliHelp.trimEnd());
      return exitCodes.passed;
    case "replay":
      return replay(readFixtures(command.files), command.settings, context);
    case "validate":
      return validate(readFixtures(command.files), command.json, context);
    case "list":
      return list(readFixtures(command.files), command.json, context);
    default:
      return assertNever(command);
  }
}

async function replay(files: readonly FixtureFile[], settings: ReplaySettings, context: CliContext): Promise<number> {
  const fixtures = allOrProblems(files);
  const target = parseTarget(settings.to, settings.allowedHosts);
  const problems = [
    ...(target.ok ? [] : [problemText(target.error)]),
    ...(fixtures.ok ? tokenProblems(fixtures.value, settings.tokenOf) : fixtures.error),
  ];
  for (const problem of problems) context.complain(problem);
  return fixtures.ok && problems.length === 0 ? sendAll(fixtures.value, settings, context) : exitCodes.usage;
}

/** In the words of the command line where those of the editor's settings do not fit. */
function problemText({ code, message }: Problem): string {
  return code === "FORWARD_NOT_LOCAL"
    ? "This handler is not on this machine. Allow its host with --allow-host."
    : message;
}

function tokenProblems(fixtures: readonly ReadableFile[], tokenOf: ReplaySettings["tokenOf"]): readonly string[] {
  return fixtures
    .filter(({ fixture: { request } }) => needsToken(request) && tokenOf(channelOf(request)) === undefined)
    .map(({ file }) => `${file}: needs the token of the channel. Set ZOHO_CHANNEL_TOKEN, or give --token.`);
}

/** One after another, in the order given, as their handler may count on it. */
async function sendAll(
  fixtures: readonly ReadableFile[],
  { to, tokenOf, expected, allowedHosts, timeout, bail, json }: ReplaySettings,
  { out }: CliContext,
): Promise<number> {
  const report = json ? jsonReport : tapReport;
  const sender = new RequestSender({ allowedHosts: () => allowedHosts, timeout: () => timeout, clock: systemClock });
  const print = (lines: readonly string[]): void => lines.forEach(line => out(line));
  let failed = 0;
  let sent = 0;
  print(report.begin(fixtures.length));
  for (const file of fixtures) {
    if (bail && failed > 0) break;
    const token = tokenOf(channelOf(file.fixture.request));
    const replayed = await replayFixture(file.fixture, sender, { target: to, token, expected });
    sent++;
    if (!replayed.passed) failed++;
    print(report.each(sent, file, replayed));
  }
  print(report.end(failed, fixtures.length - sent));
  return failed === 0 ? exitCodes.passed : exitCodes.failed;
}

function validate(files: readonly FixtureFile[], json: boolean, { out, complain }: CliContext): number {
  for (const { file, fixture } of files) {
    const problem = fixture.ok ? undefined : fixture.error.message;
    out(json ? JSON.stringify({ file, valid: fixture.ok, problem }) : `${file}: ${problem ?? "valid"}`);
  }
  if (files.length === 0) complain("There are no fixtures there.");
  if (files.length === 0) return exitCodes.usage;
  return files.every(({ fixture }) => fixture.ok) ? exitCodes.passed : exitCodes.failed;
}

function list(files: readonly FixtureFile[], json: boolean, { out, complain }: CliContext): number {
  const fixtures = allOrProblems(files);
  if (!fixtures.ok) {
    for (const problem of fixtures.error) complain(problem);
    return exitCodes.usage;
  }
  for (const { file, fixture } of fixtures.value) {
    const { method, path, body } = fixture.request;
    const { description, expected } = fixture;
    const facts = {
      file,
      description,
      method,
      path,
      bytes: body.byteLength,
      expected,
      needsToken: needsToken(fixture.request),
    };
    out(json ? JSON.stringify(facts) : `${file}\t${method} ${path === "" ? "/" : path}\t${oneLine(description ?? "")}`);
  }
  return exitCodes.passed;
}
