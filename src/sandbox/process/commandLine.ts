import { parseArgs } from "node:util";
import * as v from "valibot";
import { parseJson } from "../../base/json.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { BehaviourSwitches, type SandboxBehaviour } from "../behaviour.ts";
import type { OrganizationType } from "../crm/organization.ts";
import { type Fault, faultSchema } from "../faults/fault.ts";

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
  readonly modules: number | undefined;
  readonly behaviour: SandboxBehaviour;
  readonly faults: readonly Fault[];
}

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
  modules: { type: "string" },
  behaviour: { type: "string", multiple: true },
  fault: { type: "string", multiple: true },
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
    modules: wholeNumber("--modules", values.modules, 1_000),
    behaviour: readBehaviour(values.behaviour ?? []),
    faults: (values.fault ?? []).map(readFault),
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

function readBehaviour(settings: readonly string[]): SandboxBehaviour {
  const switches = new BehaviourSwitches();
  for (const setting of settings) {
    const [, name, value] = /^(\w+)=(.*)$/s.exec(setting) ?? [];
    if (name === undefined || value === undefined) throw new Error("--behaviour takes NAME=VALUE.");
    const problem = switches.change({ [name]: switchValue(value) });
    if (problem !== undefined) throw new Error(`--behaviour ${setting} cannot be: ${problem}.`);
  }
  return switches.current;
}

/** Numbers and truth values as such, all else as text: `null` is a word that switches know. */
function switchValue(text: string): unknown {
  const json = parseJson(text);
  return json.ok && (typeof json.value === "number" || typeof json.value === "boolean") ? json.value : text;
}

function readFault(text: string): Fault {
  const json = parseJson(text);
  if (!json.ok) throw new Error("--fault takes JSON.");
  const parsed = v.safeParse(faultSchema, json.value);
  if (!parsed.success) throw new Error(`--fault ${text} cannot be: ${v.summarize(parsed.issues)}.`);
  return parsed.output;
}
