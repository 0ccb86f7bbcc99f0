import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { CancelledError, describeCauses, toProblem } from "../../base/problem.ts";
import type { EventTools } from "../../core/agents/eventTools.ts";
import type { Confirmation, ReplayTools } from "../../core/agents/replayTools.ts";
import type { SubscriptionTools } from "../../core/agents/subscriptionTools.ts";
import { ToolError } from "../../core/agents/toolError.ts";
import { toolIds } from "../names.ts";

export interface AgentTools {
  readonly subscriptions: SubscriptionTools;
  readonly events: EventTools;
  readonly replays: ReplayTools;
}

/** What a tool does, and what a person sees of it meanwhile. */
interface Tool {
  readonly running: () => string;
  /** What the person is asked first, where the tool does more than read. */
  readonly confirmation?: (input: unknown) => Promise<Confirmation>;
  readonly run: (input: unknown, signal: AbortSignal) => Promise<string>;
}

/** Offers the tools to the language models of the editor; `tools` is asked with the first call of one. */
export function registerAgentTools(tools: () => Promise<AgentTools>, logger: Logger): Disposable {
  const store = new DisposableStore();
  const register = (id: string, tool: Tool): void =>
    void store.add(vscode.lm.registerTool(id, new GuardedTool(id, tool, logger)));
  register(toolIds.listSubscriptions, {
    running: () => vscode.l10n.t("Reading the Zoho CRM subscriptions"),
    run: async input => (await tools()).subscriptions.listSubscriptions(input),
  });
  register(toolIds.readEvents, {
    running: () => vscode.l10n.t("Reading Zoho CRM events"),
    run: async input => (await tools()).events.readEvents(input),
  });
  register(toolIds.waitForEvent, {
    running: () => vscode.l10n.t("Waiting for a Zoho CRM event"),
    run: async (input, signal) => (await tools()).events.waitForEvent(input, signal),
  });
  register(toolIds.replayEvents, {
    running: () => vscode.l10n.t("Replaying Zoho CRM events"),
    confirmation: async input => (await tools()).replays.confirmation(input),
    run: async (input, signal) => (await tools()).replays.replayEvents(input, signal),
  });
  return store;
}

/** The one place where a tool's failure becomes what a model reads, and what the log has of it. */
class GuardedTool implements vscode.LanguageModelTool<unknown> {
  readonly #id: string;
  readonly #tool: Tool;
  readonly #logger: Logger;

  constructor(id: string, tool: Tool, logger: Logger) {
    this.#id = id;
    this.#tool = tool;
    this.#logger = logger;
  }

  async prepareInvocation({
    input,
  }: vscode.LanguageModelToolInvocationPrepareOptions<unknown>): Promise<vscode.PreparedToolInvocation> {
    const invocationMessage = this.#tool.running();
    try {
      const asked = await this.#tool.confirmation?.(input);
      if (asked === undefined) return { invocationMessage };
      const message = new vscode.MarkdownString(asked.message);
      return { invocationMessage, confirmationMessages: { title: asked.title, message } };
    } catch (thrown) {
      throw this.#explain(thrown);
    }
  }

  async invoke(
    { input }: vscode.LanguageModelToolInvocationOptions<unknown>,
    token: vscode.CancellationToken,
  ): Promise<vscode.LanguageModelToolResult> {
    const abort = new AbortController();
    const listening = token.onCancellationRequested(() => abort.abort());
    if (token.isCancellationRequested) abort.abort();
    try {
      const text = await this.#tool.run(input, abort.signal);
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
    } catch (thrown) {
      throw this.#explain(thrown);
    } finally {
      listening.dispose();
    }
  }

  #explain(thrown: unknown): Error {
    if (thrown instanceof CancelledError) return new vscode.CancellationError();
    if (thrown instanceof ToolError) return thrown;
    this.#logger.error(`${this.#id}: ${describeCauses(thrown)}`);
    return new Error(toProblem(thrown).message);
  }
}
