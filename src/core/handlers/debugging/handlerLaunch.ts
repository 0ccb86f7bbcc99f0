import * as v from "valibot";
import type { HandlerLanguage } from "../scaffold/handlerPlan.ts";
import { forwardProperty } from "./forwardRequest.ts";

/** The type of launch configurations of handlers. */
export const handlerDebugType = "zohoCrmHandler";

const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));

const launchSchema = v.looseObject({
  name: v.string(),
  program: v.pipe(v.string(), v.minLength(1)),
  port: v.optional(port, 3000),
  modules: v.optional(v.array(v.string()), []),
  cwd: v.optional(v.string()),
  env: v.optional(v.record(v.string(), v.nullable(v.string())), {}),
});

/** A launch configuration, as far as it matters here. */
export interface LaunchConfiguration {
  readonly type: string;
  readonly request: string;
  readonly name: string;
  readonly [property: string]: unknown;
}

/**
 * A handler's configuration as one of Node's debugger, with the port in its environment and the wish to have events sent
 * there; undefined where it names no program. What else it says is Node's debugger's to read.
 */
export function toNodeLaunch(configuration: unknown): LaunchConfiguration | undefined {
  const parsed = v.safeParse(launchSchema, configuration);
  if (!parsed.success) return undefined;
  const { port, modules, env, cwd, program, ...others } = parsed.output;
  return {
    skipFiles: ["<node_internals>/**"],
    [forwardProperty]: { to: port, modules },
    ...others,
    type: "node",
    request: "launch",
    program,
    cwd: cwd ?? folderOf(program),
    env: { PORT: String(port), ...env },
  };
}

const attachSchema = v.looseObject({
  name: v.string(),
  port: v.optional(port, 3000),
  modules: v.optional(v.array(v.string()), []),
});

/** A configuration that only forwards, to a handler that something else started; undefined where its port is none. */
export function toForwardOnly(configuration: unknown): LaunchConfiguration | undefined {
  const parsed = v.safeParse(attachSchema, configuration);
  if (!parsed.success) return undefined;
  const { port: to, modules, ...others } = parsed.output;
  return { [forwardProperty]: { to, modules }, ...others, type: handlerDebugType, request: "attach" };
}

/** The same with arguments for Node in front of those it has. */
export function withRuntimeArguments(launch: LaunchConfiguration, added: readonly string[]): LaunchConfiguration {
  const { runtimeArgs } = launch;
  const own: unknown[] = Array.isArray(runtimeArgs) ? runtimeArgs : [];
  return added.length === 0 ? launch : { ...launch, runtimeArgs: [...added, ...own] };
}

/** The language of the program that a configuration starts. */
export function languageOf({ program }: LaunchConfiguration): HandlerLanguage {
  return typeof program === "string" && /\.[cm]?ts$/.test(program) ? "typescript" : "javascript";
}

/** The folder of a path that may begin with a variable of the editor. */
export function folderOf(path: string): string {
  return path.replace(/[\\/][^\\/]*$/, "");
}

/** What a launch file has about a new handler. `folder` is the path within the workspace folder. */
export function handlerLaunch(
  folder: string,
  file: string,
  port: number,
  modules: readonly string[],
): LaunchConfiguration {
  return {
    type: handlerDebugType,
    request: "launch",
    name: `Zoho CRM handler (${folder})`,
    program: `\${workspaceFolder}/${folder}/${file}`,
    port,
    modules,
  };
}
