import * as vscode from "vscode";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import { forwardProperty, readForwardRequest } from "../../core/handlers/debugging/forwardRequest.ts";
import {
  type LaunchConfiguration,
  folderOf,
  languageOf,
  toForwardOnly,
  toNodeLaunch,
  withRuntimeArguments,
} from "../../core/handlers/debugging/handlerLaunch.ts";
import { argumentsFor } from "../../core/handlers/debugging/nodeVersion.ts";
import { withTokens } from "../../core/handlers/scaffold/environmentFile.ts";
import type { HandlerTokens } from "./handlerTokens.ts";
import { localNodeVersion } from "./localNode.ts";
import { readText, writeText } from "./workspaceFiles.ts";

/** Makes of a handler's launch configuration one that Node's debugger takes, and sees to what the handler needs. */
export class HandlerConfigurations implements vscode.DebugConfigurationProvider {
  readonly #tokens: HandlerTokens;
  readonly #logger: Logger;

  constructor(tokens: HandlerTokens, logger: Logger) {
    this.#tokens = tokens;
    this.#logger = logger;
  }

  async resolveDebugConfiguration(
    folder: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
  ): Promise<vscode.DebugConfiguration | undefined> {
    const isForwardOnly = configuration.request === "attach";
    const launch = isForwardOnly ? toForwardOnly(configuration) : toNodeLaunch(configuration);
    if (launch === undefined) {
      const program = vscode.l10n.t("This configuration needs “program”, the handler's file: New Handler makes one.");
      refuse(isForwardOnly ? vscode.l10n.t("“port” of this configuration is no port of a handler.") : program);
      return undefined;
    }
    if (isForwardOnly) return launch;
    await this.#bringTokens(folder, launch);
    return fitToNode(launch);
  }

  /** Adds the tokens of channels that came since the handler was made; only to a file that New Handler wrote. */
  async #bringTokens(folder: vscode.WorkspaceFolder | undefined, launch: LaunchConfiguration): Promise<void> {
    const within = /^\$\{workspaceFolder\}\/(.*)$/.exec(folderOf(String(launch["program"])))?.[1];
    const tokens = this.#tokens.of(readForwardRequest(launch[forwardProperty])?.modules ?? []);
    if (folder === undefined || within === undefined || tokens.size === 0 || !vscode.workspace.isTrusted) return;
    const file = vscode.Uri.joinPath(folder.uri, within, ".env");
    try {
      const before = (await readText(file)) ?? "";
      const after = withTokens(before, tokens);
      if (after !== undefined && after !== before) await writeText(file, after);
    } catch (error) {
      this.#logger.warn(`handler: tokens: ${describeCauses(error)}`);
    }
  }
}

/** With what its Node has to be told for the handler's language. Where no version can be told, Node speaks for itself. */
async function fitToNode(launch: LaunchConfiguration): Promise<vscode.DebugConfiguration | undefined> {
  const { runtimeExecutable } = launch;
  const version = await localNodeVersion(typeof runtimeExecutable === "string" ? runtimeExecutable : undefined);
  if (version === undefined) return launch;
  const added = argumentsFor(languageOf(launch), version);
  if (added !== undefined) return withRuntimeArguments(launch, added);
  refuse(
    vscode.l10n.t(
      "Node {0} is too old for this handler: TypeScript needs 22.18 or newer, JavaScript 20.12. Name another with “runtimeExecutable”.",
      `${version.major}.${version.minor}`,
    ),
  );
  return undefined;
}

/** Not awaited: the configuration is refused already while people read why. */
function refuse(message: string): void {
  void vscode.window.showErrorMessage(message);
}
