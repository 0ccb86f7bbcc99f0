import { Emitter } from "../../../src/base/lifecycle.ts";

/** The part of VS Code that people are told and asked things with. Nobody presses a button unless the test says so. */
export const ProgressLocation = { Notification: 15, Window: 10 };

/** What people were told or asked, in order. */
export const told: string[] = [];
/** The button that the person presses on every message that has it. */
export const presses = new Set<string>();

const cancelled = new Emitter<void>();

/** The person presses Cancel on the progress that is shown. */
export function cancel(): void {
  cancelled.fire();
}

const show = async (message: string, ...buttons: readonly string[]): Promise<string | undefined> => {
  told.push(message);
  return Promise.resolve(buttons.find(button => presses.has(button)));
};

export const window = {
  state: { focused: true },
  onDidChangeWindowState: new Emitter<void>().event,
  showInformationMessage: show,
  showWarningMessage: show,
  showErrorMessage: show,
  setStatusBarMessage: (message: string) => {
    told.push(message);
    return { dispose: () => undefined };
  },
  withProgress: async <T>(
    { title }: { readonly title: string },
    task: (progress: unknown, token: { readonly onCancellationRequested: Emitter<void>["event"] }) => Promise<T>,
  ): Promise<T> => {
    told.push(title);
    return task(undefined, { onCancellationRequested: cancelled.event });
  },
};

export const commands = { executeCommand: async (): Promise<void> => Promise.resolve() };

export const l10n = {
  t: (sentence: string, ...values: readonly unknown[]): string =>
    sentence.replaceAll(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)])),
};
