/** The part of VS Code that asks the person something. Questions stay open until the test answers them. */
export interface Question {
  readonly message: string;
  /** The person presses the first button. */
  readonly press: () => void;
}

export const questions: Question[] = [];

/** What was shown without a question. */
export const told: string[] = [];

async function ask(message: string, ...buttons: readonly string[]): Promise<string | undefined> {
  if (buttons.length === 0) {
    told.push(message);
    return Promise.resolve(undefined);
  }
  return new Promise(resolve => questions.push({ message, press: () => resolve(buttons[0]) }));
}

export const window = {
  state: { focused: true },
  onDidChangeWindowState: () => ({ dispose: () => undefined }),
  showErrorMessage: ask,
  showInformationMessage: ask,
  showWarningMessage: ask,
};

export const l10n = { t: (sentence: string): string => sentence };
