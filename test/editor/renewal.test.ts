import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { SandboxUser } from "../support/sandboxUser.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { QuickInput } from "./support/quickInput.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

describe("automatic renewal", () => {
  let bench: EditorBench;
  let crm: SandboxUser;
  let addresses: Readonly<Record<string, string>>;
  let channelId: string;
  /** The window that is open. */
  let editor: Editor;

  before(async () => {
    bench = await EditorBench.create();
    const [sandbox, relay] = await Promise.all([bench.startServer("sandbox"), bench.startServer("relay")]);
    crm = await SandboxUser.connect(sandbox.url);
    addresses = { "zohoCrm.sandbox.url": sandbox.url, "zohoCrm.relay.url": relay.url };
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  /** Opens a window as a person does who starts the editor and looks at the sidebar. */
  async function open(mode: "on" | "off"): Promise<void> {
    await bench.startVscode({ ...addresses, "zohoCrm.renewal.mode": mode });
    editor = await bench.open();
    await editor.showViewContainer("Zoho CRM");
  }

  /** How long the channel lives, as the API says: milliseconds. */
  async function left(): Promise<number> {
    const channel = (await crm.channels()).find(each => each.channelId === channelId);
    assert.ok(channel, "the channel is listed");
    return channel.expiresAt - Date.now();
  }

  it("says in the row when a subscription will be renewed, and lets it be stopped and started", async () => {
    await open("on");
    await editor.runCommand("Zoho CRM: Try the Local Sandbox");
    const tree = editor.tree("Subscriptions");
    await tree.row(/Deals, Leads.*this editor · 6d 2\dh/).waitFor();
    channelId = (await crm.channels())[0]?.channelId ?? "";
    await tree.chooseFromMenu("Deals, Leads", "Turn Off Automatic Renewal");
    await tree.row(/Deals, Leads.*not renewed/).waitFor();
    await tree.chooseFromMenu("Deals, Leads", "Turn On Automatic Renewal");
    await tree.row("not renewed").waitFor({ state: "detached" });
  });

  it("renews what is due when the editor starts, without a click", async () => {
    await bench.stopVscode();
    await crm.shorten(channelId, 2 * hour);
    await open("on");
    await editor
      .tree("Subscriptions")
      .row(/Deals, Leads.*6d 2\dh/)
      .waitFor();
    assert.ok((await left()) > 166 * hour);
  });

  it("makes again at the start what expired while the editor was closed, and says so", async () => {
    await bench.stopVscode();
    await crm.shorten(channelId, 50 * second);
    await open("off");
    await editor
      .tree("Subscriptions")
      .row(/Deals, Leads.*(expires in|expired)/)
      .waitFor();
    await bench.stopVscode();
    // A channel that was renewed just now is left alone for five minutes.
    await crm.control("clock", { advance_ms: 10 * minute });
    assert.deepEqual(await crm.channels(), [], "it is gone at the CRM");
    await open("on");
    await editor.notification(/had expired and was created again: Deals, Leads/);
    await editor
      .tree("Subscriptions")
      .row(/Deals, Leads.*6d 2\dh/)
      .waitFor();
    assert.ok((await left()) > 166 * hour);
    assert.equal((await crm.channels()).length, 2, "one channel, two modules");
    for (const theme of ["light", "dark"] as const) await editor.picture("renewal", theme);
    await editor.pressInNotification(/had expired/, "Show");
    await editor.tree("Subscriptions").element.and(editor.page.locator(":focus")).waitFor();
  });

  it("asks where the connection is to be asked about, once, and renews when told to", async () => {
    await editor.tree("Subscriptions").chooseFromMenu("Harbourline Homes", "Automatic Renewal…");
    await new QuickInput(editor.page).pick("Ask");
    await bench.stopVscode();
    await crm.control("clock", { advance_ms: 10 * minute });
    await crm.shorten(channelId, 2 * hour);
    await open("on");
    await editor.notification(/due for renewal: Deals, Leads/);
    assert.ok((await left()) < 3 * hour, "nothing was renewed yet");
    await editor.pressInNotification(/due for renewal/, "Renew");
    await editor
      .tree("Subscriptions")
      .row(/Deals, Leads.*6d 2\dh/)
      .waitFor();
    assert.ok((await left()) > 166 * hour);
  });

  it("leaves what somebody else made alone until it is adopted, and says whose address it points to", async () => {
    const tree = editor.tree("Subscriptions");
    await tree.chooseFromMenu("Harbourline Homes", "Automatic Renewal…");
    await new QuickInput(editor.page).pick("On");
    await crm.subscribe("9007199254740995", ["Contacts.all"], "http://127.0.0.1:9/elsewhere");
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await tree.row(/Contacts.*127\.0\.0\.1:9/).waitFor();
    await tree.chooseFromMenu("Contacts", "Adopt…");
    assert.match(await editor.dialogText(), /Contacts: sends to 127\.0\.0\.1:9\. That does not change/);
    await editor.answerDialog("Adopt");
    await tree.row(/Contacts.*127\.0\.0\.1:9 · 6d 2\dh/).waitFor();
  });
});
