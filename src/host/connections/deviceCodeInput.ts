import * as vscode from "vscode";
import { assertNever } from "../../base/assertNever.ts";
import { type Clock, minute, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { DevicePrompt } from "../../core/connections/deviceSignIn.ts";

interface Action extends vscode.QuickPickItem {
  readonly does: "copy-and-open" | "copy" | "open";
}

/**
 * Shows the code of a device sign-in, where to enter it, and for how much longer, until it is disposed. `onHide` is called
 * when the person closes it first.
 */
export class DeviceCodeInput implements Disposable {
  readonly #store = new DisposableStore();
  readonly #input: vscode.QuickPick<Action>;
  readonly #prompt: DevicePrompt;
  readonly #clock: Clock;
  #tick: Disposable | undefined;
  #isCopied = false;

  constructor(prompt: DevicePrompt, clock: Clock, onHide: () => void) {
    this.#prompt = prompt;
    this.#clock = clock;
    this.#input = this.#store.add(vscode.window.createQuickPick<Action>());
    this.#input.ignoreFocusOut = true;
    this.#input.busy = true;
    // Not what to do: a box to type in is where people would do it.
    this.#input.placeholder = vscode.l10n.t("After you accept, Zoho may take half a minute to notify the editor");
    this.#input.items = actions(prompt, this.#isCopied);
    this.#store.add(this.#input.onDidAccept(() => void this.#runActive()));
    this.#store.add(this.#input.onDidHide(onHide));
    this.#countDown();
    this.#input.show();
  }

  dispose(): void {
    this.#tick?.dispose();
    this.#store.dispose();
  }

  /** In the title, which screen readers don't read out each time that it changes. */
  #countDown(): void {
    const left = Math.max(0, this.#prompt.expiresAt - this.#clock.now());
    this.#input.title = vscode.l10n.t("Add Connection: code {0}, {1} left", this.#prompt.userCode, clockTime(left));
    this.#tick = left === 0 ? undefined : this.#clock.after(left % second || second, () => this.#countDown());
  }

  async #runActive(): Promise<void> {
    const [action] = this.#input.activeItems;
    if (action === undefined) return;
    switch (action.does) {
      case "copy-and-open":
        await this.#copy();
        return this.#open();
      case "copy":
        return this.#copy();
      case "open":
        return this.#open();
      default:
        return assertNever(action.does);
    }
  }

  async #copy(): Promise<void> {
    await vscode.env.clipboard.writeText(this.#prompt.userCode);
    this.#isCopied = true;
    this.#showActions();
  }

  /** Keeps the mark where it was, so that a screen reader reads out what changed there. */
  #showActions(): void {
    const [active] = this.#input.activeItems;
    const items = actions(this.#prompt, this.#isCopied);
    this.#input.items = items;
    this.#input.activeItems = items.filter(({ does }) => does === active?.does);
  }

  async #open(): Promise<void> {
    await vscode.env.openExternal(vscode.Uri.parse(this.#prompt.completeUrl, true));
  }
}

/** All stay, whatever is typed: the box searches, and there is nothing to search for. */
function actions({ verificationUrl }: DevicePrompt, isCopied: boolean): readonly Action[] {
  const copy = isCopied ? `$(check) ${vscode.l10n.t("Code Copied")}` : `$(copy) ${vscode.l10n.t("Copy Code")}`;
  return [
    {
      label: `$(link-external) ${vscode.l10n.t("Copy Code and Open Page")}`,
      detail: verificationUrl,
      does: "copy-and-open",
      alwaysShow: true,
    },
    { label: copy, does: "copy", alwaysShow: true },
    { label: `$(globe) ${vscode.l10n.t("Open Page")}`, does: "open", alwaysShow: true },
  ];
}

/** Minutes and seconds, such as `4:09`. */
function clockTime(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / second) % 60;
  const minutes = Math.floor(Math.ceil(milliseconds / second) / (minute / second));
  return `${minutes}:${String(seconds).padStart(2, "0")}`;
}
