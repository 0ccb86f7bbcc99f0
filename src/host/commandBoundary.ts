import * as vscode from "vscode";
import { assertNever } from "../base/assertNever.ts";
import { type Disposable, DisposableStore } from "../base/lifecycle.ts";
import type { Logger } from "../base/logger.ts";
import { CancelledError, type Problem, ProblemError, type Remedy, describeCauses, toProblem } from "../base/problem.ts";
import { type CommandId, commandIds } from "./names.ts";

/** The commands as VS Code calls them; arguments come from menus, keybindings, links and other extensions: unknown. */
export type CommandHandlers = Readonly<Record<CommandId, (...args: unknown[]) => unknown>>;

/** Registers every command behind the one place where a failure is logged in full and shown once. */
export function registerCommands(handlers: () => Promise<CommandHandlers>, logger: Logger): Disposable {
  const store = new DisposableStore();
  for (const id of Object.values(commandIds)) {
    const run = async (args: readonly unknown[]): Promise<unknown> => (await handlers())[id](...args);
    store.add(
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        await runGuarded(id, async () => run(args), logger);
      }),
    );
  }
  return store;
}

/** Runs `action`; a problem is logged with its causes and shown with a button for its remedy; a cancel is silent. */
export async function runGuarded(name: string, action: () => unknown, logger: Logger): Promise<void> {
  try {
    await action();
  } catch (thrown) {
    if (thrown instanceof CancelledError) return;
    logger.error(`${name}: ${describeCauses(thrown)}`);
    const problem = toProblem(thrown);
    const guarded = (next: () => unknown) => async () => runGuarded(name, next, logger);
    const button =
      thrown instanceof OfferedError
        ? { label: thrown.label, run: guarded(thrown.run) }
        : remedyButton(problem.remedy, guarded(action));
    // Not awaited: the command has ended, and a notification may stay up for as long as it likes.
    void showMessage(problem.message, button);
  }
}

/** A problem that has a button of its own, where whoever met it knows a better way on than its remedy. */
export class OfferedError extends ProblemError {
  readonly label: string;
  /** Runs like a command: what it throws is shown. */
  readonly run: () => unknown;

  constructor(problem: Problem, label: string, run: () => unknown) {
    super(problem);
    this.label = label;
    this.run = run;
  }
}

/** One message with at most one button; `retry` is what the button of a problem with that remedy runs. */
export async function showProblem(problem: Problem, retry: () => Promise<void>): Promise<void> {
  await showMessage(problem.message, remedyButton(problem.remedy, retry));
}

async function showMessage(message: string, button: RemedyButton | undefined): Promise<void> {
  if (button === undefined) {
    await vscode.window.showErrorMessage(message);
    return;
  }
  const pressed = await vscode.window.showErrorMessage(message, button.label);
  if (pressed === button.label) await button.run();
}

interface RemedyButton {
  readonly label: string;
  readonly run: () => PromiseLike<unknown>;
}

function remedyButton(remedy: Remedy, retry: () => Promise<void>): RemedyButton | undefined {
  if (remedy === "none") return undefined;
  if (remedy === "retry") return { label: vscode.l10n.t("Try Again"), run: retry };
  const { title, command } = remedyCommand(remedy);
  return { label: title, run: () => vscode.commands.executeCommand(command.command) };
}

/** The command that carries out a remedy, for a tree item or a button. */
export function remedyCommand(remedy: Exclude<Remedy, "none" | "retry">): {
  readonly title: string;
  readonly command: vscode.Command;
} {
  const named = (title: string, command: string): { title: string; command: vscode.Command } => ({
    title,
    command: { title, command },
  });
  switch (remedy) {
    case "refresh":
      return named(vscode.l10n.t("Refresh"), commandIds.refreshSubscriptions);
    case "sign-in":
      return named(vscode.l10n.t("Sign In Again"), commandIds.signIn);
    // Which subscription is meant is known to Diagnose, and to the row that shows the problem, but not here.
    case "renew-subscription":
    case "recreate-subscription":
    case "point-here":
    case "send-here":
      return named(vscode.l10n.t("Refresh"), commandIds.refreshSubscriptions);
    case "create-subscription":
      return named(vscode.l10n.t("New Subscription"), commandIds.createSubscription);
    case "configure-relay":
      return named(vscode.l10n.t("Relay Actions"), commandIds.showRelay);
    case "join-relay":
      return named(vscode.l10n.t("Join the Relay"), commandIds.joinRelay);
    case "get-address":
      return named(vscode.l10n.t("Get a Public Address"), commandIds.getPublicAddress);
    case "reconnect-relay":
      return named(vscode.l10n.t("Reconnect"), commandIds.reconnectRelay);
    case "start-sandbox":
      return named(vscode.l10n.t("Start Sandbox"), commandIds.trySandbox);
    case "open-log":
      return named(vscode.l10n.t("Show Log"), commandIds.openLog);
    default:
      return assertNever(remedy);
  }
}
