import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { SandboxUser } from "../support/sandboxUser.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";

describe("the inspector in the panel and in a tab", () => {
  let bench: EditorBench;
  let editor: Editor;
  let crm: SandboxUser;

  before(async () => {
    bench = await EditorBench.create();
    const [sandbox, relay] = await Promise.all([bench.startServer("sandbox"), bench.startServer("relay")]);
    crm = await SandboxUser.connect(sandbox.url);
    await bench.startVscode({ "zohoCrm.sandbox.url": sandbox.url, "zohoCrm.relay.url": relay.url });
    editor = await bench.open();
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  it("shows what arrived while it was out of sight", async () => {
    await editor.runCommand("Zoho CRM: Try the Local Sandbox");
    await new InspectorPage(await editor.inspector()).frame.getByText("Waiting for events").first().waitFor();
    await editor.runCommand("View: Hide Panel");
    for (const name of ["First", "Second", "Third"]) await crm.createLead(name);
    const shown = await new InspectorPage(await editor.openInspector()).events(3);
    assert.equal(shown.length, 3);
  });

  it("takes the keyboard to its filter, and pins what is chosen", async () => {
    const inspector = new InspectorPage(await editor.openInspector());
    await inspector.rows.nth(1).click();
    await editor.runCommand("Zoho CRM: Pin in Event List");
    await editor.runCommand("Zoho CRM: Filter Events");
    await inspector.frame.locator("input:focus").waitFor();
    await editor.page.keyboard.type("is:pinned");
    await editor.page.keyboard.press("Enter");
    await inspector.rows.nth(1).waitFor({ state: "hidden" });
    assert.equal((await inspector.events(1)).length, 1);
  });

  it("is the same in a tab of the editor, which is there again when the window is", async () => {
    await editor.runCommand("View: Hide Panel");
    await editor.runCommand("Zoho CRM: Open Event Inspector in an Editor Tab");
    assert.equal((await new InspectorPage(await editor.inspector()).events(1)).length, 1);
    await editor.reload();
    const inspector = new InspectorPage(await editor.inspector());
    await inspector.rows.first().waitFor();
    // With the filter that it had, which the host of the new window knew nothing of.
    await inspector.frame.locator(".clear:visible").waitFor();
    assert.equal(await inspector.frame.getByRole("combobox", { name: "Filter events" }).inputValue(), "is:pinned");
    await inspector.rows.nth(1).waitFor({ state: "hidden" });
    assert.equal((await inspector.events(1)).length, 1);
  });
});
