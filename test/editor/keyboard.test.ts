import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { Locator } from "playwright-core";
import { SandboxUser } from "../support/sandboxUser.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";

describe("with the keyboard alone", () => {
  let bench: EditorBench;
  let editor: Editor;
  let crm: SandboxUser;
  let inspector: InspectorPage;

  before(async () => {
    bench = await EditorBench.create();
    const [sandbox, relay] = await Promise.all([bench.startServer("sandbox"), bench.startServer("relay")]);
    crm = await SandboxUser.connect(sandbox.url);
    await bench.startVscode({ "zohoCrm.sandbox.url": sandbox.url, "zohoCrm.relay.url": relay.url });
    editor = await bench.open();
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  async function press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await editor.page.keyboard.press(key);
  }

  /**
   * Presses a key until it has its effect: a selection takes a moment to reach the extension, and a tree that was given
   * the focus some milliseconds ago now and then takes a key without acting on it.
   */
  async function pressUntil(key: string, effect: Locator): Promise<void> {
    for (let times = 0; times < 20 && !(await effect.isVisible()); times++) {
      await press(key);
      await effect.waitFor({ timeout: 500 }).catch(() => undefined);
    }
    await effect.waitFor();
  }

  async function command(title: string): Promise<void> {
    await press("F1");
    await editor.quickInput.type(`>${title}`);
    assert.ok(await editor.quickInput.has(title), title);
    await press("Enter");
  }

  it("a person goes from nothing to the first event", async () => {
    await editor.showViewContainer("Zoho CRM");
    await editor.sideBar.getByRole("button", { name: "Try the Local Sandbox" }).waitFor();
    await command("Zoho CRM: Try the Local Sandbox");
    await editor.tree("Subscriptions").row("Deals, Leads").waitFor();
    for (const name of ["First", "Second", "Third"]) await crm.createLead(name);
    inspector = new InspectorPage(await editor.inspector());
    await inspector.events(3);
  });

  it("moves through the list, opens the detail, goes through its tabs, and comes back", async () => {
    await command("Zoho CRM: Show Event Inspector");
    await inspector.frame.getByRole("grid").and(inspector.frame.locator(":focus")).waitFor();
    await press("Home", "ArrowDown");
    // The heading is row 1.
    await inspector.frame.locator('[role=row][aria-selected=true][aria-rowindex="3"]').waitFor();
    await press("Enter");
    await focused("tab", "Summary");
    for (const tab of ["Changes", "Handler", "Headers", "Tree", "Raw"]) {
      await press("ArrowRight");
      await focused("tab", tab);
    }
    await inspector.detail.getByText('"module":"Leads"').first().waitFor();
    await press("Escape");
    await inspector.frame.getByRole("grid").and(inspector.frame.locator(":focus")).waitFor();
  });

  it("completes a filter without being told that it is unfinished, until that is left as it is", async () => {
    const { frame } = inspector;
    const unfinished = frame.getByText("“module:” needs a value.");
    await press("ControlOrMeta+F");
    const box = frame.getByRole("combobox", { name: "Filter events" });
    await box.and(frame.locator(":focus")).waitFor();
    await editor.page.keyboard.type("module:");
    const leads = frame.getByRole("option").filter({ hasText: "Leads" });
    await leads.waitFor();
    await press("Escape");
    await unfinished.waitFor();
    await press("ArrowDown");
    await leads.waitFor();
    await unfinished.waitFor({ state: "hidden" });
    await press("Tab");
    await leads.waitFor({ state: "hidden" });
    assert.equal((await box.inputValue()).trim(), "module:Leads");
    await press("Escape", "Escape", "Escape");
    await inspector.frame.getByRole("grid").and(inspector.frame.locator(":focus")).waitFor();
  });

  it("asks before it deletes the focused row of the tree, and Escape means no", async () => {
    await command("Zoho CRM: Focus on Subscriptions View");
    const tree = editor.tree("Subscriptions").element;
    const focusedRow = tree.locator(".focused");
    await tree.and(editor.page.locator(":focus")).waitFor();
    await pressUntil("Home", focusedRow.filter({ hasText: "Harbourline Homes" }));
    await pressUntil("ArrowDown", focusedRow.filter({ hasText: "Deals, Leads" }));
    await press("Delete");
    assert.match(await editor.dialogText(), /Delete the subscription to Deals, Leads\?/);
    await press("Escape");
    await editor.dialog.waitFor({ state: "hidden" });
    await editor.tree("Subscriptions").row("Deals, Leads").waitFor();
  });

  async function focused(role: "tab", name: string): Promise<void> {
    await inspector.frame.getByRole(role, { name }).and(inspector.frame.locator(":focus")).waitFor();
  }
});
