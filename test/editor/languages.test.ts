import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { Frame, Page } from "playwright-core";
import { toPseudo } from "../workbench/l10n/bundles.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";
import { pseudoLanguage, untranslated, writePseudoWords } from "./support/pseudoLocale.ts";

/** Names of the organisation's and of the product, words of the filter's language, and a type of content. */
const data = [/^(Deals|Leads|Zoho CRM|Harbourline Homes)\b/, /^(modul|none$)/, /^application\/json\b/];
/** Where the events' own words stand: records, fields, values, headers, lines of a body, modules of the CRM. */
const dataPlaces = [
  ...[".cell.record", ".cell.module", ".cell.fields", ".key", ".value", ".code", "code", "[role=tabpanel] tbody th"],
  ...[".headers td > span", ".quick-input-list .monaco-list-row"],
].join();
/** What VS Code says itself, in English here. */
const editorsOwn = [
  /^Welcome$/,
  /^\d+ (Selected|Results)$/,
  /^Toggle all checkboxes$/,
  /^Progress$/,
  /^Del$/,
  /^Collapse All$/,
  /^Views and More/,
  /actions$/,
];

describe("another language, in which every word of the extension's is known from those that are not", () => {
  let bench: EditorBench;
  let editor: Editor;

  before(async () => {
    bench = await EditorBench.create({ viewport: { width: 1440, height: 900 } });
    await bench.startVscode({}, { language: pseudoLanguage });
    writePseudoWords(bench.installedExtension);
    editor = await bench.open();
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  const button = (text: string): string => toPseudo(text).slice(1, -1);

  /** What is neither translated nor data nor VS Code's own. */
  async function forgotten(selector: string, where: Page | Frame = editor.page): Promise<string[]> {
    const texts = await untranslated(where, selector, dataPlaces);
    return texts.filter(text => ![...editorsOwn, ...data].some(known => known.test(text)));
  }

  it("has no other word in the welcome, the tree, its menus and the status bar", async () => {
    await editor.activityBarItem(toPseudo("Zoho CRM")).click();
    const begin = editor.sideBar.getByRole("button", { name: button("Try the Local Sandbox") });
    await begin.waitFor();
    assert.deepEqual(await forgotten(".part.sidebar"), []);
    await begin.click();
    const rows = editor.sideBar.getByRole("treeitem");
    await rows.filter({ hasText: "Deals, Leads" }).waitFor();
    await editor.statusBarItem(toPseudo("Live")).waitFor();
    assert.deepEqual(await forgotten(".part.sidebar .pane-body"), []);
    assert.deepEqual(await forgotten(".part.statusbar [id*=zoho]"), []);
    for (const row of ["Harbourline Homes", "Deals, Leads"]) {
      await rows.filter({ hasText: row }).first().click({ button: "right" });
      await editor.page.getByRole("menuitem", { name: toPseudo("Diagnose") }).waitFor();
      assert.deepEqual(await forgotten(".monaco-menu"), [], row);
      await editor.page.keyboard.press("Escape");
    }
  });

  it("has no other word in the palette and in the steps of a wizard", async () => {
    await editor.page.keyboard.press("F1");
    await editor.quickInput.type(">Zoho CRM");
    const rows = editor.quickInput.box.locator(".monaco-list-row");
    await rows.nth(5).waitFor();
    // VS Code shows the English title on a line below.
    for (const row of await rows.all()) {
      const title = await row.locator(".label-name").first().innerText();
      assert.ok(title.startsWith(toPseudo("Zoho CRM")) || title.startsWith(toPseudo("Zoho CRM Events")), title);
    }
    await editor.quickInput.cancel();
    await editor.sideBar
      .getByRole("button", { name: toPseudo("New Subscription…") })
      .first()
      .click();
    await editor.quickInput.box.getByText("Price_Books").waitFor();
    assert.deepEqual(await forgotten(".quick-input-widget"), []);
    await editor.quickInput.cancel();
  });

  it("has no other word in the inspector, while it is empty and in each tab of an event", async () => {
    const page = new InspectorPage(await editor.inspector());
    const begin = page.frame.getByRole("button", { name: toPseudo("Change Sandbox Records for Me") });
    await begin.waitFor();
    assert.deepEqual(await forgotten("body", page.frame), []);
    await begin.click();
    await page.rows.first().click();
    const tabs = page.frame.getByRole("tab");
    await tabs.first().waitFor();
    for (const tab of await tabs.all()) {
      await tab.click();
      await page.frame.getByRole("tabpanel").waitFor();
      assert.deepEqual(await forgotten("body", page.frame), [], await tab.innerText());
    }
  });

  it("has no other word where the filter completes and says what is wrong", async () => {
    const frame = await editor.inspector();
    const box = frame.getByRole("combobox", { name: toPseudo("Filter events") });
    await box.fill("module:");
    await frame.getByRole("option").first().waitFor();
    assert.deepEqual(await forgotten("body", frame), []);
    await box.fill("modul:Deals");
    await box.press("Enter");
    await frame.getByText("modul").first().waitFor();
    assert.deepEqual(await forgotten("body", frame), []);
  });
});
