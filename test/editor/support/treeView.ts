import type { Locator, Page } from "playwright-core";

const menuDeafMs = 200;

/** A row of a tree, as screen readers are told. */
export interface TreeRow {
  /** What is read out: label, description, and what the extension says of it. */
  readonly name: string;
  /** The visible text: label and description. */
  readonly text: string;
  /** 1 is the outermost. */
  readonly level: number;
  /** Undefined for a row without children. */
  readonly expanded: boolean | undefined;
}

/** A tree view of the sidebar, found by its name. */
export class TreeView {
  readonly #page: Page;
  readonly #tree: Locator;

  constructor(page: Page, name: string) {
    this.#page = page;
    this.#tree = page.getByRole("tree", { name });
  }

  /** The tree itself, as a locator. */
  get element(): Locator {
    return this.#tree;
  }

  /** The row whose visible text holds `text`, as a locator. */
  row(text: string | RegExp): Locator {
    return this.#tree.getByRole("treeitem").filter({ hasText: text }).first();
  }

  /** The rows that are shown now, top to bottom. */
  async rows(): Promise<TreeRow[]> {
    const items = await this.#tree.getByRole("treeitem").all();
    return Promise.all(items.map(readRow));
  }

  /** Shows the children of a row. */
  async expand(text: string | RegExp): Promise<void> {
    const row = this.row(text);
    await row.waitFor();
    if ((await row.getAttribute("aria-expanded")) === "false") await row.locator(".monaco-tl-twistie").click();
  }

  async select(text: string | RegExp, modifiers: readonly ("ControlOrMeta" | "Shift")[] = []): Promise<void> {
    await this.row(text).click({ modifiers: [...modifiers] });
  }

  /** Presses an icon that a row shows while the pointer is on it. */
  async pressInline(text: string | RegExp, action: string): Promise<void> {
    const row = this.row(text);
    await row.hover();
    await row.getByRole("button", { name: action }).click();
  }

  /** Chooses an entry of a row's context menu. */
  async chooseFromMenu(text: string | RegExp, entry: string): Promise<void> {
    await this.row(text).click({ button: "right" });
    // By the label alone: the name for screen readers has the key binding too.
    const label = this.#page.locator(".action-label").getByText(entry, { exact: true });
    const item = this.#page.getByRole("menuitem").filter({ has: label });
    await item.waitFor();
    // A menu is deaf for its first tenth of a second, so that the click that opens it does not choose.
    await this.#page.waitForTimeout(menuDeafMs);
    await item.click();
    await item.waitFor({ state: "hidden" });
  }

  /** The entries of a row's context menu, which is closed again. */
  async menuEntries(text: string | RegExp): Promise<string[]> {
    await this.row(text).click({ button: "right" });
    const menu = this.#page.getByRole("menu").last();
    await menu.waitFor();
    const entries = await menu.getByRole("menuitem").allInnerTexts();
    await this.#page.keyboard.press("Escape");
    // A key binding stands on a line of its own.
    return entries.map(entry => entry.trim().split("\n")[0] ?? "").filter(entry => entry !== "");
  }
}

async function readRow(row: Locator): Promise<TreeRow> {
  const expanded = await row.getAttribute("aria-expanded");
  const words = await row.locator(".label-name, .label-description").allInnerTexts();
  return {
    name: (await row.getAttribute("aria-label")) ?? "",
    text: words.join(" "),
    level: Number(await row.getAttribute("aria-level")),
    expanded: expanded === null ? undefined : expanded === "true",
  };
}
