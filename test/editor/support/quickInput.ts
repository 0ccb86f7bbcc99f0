import type { Locator, Page } from "playwright-core";
import { patienceMs } from "./patience.ts";

const settleMs = 150;
/** In which time a list of choices is filled, or will not have what is missing. */
const choicesMs = 2_000;

/** The box at the top of the window that asks for a choice or a text: palette, quick pick, input box, wizard steps. */
export class QuickInput {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** The whole box, as a locator. */
  get box(): Locator {
    return this.#page.locator(".quick-input-widget:visible");
  }

  /** Waits for the box, or for the step of a wizard that has this title. */
  async waitFor(title?: string | RegExp): Promise<void> {
    await (title === undefined ? this.box : this.box.filter({ hasText: title })).waitFor();
  }

  /** Its title, with the step: "New Subscription (1/3)". Empty when it has none. */
  async title(): Promise<string> {
    return (await this.box.locator(".quick-input-title").innerText()).trim();
  }

  /** The labels of the choices that are shown now. */
  async choices(): Promise<string[]> {
    return this.#textsOf(".quick-input-list-row:first-child .label-name");
  }

  /** What stands in a line of its own under the labels, of those that have it. */
  async details(): Promise<string[]> {
    return this.#textsOf(".quick-input-list-row:not(:first-child) .label-name");
  }

  /** What it says under the input: the prompt, or what is wrong with what was typed. */
  async message(): Promise<string> {
    return (await this.box.locator(".quick-input-message").innerText()).trim();
  }

  /** Replaces the text in the input. */
  async type(text: string): Promise<void> {
    await this.waitFor();
    await this.#input.fill(text);
  }

  /** Whether a row with this label is there, or comes within a moment. */
  async has(label: string): Promise<boolean> {
    return succeeds(this.#row(label).waitFor({ timeout: choicesMs }));
  }

  /** Chooses the row with this label if it is there, or comes within a moment; tells whether it did. */
  async pickIfThere(label: string): Promise<boolean> {
    return succeeds(this.#row(label).click({ timeout: choicesMs }));
  }

  /** Chooses the row that has this label. */
  async pick(label: string): Promise<void> {
    await this.#row(label).click();
  }

  /** Chooses the row that ends a wizard: again where the clicked list had just made room for another. */
  async finish(label: string): Promise<void> {
    await this.pick(label);
    for (const deadline = performance.now() + patienceMs; performance.now() < deadline; await this.pickIfThere(label)) {
      if (await succeeds(this.box.waitFor({ state: "hidden", timeout: choicesMs }))) return;
    }
    throw new Error(`"${label}" does not end the wizard.`);
  }

  /**
   * Ticks (or unticks) the row that has this label, where several can be chosen. An extension may set the ticks anew just
   * after the rows appear, so this looks whether its own stays.
   */
  async toggle(label: string, wanted = true): Promise<void> {
    const row = this.#row(label);
    const deadline = performance.now() + patienceMs;
    while (
      !(await isStable(this.#page, async () => ((await row.getAttribute("aria-checked")) === "true") === wanted))
    ) {
      if (performance.now() > deadline) throw new Error(`"${label}" does not stay ${wanted ? "ticked" : "unticked"}.`);
      await row.getByRole("checkbox").click();
    }
  }

  /** Presses Enter: takes what is typed, chosen or ticked. */
  async accept(): Promise<void> {
    await this.#input.press("Enter");
  }

  /** Presses Escape, and waits until the box is gone. */
  async cancel(): Promise<void> {
    await this.#input.press("Escape");
    await this.box.waitFor({ state: "hidden" });
  }

  /** Goes back one step of a wizard. */
  async back(): Promise<void> {
    await this.box.getByRole("button", { name: /^Back/ }).click();
  }

  async #textsOf(part: string): Promise<string[]> {
    await this.#rows.first().waitFor();
    const texts = await this.#rows.locator(part).allInnerTexts();
    return texts.map(text => text.trim());
  }

  get #input(): Locator {
    return this.box.locator(".quick-input-box input");
  }

  get #rows(): Locator {
    return this.box.locator(".quick-input-list .monaco-list-row");
  }

  #row(label: string): Locator {
    const name = this.#page.locator(".label-name").getByText(label, { exact: true });
    return this.#rows.filter({ has: name }).first();
  }
}

async function succeeds(action: Promise<void>): Promise<boolean> {
  return action.then(
    () => true,
    () => false,
  );
}

/** Whether a state holds now and still a moment later. */
async function isStable(page: Page, holds: () => Promise<boolean>): Promise<boolean> {
  if (!(await holds())) return false;
  await page.waitForTimeout(settleMs);
  return holds();
}
