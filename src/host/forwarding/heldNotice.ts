import * as vscode from "vscode";
import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import type { Forwarder } from "../../core/forwarding/forwarder.ts";
import { runGuarded } from "../commandBoundary.ts";
import { commandIds } from "../names.ts";

/** A backlog comes in over some moments; it is told of when it is all there. */
const gathering = 3 * second;

/** Tells once of each backlog that waits for a word. What is held because forwarding is stopped is no news. */
export class HeldNotice implements Disposable {
  readonly #store = new DisposableStore();
  readonly #forwarder: Pick<Forwarder, "state" | "onDidChangeState">;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #timer: Disposable | undefined;
  #told = 0;

  constructor(forwarder: Pick<Forwarder, "state" | "onDidChangeState">, clock: Clock, logger: Logger) {
    this.#forwarder = forwarder;
    this.#clock = clock;
    this.#logger = logger;
    this.#store.add(forwarder.onDidChangeState(() => this.#follow()));
    this.#follow();
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#store.dispose();
  }

  #follow(): void {
    const { kind, held } = this.#forwarder.state;
    if (held === 0 || kind === "paused") this.#told = held;
    else if (held > this.#told && this.#told === 0) this.#timer ??= this.#clock.after(gathering, () => this.#tell());
  }

  #tell(): void {
    this.#timer = undefined;
    const { held } = this.#forwarder.state;
    if (held === 0) return;
    this.#told = held;
    void runGuarded("held events", async () => showHeld(held, this.#forwarder.state.targets), this.#logger);
  }
}

async function showHeld(count: number, targets: readonly string[]): Promise<void> {
  const send = vscode.l10n.t("Send in Order");
  const show = vscode.l10n.t("Show");
  const discard = vscode.l10n.t("Leave Unsent");
  const [target, ...others] = targets;
  const message =
    target !== undefined && others.length === 0
      ? vscode.l10n.t("{0} events came in while you were away and wait to be sent: {1}.", count, target)
      : vscode.l10n.t("{0} events came in while you were away and wait to be sent to your handlers.", count);
  const answer = await vscode.window.showInformationMessage(message, send, show, discard);
  if (answer === send) await vscode.commands.executeCommand(commandIds.sendHeldEvents);
  if (answer === show) await vscode.commands.executeCommand(commandIds.openInspector);
  if (answer === discard) await vscode.commands.executeCommand(commandIds.discardHeldEvents);
}
