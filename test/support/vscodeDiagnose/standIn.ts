import { Emitter } from "../../../src/base/lifecycle.ts";

/** The part of VS Code that Diagnose is shown with. Nobody presses a button unless the test says so. */
export const ProgressLocation = { Notification: 15 };

/** The commands that there are, by id. */
export const registered = new Map<string, () => Promise<void>>();

/** The buttons that the person presses, one for each message to come. */
export const presses: string[] = [];

export const commands = {
  executeCommand: async (id: string): Promise<void> => registered.get(id)?.(),
};

interface Item {
  readonly description?: string;
}

/** What the person was asked to choose from, in order. */
export const offers: (readonly Item[])[] = [];

/** The person takes the first item. */
class QuickPick {
  items: readonly Item[] = [];
  readonly #accepted = new Emitter<void>();
  readonly onDidAccept = this.#accepted.event;
  readonly onDidHide = new Emitter<void>().event;
  readonly onDidTriggerButton = new Emitter<never>().event;

  get selectedItems(): readonly Item[] {
    return this.items.slice(0, 1);
  }

  show(): void {
    offers.push(this.items);
    this.#accepted.fire();
  }

  dispose(): void {
    this.#accepted.dispose();
  }
}

interface Progress {
  report(step: { readonly message: string }): void;
}

interface Cancelled {
  onCancellationRequested(listener: () => void): void;
}

export const window = {
  createQuickPick: (): QuickPick => new QuickPick(),
  withProgress: async <T>(
    _options: unknown,
    task: (progress: Progress, cancelled: Cancelled) => Promise<T>,
  ): Promise<T> => task({ report: () => undefined }, { onCancellationRequested: () => undefined }),
  setStatusBarMessage: () => ({ dispose: () => undefined }),
  showErrorMessage: async (_words: string, ...buttons: readonly string[]): Promise<string | undefined> => {
    const pressed = presses.shift();
    return Promise.resolve(buttons.find(button => button === pressed));
  },
};

export const l10n = { t: (sentence: string): string => sentence };
