import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { after, afterEach, before, describe, it } from "node:test";
import { SandboxUser } from "../support/sandboxUser.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";

const changes = 50;
const interval = 100;

describe("ten changes a second in the CRM", () => {
  let bench: EditorBench;
  let editor: Editor;
  let crm: SandboxUser;

  before(async () => {
    bench = await EditorBench.create({ viewport: { width: 1440, height: 900 } });
    const [sandbox, relay] = await Promise.all([bench.startServer("sandbox"), bench.startServer("relay")]);
    crm = await SandboxUser.connect(sandbox.url);
    await bench.startVscode({ "zohoCrm.sandbox.url": sandbox.url, "zohoCrm.relay.url": relay.url });
    editor = await bench.open();
    await editor.runCommand("Zoho CRM: Try the Local Sandbox");
    await editor.tree("Subscriptions").row("Deals, Leads").waitFor();
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  it("each have one row, in order, and the newest is in view when the last has come", async () => {
    const inspector = new InspectorPage(await editor.inspector());
    const ids: string[] = [];
    for (let count = 0; count < changes; count++) {
      ids.push(await crm.createLead(`Lead ${count}`));
      await delay(interval);
    }
    const newest = inspector.frame.locator(`[role=row][aria-rowindex="${changes + 1}"]`);
    await newest.filter({ hasText: ids.at(-1) ?? "" }).waitFor();
    const grid = inspector.frame.getByRole("grid");
    assert.equal(await grid.getAttribute("aria-rowcount"), String(changes + 1));
    await grid.focus();
    for (const [index, id] of ids.entries()) {
      if (index === 0) await editor.page.keyboard.press("Home");
      const row = inspector.frame.locator(`[role=row][aria-rowindex="${index + 2}"]`);
      await row.filter({ hasText: id }).waitFor();
      await editor.page.keyboard.press("ArrowDown");
    }
  });
});
