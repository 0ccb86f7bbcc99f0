import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { SandboxUser } from "../support/sandboxUser.ts";
import type { LocalServer } from "../workbench/localServer.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";

describe("Diagnose, and playing with the sandbox", () => {
  let bench: EditorBench;
  let editor: Editor;
  let crm: SandboxUser;
  let sandbox: LocalServer;
  let relay: LocalServer;

  before(async () => {
    bench = await EditorBench.create();
    [sandbox, relay] = await Promise.all([bench.startServer("sandbox"), bench.startServer("relay")]);
    crm = await SandboxUser.connect(sandbox.url);
    await bench.startVscode({
      "zohoCrm.sandbox.url": sandbox.url,
      "zohoCrm.relay.url": relay.url,
      "zohoCrm.trySandboxOnStartup": true,
    });
    editor = await bench.open();
    await editor.tree("Subscriptions").row("Deals, Leads").waitFor();
    await editor.statusBarItem("Zoho CRM: Live").waitFor();
  });
  beforeEach(async () => editor.dismissNotifications());
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  const report = (): ReturnType<Editor["page"]["locator"]> => editor.page.locator(".part.editor .editor-instance");

  it("an empty inspector offers to change records, and the changes arrive", async () => {
    const inspector = new InspectorPage(await editor.inspector());
    await inspector.frame.getByRole("button", { name: "Change Sandbox Records for Me" }).click();
    await inspector.events(6);
    await editor.statusBarItem("6 changes made in the sandbox").waitFor();
    const seen = (await inspector.events(6)).map(({ status, operation }) => `${status} ${operation}`);
    assert.deepEqual(seen.toSorted(), [
      "Verified Created",
      "Verified Created",
      "Verified Deleted",
      "Verified Edited",
      "Verified Edited",
      "Verified Edited",
    ]);
  });

  it("finds everything well, says so, and marks its test event as one", async () => {
    await editor.runCommand("Zoho CRM: Diagnose");
    await editor.statusBarItem("Everything from the CRM to this editor works.").waitFor();
    await report().getByText("Everything from the CRM to this editor works.").first().waitFor();
    const inspector = new InspectorPage(await editor.inspector());
    await inspector.rows.filter({ hasText: "Test" }).first().waitFor();
  });

  it("names the relay when it is down, and its button mends it once it is back", async () => {
    await relay.close();
    await editor.statusBarItem(/Zoho CRM: Reconnecting/).waitFor();
    await editor.tree("Subscriptions").chooseFromMenu("Deals, Leads", "Diagnose");
    await editor.notification(/Relay: The relay at .* (does not answer|closed|is restarting)/);
    await report().getByText("First failure: Relay.").first().waitFor();
    for (const theme of ["light", "high-contrast", "dark"] as const) await editor.picture("diagnose", theme);
    relay = await bench.startServer("relay", { port: Number(new URL(relay.url).port) });
    await editor.pressInNotification(/Relay: The relay at/, "Reconnect");
    await editor.statusBarItem("Everything from the CRM to this editor works.").waitFor();
    await report().getByText("Everything from the CRM to this editor works.").first().waitFor();
    await editor.page.locator(".notifications-toasts .notification-list-item").first().waitFor({ state: "hidden" });
  });

  it("copies a report that a colleague may see", async () => {
    await editor.page
      .locator(".part.editor")
      .getByRole("button", { name: /Copy Report/ })
      .first()
      .click();
    await editor.statusBarItem("Report copied").waitFor();
    const copied = await editor.clipboard();
    assert.match(copied, /^# Diagnose: Harbourline Homes, Deals, Leads\n\n\*\*Everything/);
    const [channel] = await crm.channels();
    const secrets = [channel?.channelId, new URL(channel?.notifyUrl ?? "").pathname.slice(4)];
    for (const secret of secrets) assert.ok(!copied.includes(secret ?? ""), copied);
  });

  it("creates, edits and deletes a record with the keyboard alone, and each is a row", async () => {
    const inspector = new InspectorPage(await editor.inspector());
    await command("Zoho CRM: Create Sandbox Record…");
    await enter(/Which module/, "Leads");
    await answer("Last Name", "Brightwater");
    await enter(/Pick a field/, "Create");
    await inspector.rows.last().filter({ hasText: "Created" }).waitFor();
    await command("Zoho CRM: Edit Sandbox Record…");
    await enter(/Which module/, "Leads");
    await enter(/Which of the Leads/, "Brightwater");
    await enter(/Pick a field/, "Lead Status");
    await enter(/Lead Status/, "Contacted");
    await enter(/Pick a field/, "Save");
    await inspector.rows.last().filter({ hasText: "Lead_Status" }).waitFor();
    await command("Zoho CRM: Delete Sandbox Record…");
    await enter(/Which module/, "Leads");
    await enter(/Which of the Leads/, "Brightwater");
    await inspector.rows.last().filter({ hasText: "Deleted" }).waitFor();
  });

  async function command(title: string): Promise<void> {
    await editor.page.keyboard.press("F1");
    await editor.quickInput.type(`>${title}`);
    assert.ok(await editor.quickInput.has(title), title);
    await editor.page.keyboard.press("Enter");
  }

  /** Types into a list of choices until the wanted row is the first, and takes it. */
  async function enter(placeholder: RegExp, label: string): Promise<void> {
    await editor.page.getByPlaceholder(placeholder).waitFor();
    await editor.quickInput.type(label);
    assert.ok(await editor.quickInput.has(label), label);
    await editor.page.keyboard.press("Enter");
  }

  async function answer(prompt: string, text: string): Promise<void> {
    await editor.quickInput.waitFor(prompt);
    await editor.quickInput.type(text);
    await editor.page.keyboard.press("Enter");
  }
});
