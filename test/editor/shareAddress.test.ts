import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { formatJoinLink, parseJoinLink } from "../../src/protocol/joinLink.ts";
import { SandboxUser } from "../support/sandboxUser.ts";
import type { LocalServer } from "../workbench/localServer.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";

const share = "Zoho CRM: Share This Relay Address…";
const stopSharing = "Zoho CRM: Stop Sharing This Relay Address…";

/** The owner and a colleague, each with an editor, secrets and a history of their own. */
describe("a relay address that is shared, and moved", () => {
  let ownersBench: EditorBench;
  let colleaguesBench: EditorBench;
  let owner: Editor;
  let colleague: Editor;
  let crm: SandboxUser;
  let relay: LocalServer;
  let nextRelay: LocalServer;
  let invitation: string;

  before(async () => {
    ownersBench = await EditorBench.create();
    colleaguesBench = await EditorBench.create();
    const sandbox = await ownersBench.startServer("sandbox");
    relay = await ownersBench.startServer("relay");
    nextRelay = await colleaguesBench.startServer("relay");
    crm = await SandboxUser.connect(sandbox.url);
    await ownersBench.startVscode({
      "zohoCrm.sandbox.url": sandbox.url,
      "zohoCrm.relay.url": relay.url,
      "zohoCrm.trySandboxOnStartup": true,
    });
    owner = await ownersBench.open();
    await owner.tree("Subscriptions").row("Deals, Leads").waitFor();
    await owner.statusBarItem("Zoho CRM: Live").waitFor();
    await colleaguesBench.startVscode({});
    colleague = await colleaguesBench.open();
  });
  afterEach(async test => {
    await ownersBench.keepEvidence(test);
    await colleaguesBench.keepEvidence({ ...test, fullName: `colleague: ${test.fullName}` });
  });
  after(async () => {
    await colleaguesBench.close();
    await ownersBench.close();
  });

  /** What the status bar item tells screen readers. */
  async function untilTold(editor: Editor, sentence: string | RegExp): Promise<void> {
    await editor.statusBarItem("Zoho CRM:").getByRole("button", { name: sentence }).waitFor();
  }

  async function recordsIn(editor: Editor, count: number): Promise<string[]> {
    const events = await new InspectorPage(await editor.openInspector()).events(count);
    return events.map(({ record }) => record);
  }

  it("is shared with somebody by name; the invitation is in the clipboard and nowhere else", async () => {
    await owner.runCommand(stopSharing);
    await owner.pressInNotification("You don't share this relay address with anyone.", "Share This Relay Address…");
    await owner.quickInput.waitFor("Share This Relay Address");
    await owner.quickInput.type("Ana");
    await owner.quickInput.accept();
    assert.match(
      await owner.dialogText(),
      /Share this relay address with Ana\?[^]*Ana opens it as a link, or pastes it/,
    );
    await owner.answerDialog("Copy Invitation");
    await owner.statusBarItem("Invitation for Ana copied").first().waitFor();
    await untilTold(owner, "You share this relay address with Ana.");
    invitation = await owner.clipboard();
    const { readKey, keys } = parseJoinLink(invitation)?.invitation ?? assert.fail("no invitation");
    for (const secret of [readKey, ...keys.map(({ privateKey }) => privateKey)]) {
      assert.ok(!ownersBench.extensionLog.includes(secret));
      assert.equal(await owner.page.getByText(secret).count(), 0);
    }
  });

  it("is read in the colleague's editor, who is signed in nowhere, and again after a reload", async () => {
    await colleague.runCommand("Zoho CRM: Join a Relay…");
    await colleague.quickInput.type(invitation);
    await colleague.quickInput.accept();
    assert.match(await colleague.dialogText(), /Receive a colleague's events from the relay at http/);
    await colleague.answerDialog("Join");
    const lead = await crm.createLead("First");
    // Joining has shown the inspector.
    const [event] = await new InspectorPage(await colleague.inspector()).events(1);
    assert.equal(event?.record, lead);
    assert.deepEqual(await recordsIn(owner, 1), [lead]);
    await colleague.reload();
    await untilTold(colleague, "A colleague shares this relay address with you.");
    const next = await crm.createLead("Second");
    assert.deepEqual(await recordsIn(colleague, 2), [lead, next]);
  });

  it("stays its owner's: the colleague is told so before anything is asked", async () => {
    for (const command of [share, "Zoho CRM: Replace Relay Keys…", "Zoho CRM: Set Relay Answer…"]) {
      await colleague.runCommand(command);
      await colleague.notification(
        "This relay address was shared with you. Only the person who shared it can do that.",
      );
      await colleague.dismissNotifications();
    }
    await colleague.statusBarItem("Zoho CRM: Live").click();
    await colleague.quickInput.waitFor("Relay");
    const choices = await colleague.quickInput.choices();
    assert.deepEqual(
      choices.filter(label => /Share|Keys|Answer/.test(label)),
      [],
    );
    await colleague.quickInput.cancel();
  });

  it("is shared no more: the colleague's stream ends with a sentence that says so, and what to do is beside it", async () => {
    await owner.runCommand(stopSharing);
    await owner.quickInput.pick("Ana");
    assert.match(await owner.dialogText(), /The relay stops sending events to Ana\./);
    await owner.answerDialog("Stop Sharing");
    await owner.notification("You no longer share this relay address with Ana.");
    await untilTold(colleague, /is no longer shared with you\. Ask the person who shared it for a new invitation/);
    const page = await colleague.openInspector();
    await page.locator(".banner").getByText("is no longer shared with you.").waitFor();
    await page.getByRole("button", { name: "Relay Actions" }).click();
    await colleague.quickInput.waitFor("Relay");
    assert.deepEqual((await colleague.quickInput.choices()).slice(0, 3), [
      "Join a Relay…",
      "Use My Own Address…",
      "Use This Machine's Relay…",
    ]);
    await colleague.quickInput.pick("Use My Own Address…");
    assert.match(await colleague.dialogText(), /Leave the relay address that a colleague shares with you\?/);
    await colleague.answerDialog("Use My Own Address");
    await colleague.statusBarItem("Zoho CRM: Live").waitFor();
  });

  it("has its keys replaced from there, and the owner's events go on", async () => {
    await owner.pressInNotification("You no longer share this relay address with Ana.", "Replace Relay Keys…");
    assert.match(await owner.dialogText(), /Replace the keys of this relay address\?/);
    await owner.answerDialog("Replace Keys");
    await owner.statusBarItem("Relay keys replaced").first().waitFor();
    await owner.statusBarItem("Zoho CRM: Live").waitFor();
    const lead = await crm.createLead("Third");
    const records = await recordsIn(owner, 3);
    assert.equal(records[2], lead);
    const { relay: at, invitation: former } = parseJoinLink(invitation) ?? assert.fail("no link");
    const headers = { authorization: `Bearer ${former?.readKey}` };
    assert.equal((await fetch(`${at}/v1/channels/${former?.channel}`, { headers })).status, 401);
  });

  it("names those who need a new invitation, and a second one for the same name ends the first", async () => {
    for (const isSecond of [false, true]) {
      const before = await owner.clipboard();
      await owner.runCommand(share);
      await owner.quickInput.type("Ben");
      await owner.quickInput.accept();
      assert.equal((await owner.dialogText()).includes("The earlier invitation stops working."), isSecond);
      await owner.answerDialog("Copy Invitation");
      while ((await owner.clipboard()) === before) await owner.page.waitForTimeout(100);
      await untilTold(owner, /You share this relay address with Ben\./);
    }
    await owner.runCommand("Zoho CRM: Replace Relay Keys…");
    await owner.answerDialog("Replace Keys");
    await owner.notification(
      "Each colleague you share the address with needs a new invitation to read new events: Ben.",
    );
    await owner.dismissNotifications();
  });

  it("is moved to another relay: the subscription comes along, and events arrive there, and from the former one", async () => {
    await owner.runCommand("Zoho CRM: Copy Relay Address");
    await owner.statusBarItem("Relay address copied").first().waitFor();
    const former = await owner.clipboard();
    await owner.runCommand("Zoho CRM: Join a Relay…");
    await owner.quickInput.type(
      formatJoinLink("p.n", { relay: nextRelay.url, createKey: undefined, invitation: undefined }),
    );
    await owner.quickInput.accept();
    assert.match(await owner.dialogText(), /Events sent to your current address still arrive/);
    await owner.answerDialog("Join");
    const sentence = `One subscription still sends to your former address at ${relay.url}.`;
    await owner.pressInNotification(sentence, "Send It Here");
    await owner.statusBarItem("The subscription now sends here").first().waitFor();
    const addresses = (await crm.channels()).map(({ notifyUrl }) => new URL(notifyUrl).origin);
    assert.deepEqual([...new Set(addresses)], [nextRelay.url]);
    const lead = await crm.createLead("Fourth");
    assert.equal((await recordsIn(owner, 4))[3], lead);
    assert.equal((await fetch(former, { method: "POST", body: "still sent there" })).status, 200);
    assert.equal((await recordsIn(owner, 5)).length, 5);
  });
});
