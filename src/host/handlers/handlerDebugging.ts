import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import { forwardProperty, readForwardRequest } from "../../core/handlers/debugging/forwardRequest.ts";
import {
  folderOf,
  handlerDebugType,
  toForwardOnly,
  toNodeLaunch,
} from "../../core/handlers/debugging/handlerLaunch.ts";
import type { TemporaryRules } from "../../core/handlers/debugging/temporaryRules.ts";
import { withTokens } from "../../core/handlers/scaffold/environmentFile.ts";
import { ForwardOnlyAdapter } from "./forwardOnlyAdapter.ts";
import type { HandlerTokens } from "./handlerTokens.ts";
import { readText, writeText } from "./workspaceFiles.ts";

export interface HandlerDebuggingOptions {
  readonly rules: TemporaryRules;
  readonly tokens: HandlerTokens;
  readonly logger: Logger;
}

/**
 * Forwarding that begins and ends with a debug session: of a handler, which is Node's to debug; of anything that has
 * `zohoCrmForward` in its launch configuration; and, for a program that no debugger started, of one that only forwards.
 */
export class HandlerDebugging implements Disposable {
  readonly #options: HandlerDebuggingOptions;
  readonly #store = new DisposableStore();
  readonly #forwarding = new Map<string, ReturnType<TemporaryRules["add"]>>();

  constructor(options: HandlerDebuggingOptions) {
    this.#options = options;
    const { debug } = vscode;
    this.#store.add(
      debug.registerDebugConfigurationProvider(handlerDebugType, {
        resolveDebugConfiguration: async (folder, configuration) => this.#resolve(folder, configuration),
      }),
    );
    this.#store.add(
      debug.registerDebugAdapterDescriptorFactory(handlerDebugType, {
        createDebugAdapterDescriptor: () => new vscode.DebugAdapterInlineImplementation(new ForwardOnlyAdapter()),
      }),
    );
    this.#store.add(debug.onDidStartDebugSession(session => this.#begin(session)));
    this.#store.add(debug.onDidTerminateDebugSession(session => this.#end(session)));
    if (debug.activeDebugSession !== undefined) this.#begin(debug.activeDebugSession);
  }

  dispose(): void {
    for (const rule of this.#forwarding.values()) rule.dispose();
    this.#forwarding.clear();
    this.#store.dispose();
  }

  async #resolve(
    folder: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
  ): Promise<vscode.DebugConfiguration | undefined> {
    const isForwardOnly = configuration.request === "attach";
    const launch = isForwardOnly ? toForwardOnly(configuration) : toNodeLaunch(configuration);
    if (launch === undefined) {
      void vscode.window.showErrorMessage(
        isForwardOnly
          ? vscode.l10n.t("“port” of this configuration is no port: give the one that the handler listens on.")
          : vscode.l10n.t(
              "This configuration needs “program”, the handler's file, and a “port”: New Handler makes one.",
            ),
      );
      return undefined;
    }
    const { program } = configuration;
    if (typeof program === "string")
      await this.#bringTokens(folder, program, readForwardRequest(launch[forwardProperty]));
    return launch;
  }

  /** Adds the tokens of channels that came since the handler was made; only to a file that New Handler wrote. */
  async #bringTokens(
    folder: vscode.WorkspaceFolder | undefined,
    program: string,
    request: ReturnType<typeof readForwardRequest>,
  ): Promise<void> {
    const within = /^\$\{workspaceFolder\}\/(.*)$/.exec(folderOf(program))?.[1];
    const tokens = this.#options.tokens.of(request?.modules ?? []);
    if (folder === undefined || within === undefined || tokens.size === 0 || !vscode.workspace.isTrusted) return;
    const file = vscode.Uri.joinPath(folder.uri, within, ".env");
    try {
      const before = (await readText(file)) ?? "";
      const after = withTokens(before, tokens);
      if (after !== undefined && after !== before) await writeText(file, after);
    } catch (error) {
      this.#options.logger.warn(`handler: tokens: ${describeCauses(error)}`);
    }
  }

  /** A debugger's sessions of child processes have the same configuration: the outermost speaks for all. */
  #begin(session: vscode.DebugSession): void {
    const wish: unknown = session.configuration[forwardProperty];
    const isOurs = session.parentSession === undefined && wish !== undefined && !this.#forwarding.has(session.id);
    if (!isOurs || !vscode.workspace.isTrusted) return;
    const request = readForwardRequest(wish);
    if (request !== undefined) {
      this.#forwarding.set(session.id, this.#options.rules.add(session.name, request));
      return;
    }
    void vscode.window.showWarningMessage(
      vscode.l10n.t(
        "“{0}” of the launch configuration “{1}” is neither a port nor an address, so no events are forwarded to it.",
        forwardProperty,
        session.name,
      ),
    );
  }

  #end(session: vscode.DebugSession): void {
    this.#forwarding.get(session.id)?.dispose();
    this.#forwarding.delete(session.id);
  }
}
