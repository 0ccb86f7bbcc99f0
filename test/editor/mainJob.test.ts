import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { SandboxUser } from "../support/sandboxUser.ts";
import { createSdkLead, deleteSdkLead, updateSdkLead } from "../support/zohoSdk.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";

/** What the person in the pictures is writing. */
const handler = `import { createServer } from "node:http";

createServer(async (request, response) => {
  const { module, operation, ids } = JSON.parse(await text(request));
  if (module === "Leads" && operation === "insert") await greet(ids);
  response.end();
}).listen(3000);
`;

describe("the main job, in a real VS Code with the sandbox and Zoho's SDK", () => {
  let bench: EditorBench;
  let editor: Editor;
  let crm: SandboxUser;
  let sandboxUrl: string;

  before(async () => {
    bench = await EditorBench.create({ viewport: { width: 1440, height: 900 } });
    writeFileSync(join(bench.workspace, "handler.mjs"), handler);
    const [sandbox, relay] = await Promise.all([bench.startServer("sandbox"), bench.startServer("relay")]);
    sandboxUrl = sandbox.url;
    crm = await SandboxUser.connect(sandboxUrl);
    await bench.startVscode({ "zohoCrm.sandbox.url": sandbox.url, "zohoCrm.relay.url": relay.url });
    editor = await bench.open();
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  it("connects to the sandbox without a question", async () => {
    await editor.showViewContainer("Zoho CRM");
    await editor.sideBar.getByRole("button", { name: "Try the Local Sandbox" }).waitFor();
    await editor.picture("welcome", "light");
    await editor.runCommand("Zoho CRM: Add Connection…");
    await editor.quickInput.pick("Local sandbox");
    await editor.tree("Subscriptions").row("Harbourline Homes").waitFor();
  });

  it("subscribes step by step, with address and token filled in", async () => {
    const { quickInput } = editor;
    await editor.runCommand("Zoho CRM: New Subscription…");
    await quickInput.waitFor("New Subscription (1/4)");
    await quickInput.accept();
    await quickInput.waitFor("tick at least one to go on");
    await quickInput.toggle("Leads");
    for (const theme of ["light", "dark"] as const) await editor.picture("new-subscription", theme);
    await quickInput.accept();
    await quickInput.waitFor("New Subscription (2/4)");
    await quickInput.accept();
    await quickInput.waitFor("New Subscription (3/4)");
    await quickInput.pick("One week");
    await quickInput.waitFor("New Subscription (4/4)");
    await quickInput.accept();
    const row = editor.tree("Subscriptions").row("Leads");
    await row.filter({ hasText: /this editor · 6d 2\dh/ }).waitFor();
    const [channel] = await crm.channels();
    assert.ok(BigInt(channel?.channelId ?? 0) > BigInt(Number.MAX_SAFE_INTEGER), "the channel id is beyond 2^53");
  });

  it("shows what Zoho's SDK creates, edits and deletes, verified, with ids to the digit", async () => {
    const id = await createSdkLead(sandboxUrl, { Last_Name: "Okafor", Company: "Okafor Lettings" });
    await updateSdkLead(sandboxUrl, id, { Phone: "555-0100" });
    await deleteSdkLead(sandboxUrl, id);
    const inspector = new InspectorPage(await editor.openInspector());
    const events = await inspector.events(3);
    const seen = events.map(({ status, operation, module, record }) => [status, operation, module, record]);
    assert.deepEqual(seen, [
      ["Verified", "Created", "Leads", id],
      ["Verified", "Edited", "Leads", id],
      ["Verified", "Deleted", "Leads", id],
    ]);
    await inspector.select("Edited");
    const [channel] = await crm.channels();
    await inspector.detail
      .getByText(channel?.channelId ?? "no channel")
      .first()
      .waitFor();
    await inspector.showTab("Raw");
    await inspector.detail
      .getByText(`"channel_id":"${channel?.channelId ?? ""}"`)
      .first()
      .waitFor();
    await inspector.showTab("Summary");
    await editor.openFile("handler.mjs");
    for (const theme of ["light", "dark", "high-contrast"] as const) await editor.picture("inspector", theme);
  });

  it("keeps the events and the selection when the window is reloaded", async () => {
    await editor.reload();
    const inspector = new InspectorPage(await editor.openInspector());
    assert.equal((await inspector.events(3)).length, 3);
    await inspector.rows.and(inspector.frame.locator("[aria-selected=true]")).filter({ hasText: "Edited" }).waitFor();
    await editor.tree("Subscriptions").row("Leads").waitFor();
    await editor.statusBarItem("Zoho CRM: Live").waitFor();
  });

  it("shows only the events of a subscription on request", async () => {
    const [channel] = await crm.channels();
    await fetch(channel?.notifyUrl ?? "", { method: "POST", body: "hello" });
    const inspector = new InspectorPage(await editor.inspector());
    assert.equal((await inspector.events(4)).at(-1)?.status, "Other");
    await editor.tree("Subscriptions").chooseFromMenu("Leads", "Show Events");
    await inspector.rows.nth(3).waitFor({ state: "detached" });
    assert.equal((await inspector.events(3)).length, 3);
  });
});
