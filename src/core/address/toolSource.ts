import * as l10n from "@vscode/l10n";
import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import type { Problem } from "../../base/problem.ts";
import { hiddenMark } from "../../zoho/channelToken.ts";
import { Redaction } from "../events/redaction.ts";
import type { AddressListener, AddressSource } from "./addressSource.ts";
import { startOnLeash } from "./leashedProcess.ts";
import type { TunnelTool } from "./tunnelTool.ts";

export interface ToolSourceOptions {
  readonly tool: TunnelTool;
  /** The tool's program, as a whole path. */
  readonly program: string;
  /** `leashProgram.ts` as it was built. */
  readonly leash: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Quick tunnels take about five seconds; a tool that asks a question waits for ever. */
const addressDeadline = 45 * second;

/** A public address from a tool of the person's own. */
export class ToolSource implements AddressSource {
  readonly #options: ToolSourceOptions;

  constructor(options: ToolSourceOptions) {
    this.#options = options;
  }

  open(target: string, listener: AddressListener): Disposable {
    return new ToolRun(this.#options, target, listener);
  }
}

/** One run of the tool's program. */
class ToolRun implements Disposable {
  readonly #options: ToolSourceOptions;
  readonly #listener: AddressListener;
  readonly #owned = new DisposableStore();
  readonly #deadline: Disposable;

  constructor(options: ToolSourceOptions, target: string, listener: AddressListener) {
    const { tool, program, leash, clock, logger } = options;
    this.#options = options;
    this.#listener = listener;
    this.#deadline = this.#owned.add(clock.after(addressDeadline, () => this.#end(silent(tool.id))));
    logger.info(`${tool.id}: started for ${target}`);
    this.#owned.add(
      startOnLeash({
        leash,
        program,
        args: tool.args(target),
        onLine: line => this.#hear(line),
        onExit: code => this.#end(exited(tool.id, code)),
      }),
    );
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #hear(line: string): void {
    const { tool, logger } = this.#options;
    logger.debug(`${tool.id}: ${withoutSecrets(line)}`);
    const sign = tool.read(line);
    if (sign === undefined || this.#owned.isDisposed) return;
    if (sign.kind === "failed") this.#end(sign.problem);
    else this.#found(sign.url);
  }

  #found(url: string): void {
    this.#owned.delete(this.#deadline);
    this.#options.logger.info(`${this.#options.tool.id}: ${url}`);
    this.#listener.address(url);
  }

  #end(problem: Problem): void {
    if (this.#owned.isDisposed) return;
    this.dispose();
    this.#options.logger.warn(`${problem.code}: ${problem.message}`);
    this.#listener.ended(problem);
  }
}

/** Tools repeat tokens that are wrong, also such as nobody named. Names of hosts have dots, or are shorter. */
export function withoutSecrets(line: string): string {
  return new Redaction([]).marked(line).replaceAll(/[A-Za-z0-9_-]{32,}/g, hiddenMark);
}

function silent(tool: string): Problem {
  return {
    code: "TUNNEL_TOOL_SILENT",
    message: l10n.t(
      "{0} did not name an address in time. Run it in a terminal to see whether it asks something.",
      tool,
    ),
    remedy: "get-address",
  };
}

function exited(tool: string, code: number | null): Problem {
  return {
    code: "TUNNEL_TOOL_ENDED",
    message: l10n.t("{0} has ended. The log at level Debug has what it printed.", tool),
    remedy: "get-address",
    cause: `exit code ${String(code)}`,
  };
}
