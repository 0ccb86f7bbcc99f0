import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { SandboxUser } from "../support/sandboxUser.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";
import type { TreeView } from "./support/treeView.ts";

const minute = 60_000;

describe("what a channel missed while it was expired", () => {
  let bench: EditorBench;
  let editor: Editor;
  let tree: TreeView;
  let crm: SandboxUser;
  let kept: string;
  let gone: string;
  let created: string;

  before(async () => {
    bench = await EditorBench.create();
    const [sandbox, relay] = await Promise.all([bench.startServer("sandbox"), bench.startServer("relay")]);
    crm = await SandboxUser.connect(sandbox.url);
    await bench.startVscode({
      "zohoCrm.sandbox.url": sandbox.url,
      "zohoCrm.relay.url": relay.url,
      "zohoCrm.trySandboxOnStartup": true,
      "zohoCrm.renewal.mode": "off",
    });
    editor = await bench.open();
    tree = editor.tree("Subscriptions");
    await tree.row("Deals, Leads").waitFor();
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  it("is recovered when it is created again, with the counts in a sentence", async () => {
    const inspector = new InspectorPage(await editor.openInspector());
    kept = await crm.createLead("Kept");
    gone = await crm.createLead("Gone");
    await inspector.events(2);
    const [channel] = await crm.channels();
    assert.ok(channel);
    await crm.shorten(channel.channelId, 5 * minute);
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await tree.row(/Deals, Leads.*expires in/).waitFor();

    await crm.control("clock", { advance_ms: 6 * minute });
    created = await crm.createLead("Created");
    await crm.updateLead(kept, { Phone: "555-0100" });
    await crm.deleteLead(gone);
    await crm.whenDelivered();

    await tree.pressInline("Deals, Leads", "Renew");
    await editor.pressInNotification(/expired|no longer/i, "Create Again");
    await editor.notification("Recovered 3 changes of Deals and Leads: 1 created, 1 edited, 1 deleted.");
  });

  it("is shown apart from what was delivered", async () => {
    await editor.pressInNotification("Recovered 3 changes", "Show");
    const inspector = new InspectorPage(await editor.inspector());
    const events = await inspector.events(5);
    assert.deepEqual(
      events.map(({ status, operation, record }) => [status, operation, record]),
      [
        ["Verified", "Created", kept],
        ["Verified", "Created", gone],
        ["Recovered", "Created", created],
        ["Recovered", "Edited", kept],
        ["Recovered", "Deleted", gone],
      ],
    );
    // Beside the detail there is no room for this.
    await inspector.frame.getByRole("grid").press("Escape");
    await inspector.frame
      .getByText(/^not delivered; changed .* by \w+/)
      .nth(2)
      .waitFor();
  });

  it("says where it comes from, and what is known and cannot be known", async () => {
    const inspector = new InspectorPage(await editor.inspector());
    await inspector.rows.filter({ hasText: "Recovered" }).filter({ hasText: "Edited" }).click();
    await inspector.detail.getByText(/No delivery of channel \d+ told of this change/).waitFor();
    await inspector.detail.getByText(/which fields this edit changed.*cannot be known/).waitFor();
    for (const theme of ["light", "dark", "high-contrast"] as const) await editor.picture("recovered", theme);
    await inspector.showTab("Raw");
    await inspector.detail.getByText('"Phone": "555-0100"').waitFor();
    await inspector.showTab("Headers");
    await inspector.detail.getByText("This change was not delivered, so there is no request.").waitFor();
    await inspector.detail.getByRole("button", { name: "Open as document" }).click();
    await editor.page.locator(".part.editor .view-lines").getByText("it was found in the CRM itself").waitFor();
  });

  it("is found once, however often it is looked for", async () => {
    await tree.chooseFromMenu("Deals, Leads", "Find Missed Changes…");
    await editor.quickInput.pick("Since It Last Expired");
    await editor.notification("Nothing new was missed of Deals and Leads: 3 changes had been recovered before.");
    await editor.pressInNotification("Nothing new was missed", "Details");
    await editor.page.locator(".part.editor .view-lines").getByText("What cannot be recovered").waitFor();
  });
});
