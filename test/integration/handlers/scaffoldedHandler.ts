import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import type { HandlerLanguage, HandlerSample } from "../../../src/core/handlers/scaffold/handlerPlan.ts";
import { scaffoldFiles } from "../../../src/core/handlers/scaffold/scaffold.ts";
import { eventTypes } from "../../../src/core/handlers/types/eventTypes.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { agency } from "../../unit/core/handlers/someMetadata.ts";

const repository = join(import.meta.dirname, "../../..");

export const channelId = "2305843009213693953";
export const token = "token of the channel";

/** The templates in JavaScript, as the build makes them of those in TypeScript. */
export function buildTemplates(into: string): void {
  execFileSync(process.execPath, ["esbuild.js", "--only-scaffold", `--into=${into}`], {
    cwd: repository,
    stdio: "pipe",
  });
}

/** Writes a new handler into a temporary folder, as the command does, and gives the folder. */
export async function scaffold(
  test: Pick<TestContext, "after">,
  language: HandlerLanguage,
  sample: HandlerSample,
  javascriptTemplates: string,
): Promise<string> {
  const folder = temporaryFolder(test);
  const root = language === "typescript" ? join(repository, "media/scaffold") : join(javascriptTemplates, "scaffold");
  const { modules } = agency;
  const plan = { language, sample, port: 0, modules, types: eventTypes(agency), tokens: new Map([[channelId, token]]) };
  const files = await scaffoldFiles({ ...plan, now: 1_767_600_000_000 }, async path =>
    Promise.resolve(readFileSync(join(root, path), "utf8")),
  );
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** A handler that runs in a process of its own until the test ends, or {@link end}. */
export class RunningHandler {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #errors: readonly string[];

  private constructor(url: string, child: ChildProcess, errors: readonly string[]) {
    this.url = url;
    this.#child = child;
    this.#errors = errors;
  }

  /** What it has written to its standard error so far. */
  get errors(): string {
    return this.#errors.join("");
  }

  /** `port` is any where none is given. Rejects with what it wrote where it ends instead. */
  static async start(test: Pick<TestContext, "after">, file: string, port?: string): Promise<RunningHandler> {
    const env = port === undefined ? process.env : { ...process.env, PORT: port };
    const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "pipe"], env });
    const errors: string[] = [];
    child.stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
    test.after(() => child.kill("SIGKILL"));
    for await (const line of createInterface(child.stdout)) {
      const url = /^handler ready (\S+)$/.exec(line)?.[1];
      if (url === undefined) continue;
      child.stdout.resume();
      return new RunningHandler(url, child, errors);
    }
    if (child.exitCode === null) await once(child, "close");
    throw new Error(`The handler ended with ${String(child.exitCode)} before it was ready: ${errors.join("")}`);
  }

  get port(): string {
    return new URL(this.url).port;
  }

  async post(
    body: string | Uint8Array,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(this.url, { method: "POST", body, headers });
    return { status: response.status, text: (await response.text()).trim() };
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    const closed = once(this.#child, "close");
    this.#child.kill(signal);
    await closed;
    return this.#child.exitCode;
  }
}

/** A deal moves to the stage of a visit, as Zoho's delivery tells it. */
export function siteVisitBody(changes: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    server_time: 1_767_600_000_000,
    affected_values: [{ record_id: "6756839000000575405", values: { Stage: "Site Visit Scheduled" } }],
    query_params: {},
    module: "Deals",
    resource_uri: "https://www.zohoapis.com/crm/v2/Deals",
    ids: ["6756839000000575405"],
    affected_fields: [{ "6756839000000575405": ["Stage"] }],
    operation: "update",
    channel_id: channelId,
    token,
    ...changes,
  });
}
