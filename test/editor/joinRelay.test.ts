import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { relayPaths } from "../../src/protocol/relayApi.ts";
import { formatJoinLink } from "../../src/protocol/joinLink.ts";
import { SandboxUser } from "../support/sandboxUser.ts";
import type { LocalServer } from "../workbench/localServer.ts";
import { readManifest } from "../workbench/repository.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";

const createKey = "first-create-key-of-the-team";
const nextCreateKey = "next-create-key-of-the-team";

describe("a relay that wants a create key", () => {
  let bench: EditorBench;
  let editor: Editor;
  let sandbox: LocalServer;
  let relay: LocalServer;
  let keyFile: string;

  before(async () => {
    bench = await EditorBench.create();
    keyFile = join(bench.makeFolder("keys"), "create-keys");
    writeFileSync(keyFile, `${createKey}\n`);
    sandbox = await bench.startServer("sandbox");
    relay = await bench.startServer("relay", { args: ["--create-key-file", keyFile] });
    await bench.startVscode({ "zohoCrm.sandbox.url": sandbox.url, "zohoCrm.relay.url": relay.url });
    editor = await bench.open();
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  it("says whom to ask, with a button that leads on; a wrong key is named, and may be given again", async () => {
    await editor.runCommand("Zoho CRM: Try the Local Sandbox");
    await editor.statusBarItem("Zoho CRM: Refused").waitFor();
    const sentence = "This relay needs a create key. Ask its operator for a join link.";
    await editor.pressInNotification(sentence, "Join the Relay");
    await editor.quickInput.waitFor("Join a Relay");
    await editor.quickInput.type("short");
    // What is wrong stands there a moment after it was typed.
    await editor.quickInput.box.getByText(/This isn't a complete join link/).waitFor();
    await editor.quickInput.type("a-guess-at-the-create-key");
    await editor.quickInput.accept();
    assert.match(await editor.dialogText(), /A relay's operator could read what is sent to it before it's sealed/);
    await editor.answerDialog("Join");
    await editor.pressInNotification(/doesn't accept this create key/, "Enter Another Link");
    await editor.quickInput.waitFor("Join a Relay");
    await editor.quickInput.cancel();
    await editor.statusBarItem("Zoho CRM: Refused").waitFor();
  });

  it("is joined by its link, which asks before it acts and shows nothing of the key", async () => {
    await openLink();
    assert.match(await editor.dialogText(), /to open this URI/);
    assert.doesNotMatch(await editor.dialogText(), new RegExp(endOf(createKey)));
    await openIt();
    await editor.answerDialog("Cancel");
    await editor.statusBarItem("Zoho CRM: Refused").waitFor();
    await openLink();
    await openIt();
    await editor.answerDialog("Join");
    await editor.statusBarItem("Zoho CRM: Live").waitFor();
    await editor.dismissNotifications();
    await editor.runCommand("Zoho CRM: Try the Local Sandbox");
    await editor.tree("Subscriptions").row("Deals, Leads").waitFor();
    const lead = await (await SandboxUser.connect(sandbox.url)).createLead("First");
    const [event] = await new InspectorPage(await editor.inspector()).events(1);
    assert.equal(event?.record, lead);
  });

  it("may replace its key: what there is goes on, and the next address wants the new one", async () => {
    writeFileSync(keyFile, `${nextCreateKey}\n`);
    process.kill(relay.pid, "SIGHUP");
    while ((await statusFor(nextCreateKey)) === 401) await editor.page.waitForTimeout(100);
    const lead = await (await SandboxUser.connect(sandbox.url)).createLead("Second");
    const events = await new InspectorPage(await editor.inspector()).events(2);
    assert.equal(events[1]?.record, lead);
    await editor.runCommand("Zoho CRM: Make a New Relay Address…");
    await editor.answerDialog("Make New Address");
    await editor.notification(/No new relay address was made, and nothing else has changed\. .*for a new join link/);
    await editor.dismissNotifications();
    await editor.statusBarItem("Zoho CRM: Live").waitFor();
    await editor.runCommand("Zoho CRM: Join a Relay…");
    await editor.quickInput.type(nextCreateKey);
    await editor.quickInput.accept();
    await editor.answerDialog("Join");
    await editor.statusBarItem("Zoho CRM: Live").waitFor();
  });

  it("has its keys in no setting, log or file of the extension's", () => {
    const texts = [bench.extensionLog, ...filesUnder(bench.extensionData)];
    for (const key of [createKey, nextCreateKey, Buffer.from(createKey).toString("base64url")]) {
      assert.ok(texts.every(text => !text.includes(key)));
    }
    const settings = readFileSync(join(bench.extensionData, "..", "..", "settings.json"), "utf8");
    assert.ok(settings.includes(relay.url) && !settings.includes("create-key"));
  });

  it("is left for this machine's own, and what is still sent to it arrives all the same", async () => {
    await editor.runCommand("Zoho CRM: Use This Machine's Relay…");
    assert.match(await editor.dialogText(), /New subscriptions send to this machine from now on/);
    await editor.answerDialog("Use This Machine's Relay");
    await editor.statusBarItem("This machine's relay is in use").waitFor();
    await editor.statusBarItem("Zoho CRM: Live").waitFor();
    await editor.notification(`One subscription still sends to your former address at ${relay.url}.`);
    const lead = await (await SandboxUser.connect(sandbox.url)).createLead("Third");
    const events = await new InspectorPage(await editor.openInspector()).events(3);
    assert.equal(events[2]?.record, lead);
  });

  async function openLink(): Promise<void> {
    const { publisher, name } = readManifest();
    await editor.runCommand("Developer: Open URL");
    const link = { relay: relay.url, createKey, invitation: undefined };
    await editor.quickInput.type(formatJoinLink(`${publisher}.${name}`, link));
    await editor.quickInput.accept();
  }

  /** Lets VS Code hand the link over; the extension's own question follows in the same place. */
  async function openIt(): Promise<void> {
    await editor.dialog.getByRole("button", { name: "Open", exact: true }).click();
    await editor.dialog.filter({ hasText: `Receive events through the relay at ${relay.url}?` }).waitFor();
  }

  /** What the relay answers to this key: 400 where it is the right one, as what else is sent makes no channel. */
  async function statusFor(key: string): Promise<number> {
    const headers = { authorization: `Bearer ${key}` };
    const answer = await fetch(relay.url + relayPaths.channels, { method: "POST", headers, body: '{"publicKey":1}' });
    await answer.arrayBuffer();
    return answer.status;
  }
});

/** The last characters of the key as a link has it. */
function endOf(key: string): string {
  return Buffer.from(key).toString("base64url").slice(-5);
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map(name => join(folder, name))
    .filter(path => statSync(path).isFile())
    .map(path => readFileSync(path, "latin1"));
}
