import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContext, Frame, Locator, Page } from "playwright-core";
import { repositoryRoot } from "../../workbench/repository.ts";
import type { Settings } from "../../workbench/vscodeSettings.ts";
import { patienceMs } from "./patience.ts";
import { QuickInput } from "./quickInput.ts";
import { TreeView } from "./treeView.ts";

export const themes = {
  light: "Light Modern",
  dark: "Dark Modern",
  "high-contrast": "Default High Contrast",
  "high-contrast-light": "Default High Contrast Light",
} as const;

export type ThemeName = keyof typeof themes;

/** The classes that VS Code gives the window for each kind of theme. */
const themeClasses: Record<ThemeName, string> = {
  light: "vs",
  dark: "vs-dark",
  "high-contrast": "hc-black",
  "high-contrast-light": "hc-light",
};

/** A VS Code window, as a person sees it. Everything waits until it is there, within {@link patienceMs}. */
export class Editor {
  readonly page: Page;
  readonly quickInput: QuickInput;
  /** What the page wrote to its console, and errors nobody caught. */
  readonly consoleLines: string[] = [];
  readonly #context: BrowserContext;
  readonly #changeSettings: (settings: Settings) => Promise<void>;

  private constructor(context: BrowserContext, page: Page, changeSettings: (settings: Settings) => Promise<void>) {
    this.#context = context;
    this.page = page;
    this.#changeSettings = changeSettings;
    this.quickInput = new QuickInput(page);
    page.on("console", message => this.consoleLines.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", error => this.consoleLines.push(`uncaught: ${error.message}`));
  }

  static async open(
    context: BrowserContext,
    url: string,
    changeSettings: (settings: Settings) => Promise<void>,
  ): Promise<Editor> {
    const page = context.pages()[0] ?? (await context.newPage());
    page.setDefaultTimeout(patienceMs);
    const editor = new Editor(context, page, changeSettings);
    await page.goto(url);
    await editor.#whenShown();
    return editor;
  }

  /** Another window on the same folder, of the same person: it shares the browser's profile. Closed with this one. */
  async openBeside(): Promise<Editor> {
    const page = await this.#context.newPage();
    page.setDefaultTimeout(patienceMs);
    const editor = new Editor(this.#context, page, this.#changeSettings);
    await page.goto(this.page.url());
    await editor.#whenShown();
    return editor;
  }

  /** Closes this window alone, as a person does: VS Code hears of it. */
  async closeWindow(): Promise<void> {
    await this.page.close({ runBeforeUnload: true });
  }

  /** Closes the window and the browser. What it had in memory is gone; its profile stays. */
  async close(): Promise<void> {
    await this.#context.close();
  }

  /** Reloads the window by VS Code's own command, which keeps what a window keeps. */
  async reload(): Promise<void> {
    await this.whenReloaded(async () => this.runCommand("Developer: Reload Window"));
  }

  /** Does what makes the window reload, and waits until it is there again. */
  async whenReloaded(action: () => Promise<void>): Promise<void> {
    const loaded = this.page.waitForEvent("load");
    await action();
    await loaded;
    await this.#whenShown();
  }

  /**
   * Runs a command by its title in the palette, such as "Zoho CRM: Refresh Subscriptions". The palette shows what was
   * known when it opened, so in a window that has just started it is opened until it has the command.
   */
  async runCommand(title: string): Promise<void> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      await this.page.keyboard.press("F1");
      await this.quickInput.type(`>${title}`);
      // A view that is just coming back may have taken the keyboard, which closes the palette.
      if (await this.quickInput.pickIfThere(title)) return;
      if (performance.now() > deadline) throw new Error(`The palette has no command "${title}".`);
      if (await this.quickInput.box.isVisible()) await this.quickInput.cancel();
    }
  }

  /**
   * What VS Code tells of an extension that was activated, with the time that it took. The list of them has those in view
   * alone, with the slowest first: a window as high as a person's shows about ten.
   */
  async runningExtension(name: string): Promise<string> {
    await this.runCommand("Developer: Show Running Extensions");
    const list = this.page.locator(".runtime-extensions-editor");
    const row = list.locator(".extension", { hasText: name });
    await list.locator(".extension").first().waitFor();
    const deadline = performance.now() + patienceMs;
    while (!(await row.isVisible())) {
      if (performance.now() > deadline) throw new Error(`No extension runs that is called "${name}".`);
      await list.hover();
      await this.page.mouse.wheel(0, 200);
      // The list draws the rows that came into view.
      await this.page.waitForTimeout(100);
    }
    await row.getByText(/Activation: \d+ms/).waitFor();
    const text = await row.innerText();
    // It may be shown in a dialog, which takes no command.
    await this.page.keyboard.press("Escape");
    return text;
  }

  /** Closes a page that the editor opened beside it, and comes back: a window that counts as hidden loads no webview. */
  async closeOther(page: Page): Promise<void> {
    await page.close();
    await this.page.bringToFront();
  }

  /** Opens a file of the workspace by its name. */
  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press("F1");
    await this.quickInput.type(name);
    await this.quickInput.pick(name);
    await this.page.locator(".part.editor").getByRole("tab", { name }).waitFor();
  }

  /** Shows a view container of the Activity Bar. Does nothing when it is shown. */
  async showViewContainer(name: string): Promise<void> {
    const tab = this.activityBarItem(name);
    if ((await tab.getAttribute("aria-expanded")) !== "true") await tab.click();
  }

  /** An entry of the Activity Bar, as a locator. */
  activityBarItem(name: string): Locator {
    return this.page.locator(".part.activitybar").getByRole("tab", { name });
  }

  /** The side bar, with the views of the container that is shown, as a locator. */
  get sideBar(): Locator {
    return this.page.locator(".part.sidebar");
  }

  /** A tab of the panel below the editors, as a locator. */
  panelTab(name: string): Locator {
    return this.page.locator(".part.panel").getByRole("tab", { name });
  }

  /** A tree by the name that it has for screen readers. */
  tree(name: string): TreeView {
    return new TreeView(this.page, name);
  }

  /**
   * The page inside the webview that holds `root` (a selector), as a frame: VS Code puts it into an iframe in an iframe,
   * and keeps those of hidden views. The first one of a window takes some seconds.
   */
  async webview(root: string): Promise<Frame> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const frame = await this.#findFrame(root);
      if (frame !== undefined) return frame;
      if (performance.now() > deadline) {
        const what = `No webview shows ${root} within ${patienceMs / 1000} s.`;
        throw new Error(
          `${what} The window is ${await this.#visibility()}. Its frames:\n${await this.#framesInWords()}`,
        );
      }
      await this.page.waitForTimeout(100);
    }
  }

  /** The page of the event inspector. */
  async inspector(): Promise<Frame> {
    return this.webview("#inspector > *");
  }

  /** Shows the event inspector by its command, and gives its page. */
  async openInspector(): Promise<Frame> {
    await this.runCommand("Zoho CRM: Show Event Inspector");
    return this.inspector();
  }

  async #visibility(): Promise<string> {
    return this.page.evaluate<string>("document.visibilityState").catch(() => "gone");
  }

  /** Each frame with how its body begins: tells a page that never came from one that shows nothing. */
  async #framesInWords(): Promise<string> {
    const lines = this.page.frames().map(async frame => {
      const body = await frame.evaluate<string>("document.body.outerHTML.slice(0, 120)").catch(() => "cannot be read");
      return `${frame.url().slice(-60)}: ${body.replace(/\s+/g, " ")}`;
    });
    return (await Promise.all(lines)).join("\n");
  }

  async #findFrame(root: string): Promise<Frame | undefined> {
    for (const frame of this.page.frames()) {
      if (frame === this.page.mainFrame()) continue;
      // A frame may go away while it is looked at.
      const found = await frame
        .locator(root)
        .first()
        .isVisible()
        .catch(() => false);
      if (found) return frame;
    }
    return undefined;
  }

  /** Waits for a notification that holds the text, and gives it, for its buttons. */
  async notification(text: string | RegExp): Promise<Locator> {
    const toast = this.page.locator(".notifications-toasts .notification-list-item").filter({ hasText: text }).first();
    await toast.waitFor();
    return toast;
  }

  /** Presses a button of a notification. */
  async pressInNotification(text: string | RegExp, button: string): Promise<void> {
    await (await this.notification(text)).getByRole("button", { name: button, exact: true }).click();
  }

  /** Clears what notifications are shown now; what is under way is cancelled, as it cannot be cleared. */
  async dismissNotifications(): Promise<void> {
    const toasts = this.page.locator(".notifications-toasts .notification-list-item");
    const cancel = toasts.getByRole("button", { name: "Cancel", exact: true });
    while ((await cancel.count()) > 0) {
      const before = await cancel.count();
      // It may end by itself just now.
      await cancel
        .first()
        .click({ timeout: 1_000 })
        .catch(() => undefined);
      await cancel.nth(before - 1).waitFor({ state: "detached" });
    }
    if ((await toasts.count()) === 0) return;
    await this.runCommand("Notifications: Clear All Notifications");
    await toasts.first().waitFor({ state: "hidden" });
  }

  /** What is in the clipboard, as text. */
  async clipboard(): Promise<string> {
    return String(await this.page.evaluate("navigator.clipboard.readText()"));
  }

  /** The modal question that is shown, as a locator. */
  get dialog(): Locator {
    return this.page.locator(".monaco-dialog-box");
  }

  /** The message and the detail of the modal question that is shown. */
  async dialogText(): Promise<string> {
    return this.dialog.locator(".dialog-message-container").innerText();
  }

  /** Answers a modal question with one of its buttons. */
  async answerDialog(button: string): Promise<void> {
    const pressed = this.dialog.getByRole("button", { name: button, exact: true });
    await pressed.click();
    // Another question may come at once, in a box of its own.
    await pressed.waitFor({ state: "hidden" });
  }

  /** An item of the status bar by its visible text, as a locator; its aria-label has what screen readers are told. */
  statusBarItem(text: string | RegExp): Locator {
    return this.page.locator(".part.statusbar .statusbar-item").filter({ hasText: text });
  }

  /** Changes the colour theme and waits until the window shows it. */
  async switchTheme(theme: ThemeName): Promise<void> {
    await this.#changeSettings({ "workbench.colorTheme": themes[theme] });
    await this.page.locator(`.monaco-workbench.${themeClasses[theme]}`).waitFor();
  }

  /** Saves what the window shows as docs/images/<name>-<theme>.png, in the theme given. */
  async picture(name: string, theme: ThemeName): Promise<void> {
    await this.switchTheme(theme);
    const folder = join(repositoryRoot, "docs", "images");
    mkdirSync(folder, { recursive: true });
    await this.saveScreenshot(join(folder, `${name}-${theme}.png`));
  }

  async saveScreenshot(path: string): Promise<void> {
    await this.page.screenshot({ path, animations: "disabled", caret: "hide" });
  }

  async #whenShown(): Promise<void> {
    await this.page.locator(".monaco-workbench .part.statusbar").waitFor({ timeout: 3 * patienceMs });
    await this.page.locator(".part.activitybar").getByRole("tab").first().waitFor();
  }
}
