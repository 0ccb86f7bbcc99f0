import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { SandboxUser } from "../support/sandboxUser.ts";
import type { LocalServer } from "../workbench/localServer.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";

const makeNew = "Zoho CRM: Make a New Relay Address…";

describe("another relay address", () => {
  let bench: EditorBench;
  let editor: Editor;
  let crm: SandboxUser;
  let relay: LocalServer;

  before(async () => {
    bench = await EditorBench.create({ viewport: { width: 1440, height: 900 } });
    const sandbox = await bench.startServer("sandbox");
    relay = await bench.startServer("relay");
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
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  async function untilShown(record: string): Promise<void> {
    const inspector = new InspectorPage(await editor.openInspector());
    await inspector.rows.filter({ hasText: record }).first().waitFor();
  }

  async function copiedAddress(): Promise<string> {
    await editor.runCommand("Zoho CRM: Copy Relay Address");
    await editor.statusBarItem("Relay address copied").first().waitFor();
    return editor.clipboard();
  }

  async function relayActions(): Promise<string[]> {
    await editor.statusBarItem("Zoho CRM:").click();
    await editor.quickInput.waitFor("Relay");
    return editor.quickInput.choices();
  }

  it("strands nothing: what sends to the former one still arrives, is shown as that, and is well", async () => {
    const former = await copiedAddress();
    await editor.runCommand(makeNew);
    assert.match(await editor.dialogText(), /What is sent to the current address still arrives here/);
    await editor.answerDialog("Make New Address");
    await editor.notification(`One subscription still sends to your former address at ${relay.url}.`);
    await editor.dismissNotifications();
    await editor
      .tree("Subscriptions")
      .row(/Deals, Leads.*former address/)
      .waitFor();
    assert.notEqual(await copiedAddress(), former);
    const lead = await crm.createLead("First");
    await untilShown(lead);
    const entries = await editor.tree("Subscriptions").menuEntries("Deals, Leads");
    assert.ok(entries.includes("Send It Here") && !entries.includes("Borrow…"), entries.join(", "));
    await editor.tree("Subscriptions").chooseFromMenu("Deals, Leads", "Diagnose");
    await editor.page.getByText("Your former address, still read here.").first().waitFor();
    await editor.page.getByText("Send It Here").first().waitFor();
  });

  it("is kept in sight until its subscriptions are sent here: in the relay's menu, also after a reload", async () => {
    await editor.reload();
    await editor.notification(`One subscription still sends to your former address at ${relay.url}.`);
    await editor.dismissNotifications();
    await editor.statusBarItem("Zoho CRM: Live").hover();
    await editor.page.getByText("still read here. Subscriptions that send to it: 1.").first().waitFor();
    const actions = await relayActions();
    assert.ok(actions.includes("Delete Former Address…"), actions.join(", "));
    await editor.quickInput.pick("Send Subscriptions Here");
    await editor.statusBarItem("The subscription now sends here").first().waitFor();
    await editor
      .tree("Subscriptions")
      .row(/Deals, Leads.*this editor/)
      .waitFor();
    const lead = await crm.createLead("Second");
    await untilShown(lead);
    const channels = new Set((await crm.channels()).map(({ channelId }) => channelId));
    assert.equal(channels.size, 1, "the sandbox was not subscribed to once more");
  });

  it("may be deleted at once, and then it takes nothing anymore", async () => {
    await editor.runCommand("Zoho CRM: Delete a Former Relay Address…");
    await editor.quickInput.pick(new URL(relay.url).origin);
    assert.match(await editor.dialogText(), /Delete your former address at/);
    await editor.answerDialog("Delete");
    await editor.statusBarItem("Former address deleted").first().waitFor();
    assert.ok(!(await relayActions()).includes("Delete Former Address…"));
    await editor.quickInput.cancel();
  });

  it("is not made while the relay is down, which says so, and leaves everything as it is", async () => {
    const before = await copiedAddress();
    const addressed = await crm.channels();
    await relay.close();
    await editor.statusBarItem(/Zoho CRM: Reconnecting/).waitFor();
    assert.equal((await relayActions())[0], "Reconnect Now");
    await editor.quickInput.cancel();
    const page = await editor.openInspector();
    await page.locator(".banner").getByRole("button", { name: "Reconnect" }).waitFor();
    await editor.runCommand(makeNew);
    await editor.answerDialog("Make New Address");
    await editor.notification(/No new relay address was made, and nothing else has changed/);
    await editor.dismissNotifications();
    assert.equal(await copiedAddress(), before);
    assert.deepEqual(await crm.channels(), addressed);
    await editor
      .tree("Subscriptions")
      .row(/Deals, Leads.*this editor/)
      .waitFor();
  });
});
