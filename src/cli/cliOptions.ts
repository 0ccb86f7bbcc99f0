import { parseArgs } from "node:util";
import { type Result, fail, succeed } from "../base/result.ts";
import { type ExpectedStatus, parseExpected } from "../core/exchange/expectedStatus.ts";

/** What the command line asks for. */
export type CliCommand =
  | { readonly kind: "help" }
  | { readonly kind: "replay"; readonly files: readonly string[]; readonly settings: ReplaySettings }
  | { readonly kind: "validate" | "list"; readonly files: readonly string[]; readonly json: boolean };

export interface ReplaySettings {
  /** The address of the handler. */
  readonly to: string;
  /** The token of a channel, or of all where there is one for all. */
  readonly tokenOf: (channelId: string | undefined) => string | undefined;
  /** Goes before what the fixtures expect. */
  readonly expected: readonly ExpectedStatus[] | undefined;
  /** Hosts beyond this machine that may be sent to. */
  readonly allowedHosts: readonly string[];
  /** Milliseconds until an answer must have ended. */
  readonly timeout: number;
  readonly bail: boolean;
  readonly json: boolean;
}

/** The variables of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

const optionForms = {
  help: { type: "boolean", short: "h" },
  to: { type: "string" },
  token: { type: "string" },
  expect: { type: "string" },
  timeout: { type: "string" },
  "allow-host": { type: "string", multiple: true },
  bail: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof optionForms }>>["values"];

/** The environment's variable for the token: a command line is seen by others. */
const tokenVariable = "ZOHO_CHANNEL_TOKEN";

/** How long a handler may take when nothing is said, in seconds. */
const usualTimeout = 10;

const onlyForReplay = ["to", "token", "expect", "timeout", "allow-host", "bail"] as const;

/** Reads the arguments after the command's name; the error is a sentence. */
export function parseCliOptions(args: readonly string[], environment: Environment): Result<CliCommand, string> {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: optionForms, allowPositionals: true });
    return succeed(toCommand(values, positionals, environment));
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function toCommand(values: Values, [name, ...files]: readonly string[], environment: Environment): CliCommand {
  if (values.help === true || name === undefined || name === "help") return { kind: "help" };
  if (name !== "replay" && name !== "validate" && name !== "list") throw new Error(`There is no command “${name}”.`);
  if (files.length === 0) throw new Error("Name fixture files, or folders that hold them.");
  if (name === "replay") return { kind: name, files, settings: replaySettings(values, environment) };
  const needless = onlyForReplay.find(option => values[option] !== undefined && values[option] !== false);
  if (needless !== undefined) throw new Error(`--${needless} is for replay only.`);
  return { kind: name, files, json: values.json };
}

function replaySettings(values: Values, environment: Environment): ReplaySettings {
  if (values.to === undefined) throw new Error("Say where to with --to, such as --to http://127.0.0.1:3000/hook.");
  return {
    to: values.to,
    tokenOf: channelId =>
      values.token ?? environment[`${tokenVariable}_${channelId ?? ""}`] ?? environment[tokenVariable],
    expected: values.expect === undefined ? undefined : readExpected(values.expect),
    allowedHosts: values["allow-host"] ?? [],
    timeout: 1_000 * readTimeout(values.timeout),
    bail: values.bail,
    json: values.json,
  };
}

function readExpected(text: string): readonly ExpectedStatus[] {
  const expected = parseExpected(text);
  if (expected === undefined)
    throw new Error("--expect takes a status or a range, such as 204 or 2xx, or several: 2xx,409.");
  return expected;
}

function readTimeout(text: string | undefined): number {
  const seconds = text === undefined ? usualTimeout : Number(text);
  if (!(seconds > 0 && seconds <= 3_600)) throw new Error("--timeout takes a number of seconds above 0, up to 3600.");
  return seconds;
}

export const cliHelp = `Sends event fixtures (*.zoho-event.json) to a handler, and checks them.

  zoho-crm-events replay <files or folders…> --to <url> [options]
  zoho-crm-events validate <files or folders…> [--json]
  zoho-crm-events list <files or folders…> [--json]

Files may be patterns in every shell, those of Windows too: fixtures/*.zoho-event.json, where
* is any characters, ? is one, and ** any folders.

replay sends each fixture in the order given and prints TAP, version 14.
  --to <url>             The handler's address, such as http://127.0.0.1:3000/hook.
  --token <token>        Goes where fixtures have \${${tokenVariable}}. Better: set the variable
                         ${tokenVariable}, or ${tokenVariable}_<channel id> for each channel,
                         as others on the machine can read a command line.
  --expect <statuses>    Passes these answers, whatever the fixtures expect: 2xx, 204, or 2xx,409.
  --timeout <seconds>    For each answer. Default: ${usualTimeout}.
  --bail                 Ends with the first that does not pass.
  --allow-host <host>    Lets events leave this machine, to this host only. May be repeated.
  --json                 One JSON object in a line for each fixture, instead of TAP.

Ends with 0 when everything passed, 1 when something did not, 2 when the command cannot be
carried out: a wrong option, a file that cannot be read or is no fixture.
`;
