import * as vscode from "vscode";
import { DisposableStore } from "../base/lifecycle.ts";
import { CancelledError } from "../base/problem.ts";

/** The person pressed the back button. */
export const back = Symbol("back");
export type Back = typeof back;

/** Where a step stands, for its title: "New Subscription (2/4)". The first step has no back button. */
export interface StepPlace {
  readonly title: string;
  readonly step: number;
  readonly total: number;
  /** For what is not numbered: whether there is something to go back to. */
  readonly canGoBack?: boolean;
}

/** A place that is not one of a number of steps. */
export function unnumbered(title: string, canGoBack = true): StepPlace {
  return { title, step: 0, total: 0, canGoBack };
}

/** The person pressed the back button, and what was answered in this step until then is kept. */
export interface BackWith<Answers> {
  readonly [back]: Answers;
}

/** Goes back, and keeps what is half answered for when the step comes again. */
export function backWith<Answers>(answers: Answers): BackWith<Answers> {
  return { [back]: answers };
}

/** One step: asks, and gives the answers so far with its own added, or goes back. */
export type Step<Answers> = (answers: Answers, place: StepPlace) => Promise<Answers | Back | BackWith<Answers>>;

/** True where a step gave that the person goes back, with what was answered or without. */
function isBack<Answers>(result: Answers | Back | BackWith<Answers>): result is Back | BackWith<Answers> {
  return result === back || (typeof result === "object" && result !== null && back in result);
}

/**
 * Runs the steps in order from `start` on, back and forth, until the last is answered. A step that is gone back to finds
 * what was answered there, and what it was left with. Which steps there are may depend on the answers so far. Rejects with CancelledError on Escape.
 */
export async function runSteps<Answers>(
  title: string,
  initial: Answers,
  steps: readonly Step<Answers>[] | ((answers: Answers) => readonly Step<Answers>[]),
  start = 0,
): Promise<Answers> {
  const stepsNow = (): readonly Step<Answers>[] => (typeof steps === "function" ? steps(answers) : steps);
  let answers = initial;
  let index = start;
  for (let step = stepsNow()[index]; step !== undefined; step = stepsNow()[index]) {
    const result = await step(answers, { title, step: index + 1, total: stepsNow().length });
    if (isBack(result)) {
      index = Math.max(0, index - 1);
      if (result !== back) answers = result[back];
    } else {
      answers = result;
      index += 1;
    }
  }
  return answers;
}

/** A choice of a quick pick with the value it stands for. */
export interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
}

interface PickOptions<T> {
  readonly place: StepPlace;
  readonly placeholder: string;
  /** Shown busy while these load; a rejection ends the pick with that error. */
  readonly choices: readonly Choice<T>[] | Promise<readonly Choice<T>[]>;
}

/** Asks for one of several. */
export async function pickOne<T>(options: PickOptions<T> & { readonly active?: T }): Promise<T | Back> {
  return withInput(createPick(options), options, async (input, done) => {
    input.onDidAccept(() => {
      const [picked] = input.selectedItems;
      if (picked !== undefined) done(picked.value);
    });
    await whenLoaded(input, options.choices, choices => {
      input.items = choices;
      const active = choices.filter(choice => choice.value === options.active);
      // None would take the mark from the first row, and Enter would do nothing.
      if (active.length > 0) input.activeItems = active;
    });
  });
}

/** Asks for at least one of several, or as many as `least`; `picked` are ticked at first. */
export async function pickMany<T>(
  options: PickOptions<T> & {
    readonly picked: readonly T[];
    readonly least?: number;
    /** Gets what is ticked where the person goes back. */
    readonly onBack?: (ticked: readonly T[]) => void;
  },
): Promise<readonly T[] | Back> {
  const pick = createPick(options);
  pick.canSelectMany = true;
  let isLoaded = false;
  const leave = (): void => {
    if (isLoaded) options.onBack?.(pick.selectedItems.map(item => item.value));
  };
  return withInput(pick, { ...options, leave }, async (input, done) => {
    const least = options.least ?? 1;
    input.onDidAccept(() => {
      if (input.selectedItems.length >= least) done(input.selectedItems.map(item => item.value));
      else sayTooFew(input, options.place.title, least);
    });
    await whenLoaded(input, options.choices, choices => {
      input.items = choices;
      input.selectedItems = choices.filter(choice => options.picked.includes(choice.value));
      isLoaded = true;
    });
  });
}

/** A button in a step's title: runs without leaving the step. */
export interface StepButton extends vscode.QuickInputButton {
  readonly run: () => unknown;
}

export interface TextOptions {
  readonly place: StepPlace;
  readonly buttons?: readonly StepButton[];
  readonly prompt: string;
  readonly placeholder?: string;
  readonly value?: string;
  readonly password?: boolean;
  /** Gets what was typed where the person goes back. */
  readonly onBack?: (typed: string) => void;
  /** Checked as the person types; gives what is wrong, or undefined. */
  readonly validate: (value: string) => string | undefined;
}

/** Asks for a line of text; the answer is trimmed. */
export async function askText(options: TextOptions): Promise<string | Back> {
  const input = vscode.window.createInputBox();
  input.prompt = options.prompt;
  input.placeholder = options.placeholder;
  input.value = options.value ?? "";
  input.password = options.password ?? false;
  const leave = (): void => options.onBack?.(input.value);
  return withInput(input, { ...options, leave }, async (_, done) => {
    input.onDidChangeValue(value => (input.validationMessage = options.validate(value.trim())));
    input.onDidAccept(() => {
      const value = input.value.trim();
      input.validationMessage = options.validate(value);
      if (input.validationMessage === undefined) done(value);
    });
    return Promise.resolve();
  });
}

/** A pick has no place for what is wrong but its title: a placeholder is grey, and cut off by the count of what is ticked. */
function sayTooFew(input: vscode.QuickPick<vscode.QuickPickItem>, title: string, least: number): void {
  input.value = "";
  input.title =
    least === 1
      ? vscode.l10n.t("{0}: tick at least one to go on", title)
      : vscode.l10n.t("{0}: tick at least {1} to go on", title, least);
}

function createPick<T>({ placeholder }: PickOptions<T>): vscode.QuickPick<Choice<T>> {
  const input = vscode.window.createQuickPick<Choice<T>>();
  input.placeholder = placeholder;
  input.matchOnDescription = true;
  input.matchOnDetail = true;
  return input;
}

/** Uses the choices at once where they are there, so that nothing changes under the person's hands, else when they come. */
async function whenLoaded<T>(
  input: vscode.QuickPick<Choice<T>>,
  choices: PickOptions<T>["choices"],
  use: (choices: readonly Choice<T>[]) => void,
): Promise<void> {
  if (choices instanceof Promise) {
    input.busy = true;
    use(await choices);
    input.busy = false;
  } else {
    use(choices);
  }
}

interface PlacedInput {
  readonly place: StepPlace;
  readonly buttons?: readonly StepButton[];
  /** Before the person goes back. */
  readonly leave?: () => void;
}

/** Shows `input` at its place until it is answered, left with the back button, or hidden (which cancels). */
async function withInput<I extends vscode.QuickInput, T>(
  input: I & { buttons: readonly vscode.QuickInputButton[]; onDidTriggerButton: vscode.Event<vscode.QuickInputButton> },
  { place, buttons = [], leave }: PlacedInput,
  prepare: (input: I, done: (value: T) => void) => Promise<void>,
): Promise<T | Back> {
  const store = new DisposableStore();
  store.add(input);
  input.title = place.title;
  input.step = place.step;
  input.totalSteps = place.total;
  input.ignoreFocusOut = true;
  input.buttons = [...((place.canGoBack ?? place.step > 1) ? [vscode.QuickInputButtons.Back] : []), ...buttons];
  try {
    return await new Promise<T | Back>((resolve, reject) => {
      store.add(
        input.onDidTriggerButton(pressed => {
          const button = buttons.find(candidate => candidate === pressed);
          if (button !== undefined) return void button.run();
          leave?.();
          resolve(back);
        }),
      );
      store.add(input.onDidHide(() => reject(new CancelledError())));
      prepare(input, resolve).catch(reject);
      input.show();
    });
  } finally {
    store.dispose();
  }
}
