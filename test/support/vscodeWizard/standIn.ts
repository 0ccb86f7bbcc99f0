import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { Emitter } from "../../../src/base/lifecycle.ts";

/** The part of VS Code that wizards are shown with, and a person who answers them as the test says. */

interface Item {
  readonly label: string;
}

/** What the person does with the step that is shown. */
export type Act = (step: QuickStep) => void;

/** One act for each step to come; a step too many fails the test, and so does one that is left. */
export const acts: Act[] = [];

/** A quick pick or an input box. */
export class QuickStep {
  title = "";
  placeholder: string | undefined;
  prompt: string | undefined;
  value = "";
  validationMessage: string | undefined;
  buttons: readonly unknown[] = [];
  items: readonly Item[] = [];
  selectedItems: readonly Item[] = [];
  canSelectMany = false;
  busy = false;
  readonly #accepted = new Emitter<void>();
  readonly #hidden = new Emitter<void>();
  readonly #pressed = new Emitter<unknown>();
  readonly onDidAccept = this.#accepted.event;
  readonly onDidHide = this.#hidden.event;
  readonly onDidTriggerButton = this.#pressed.event;
  readonly onDidChangeValue = new Emitter<string>().event;

  show(): void {
    void this.#meetPerson();
  }

  hide(): void {
    this.#hidden.fire();
  }

  dispose(): void {
    for (const emitter of [this.#accepted, this.#hidden, this.#pressed]) emitter.dispose();
  }

  /** The labels of what is ticked. */
  get ticked(): readonly string[] {
    return this.selectedItems.map(({ label }) => label);
  }

  /** Ticks these and no others. */
  tick(...labels: readonly string[]): this {
    this.selectedItems = labels.map(label => this.#itemOf(label));
    return this;
  }

  /** Presses Enter on this row. */
  pick(label: string): void {
    this.tick(label).accept();
  }

  /** Types this in place of what is there. */
  type(text: string): this {
    this.value = text;
    return this;
  }

  accept(): void {
    this.#accepted.fire();
  }

  /** Presses the back button, where there is one. */
  back(): void {
    assert.ok(this.buttons.includes(QuickInputButtons.Back), `${this.title} has no way back`);
    this.#pressed.fire(QuickInputButtons.Back);
  }

  #itemOf(label: string): Item {
    const found = this.items.find(item => item.label === label || item.label.endsWith(`) ${label}`));
    return found ?? assert.fail(`${this.title} has no ${label}`);
  }

  async #meetPerson(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    const act = acts.shift();
    if (act === undefined) this.hide();
    else act(this);
  }
}

export const QuickInputButtons = { Back: { iconPath: "back" } };

export const window = {
  createQuickPick: (): QuickStep => new QuickStep(),
  createInputBox: (): QuickStep => new QuickStep(),
};

export const l10n = {
  t: (sentence: string, ...values: readonly unknown[]): string =>
    sentence.replace(/\{(\d)\}/g, (_, place: string) => String(values[Number(place)])),
};
