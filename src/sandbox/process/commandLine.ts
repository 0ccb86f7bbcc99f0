import { parseArgs } from "node:util";
import { type Result, fail, succeed } from "../../base/result.ts";
import type { OrganizationType } from "../crm/organization.ts";

/** What the command line asks for. */
export type Command = { readonly kind: "help" } | { readonly kind: "run"; readonly settings: CommandSettings };

export interface CommandSettings {
  readonly host: string;
  readonly port: number;
  readonly portOrAny: boolean;
  readonly dataDir: string | undefined;
  readonly exitWhenUnusedSeconds: number | undefined;
  readonly activitySeconds: number | undefined;
  readonly organizationType: OrganizationType;
  readonly seed: boolean;
  readonly allowAnyHost: boolean;
}

export const help = `A local stand-in for Zoho CRM: OAuth, records, metadata, the watch API, and deliveries.

Usage: npm run sandbox -- [options]

  --host ADDRESS            Where to listen (127.0.0.1). There are no passwords: keep it on this machine.
  --port NUMBER             Port to listen on (0: any free one).
  --port-or-any             Take any free port when that one is taken.
  --data-dir DIR            Keep the state here; without it, it is gone at the end. One process at a time.
  --activity SECONDS        Let invented users change something every so many seconds.
  --organization-type TYPE  Production, Sandbox or Developer (Sandbox).
  --no-seed                 Begin without records.
  --allow-any-host          Deliver notifications to other machines too, not only to this one.
  --exit-when-unused SECONDS
                            End when nobody has held GET /lease for so long; needs --data-dir.
  --help                    Show this.

When it is ready it prints one line: sandbox ready http://127.0.0.1:PORT
Open that address in a browser to see and change records. For programs:
  POST /sandbox/self-client-code    a code for sign-in without questions
  GET|POST /sandbox/clients         registered OAuth clients, and registering more
  GET|POST /sandbox/behaviour       switches for what is not known about Zoho
  POST /sandbox/clock               {"advance_ms": …} moves the CRM's time
  GET|POST|DELETE /sandbox/faults   make the next calls fail
  POST /sandbox/revoke-tokens       end every sign-in
  GET /sandbox/deliveries           what was delivered, or why not

Exit codes: 0 ended on request, 64 wrong usage, 75 the data directory is in use, 1 anything else.
`;

const optionForms = {
  help: { type: "boolean" },
  host: { type: "string", default: "127.0.0.1" },
  port: { type: "string", default: "0" },
  "port-or-any": { type: "boolean", default: false },
  "data-dir": { type: "string" },
  "exit-when-unused": { type: "string" },
  activity: { type: "string" },
  "organization-type": { type: "string", default: "Sandbox" },
  "no-seed": { type: "boolean", default: false },
  "allow-any-host": { type: "boolean", default: false },
} as const;

/** Reads the arguments after the script's name; the error is a sentence. */
export function parseCommandLine(args: readonly string[]): Result<Command, string> {
  try {
    const { values } = parseArgs({ args: [...args], options: optionForms, strict: true });
    return succeed(values.help === true ? { kind: "help" } : { kind: "run", settings: readSettings(values) });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

type Values = ReturnType<typeof parseArgs<{ options: typeof optionForms }>>["values"];

function readSettings(values: Values): CommandSettings {
  const dataDir = values["data-dir"];
  if (values["exit-when-unused"] !== undefined && dataDir === undefined) {
    throw new Error("--exit-when-unused needs --data-dir.");
  }
  return {
    host: values.host,
    port: wholeNumber("--port", values.port, 65_535) ?? 0,
    portOrAny: values["port-or-any"],
    dataDir,
    exitWhenUnusedSeconds: wholeNumber("--exit-when-unused", values["exit-when-unused"], 86_400),
    activitySeconds: positiveNumber("--activity", values.activity),
    organizationType: readOrganizationType(values["organization-type"]),
    seed: !values["no-seed"],
    allowAnyHost: values["allow-any-host"],
  };
}

function wholeNumber(option: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(number <= most)) throw new Error(`${option} takes a whole number up to ${most}.`);
  return number;
}

function positiveNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!(number > 0 && number <= 86_400)) throw new Error(`${option} takes a number of seconds above 0.`);
  return number;
}

function readOrganizationType(text: string): OrganizationType {
  if (text === "Production" || text === "Sandbox" || text === "Developer") return text;
  throw new Error("--organization-type is Production, Sandbox or Developer.");
}
