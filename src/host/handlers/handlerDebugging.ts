import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import { forwardProperty, readForwardRequest } from "../../core/handlers/debugging/forwardRequest.ts";
import { handlerDebugType } from "../../core/handlers/debugging/handlerLaunch.ts";
import type { TemporaryRules } from "../../core/handlers/debugging/temporaryRules.ts";
import { ForwardOnlyAdapter } from "./forwardOnlyAdapter.ts";
import type { HandlerConfigurations } from "./handlerConfigurations.ts";

export interface HandlerDebuggingOptions {
  readonly rules: TemporaryRules;
  /** Loaded with the first handler that is started. */
  readonly configurations: () => Promise<HandlerConfigurations>;
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
        resolveDebugConfiguration: async (folder, configuration) =>
          (await options.configurations()).resolveDebugConfiguration(folder, configuration),
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
