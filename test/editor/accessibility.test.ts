import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { seedHistory } from "../support/manyEvents.ts";
import { findWithAxe } from "./support/axe.ts";
import { type Editor, type ThemeName, themes } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";

const many = 100_000;
const themeNames = Object.keys(themes) as ThemeName[];

describe("the inspector for people who use a screen reader, the keyboard, or high contrast", () => {
  let bench: EditorBench;
  let editor: Editor;
  let inspector: InspectorPage;

  before(async () => {
    bench = await EditorBench.create({ viewport: { width: 1440, height: 900 } });
    const relay = await bench.startServer("relay");
    await bench.startVscode({ "zohoCrm.relay.url": relay.url });
    editor = await bench.open();
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  it("has no serious finding while it is empty, in any theme", async () => {
    inspector = new InspectorPage(await editor.openInspector());
    await assertNoneInAnyTheme();
  });

  it("opens again with a hundred thousand events", async () => {
    await bench.stopVscode();
    seedHistory(join(bench.extensionData, "events.sqlite"), many);
    await bench.startVscode();
    editor = await bench.open();
    inspector = new InspectorPage(await editor.openInspector());
    await inspector.events(5);
  });

  it("says how long the list is, where each row stands, and which one the keyboard is on", async () => {
    const grid = inspector.frame.getByRole("grid");
    assert.equal(await grid.getAttribute("aria-rowcount"), String(many + 1));
    await grid.focus();
    for (const [key, place] of [
      ["Home", 2],
      ["ArrowDown", 3],
      ["End", many + 1],
      ["ArrowUp", many],
    ] as const) {
      await editor.page.keyboard.press(key);
      const row = inspector.frame.locator(`[role=row][aria-rowindex="${place}"][aria-selected=true]`);
      await row.waitFor();
      assert.equal(await grid.getAttribute("aria-activedescendant"), await row.getAttribute("id"), key);
    }
    const drawn = await inspector.rows.count();
    assert.ok(drawn < 200, `${drawn} rows are in the document`);
    assert.equal(await inspector.frame.locator("[role=grid] [role=row]:not([aria-rowindex])").count(), 0);
  });

  it("has no serious finding with the list and each tab of an event, in any theme", async () => {
    await inspector.frame.getByRole("grid").press("Enter");
    const tabs = inspector.detail.getByRole("tab");
    await tabs.first().waitFor();
    for (const tab of await tabs.all()) {
      await tab.click();
      await inspector.detail.getByRole("tabpanel").waitFor();
      await assertNoneInAnyTheme();
    }
  });

  it("has no serious finding while the filter completes, says what is wrong, and finds nothing, in any theme", async () => {
    const box = inspector.frame.getByRole("combobox", { name: "Filter events" });
    for (const text of ["module:", "modul:Deals", "nothingtobefound"]) {
      await box.fill(text);
      if (text === "module:") await inspector.frame.getByRole("option").first().waitFor();
      else await box.press("Enter");
      await assertNoneInAnyTheme();
      await box.press("Escape");
    }
  });

  async function assertNoneInAnyTheme(): Promise<void> {
    for (const theme of themeNames) {
      await editor.switchTheme(theme);
      await inspector.frame.locator(`body[data-vscode-theme-kind="${themeKinds[theme]}"]`).waitFor();
      const { serious, passed } = await findWithAxe(inspector.frame);
      assert.deepEqual(serious, [], theme);
      assert.ok(passed.includes("color-contrast"), "axe looked at the contrast of something");
    }
  }
});

/** What VS Code calls each kind of theme in a webview. */
const themeKinds: Readonly<Record<ThemeName, string>> = {
  light: "vscode-light",
  dark: "vscode-dark",
  "high-contrast": "vscode-high-contrast",
  "high-contrast-light": "vscode-high-contrast-light",
};
