import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { RawZoho, at, itemsOf } from "../support/rawZoho.ts";
import { SandboxUser } from "../support/sandboxUser.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import type { TreeView } from "./support/treeView.ts";

const minute = 60_000;
const hour = 60 * minute;
const elsewhere = "https://hooks.example.com/crm";

/** Each switch of the watch API at the position that forgives a client the least. */
const strictest = {
  patchRequires: "all",
  mixedResultStatus: 202,
  itemErrorForm: "flat",
  notSubscribedDetails: "empty",
  unsubscribeUnknownChannel: "not-subscribed",
  subscribeToExistingChannel: "refuse",
  patchWithoutExpiry: "one-hour",
  foreignConditionIds: "refuse",
  resourceUriVersion: "v2",
  listInfo: "missing",
  listErrorForm: "wrapped",
};

describe("subscriptions against Zoho at its strictest", () => {
  let bench: EditorBench;
  let editor: Editor;
  let tree: TreeView;
  let crm: SandboxUser;
  let raw: RawZoho;

  before(async () => {
    bench = await EditorBench.create();
    const [sandbox, relay] = await Promise.all([bench.startServer("sandbox"), bench.startServer("relay")]);
    crm = await SandboxUser.connect(sandbox.url);
    raw = await RawZoho.signIn(sandbox.url);
    await crm.control("behaviour", strictest);
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

  /** What a plain GET says of each module of a channel, but for when it ends. */
  async function listed(channelId: string): Promise<string[]> {
    const answer = await raw.call("GET", `actions/watch?channel_id=${channelId}`);
    if (answer.status === 204) return [];
    const words = itemsOf(answer, "watch").map(item =>
      JSON.stringify([at(item, "events"), at(item, "token"), at(item, "notify_url")]),
    );
    return words.sort();
  }

  async function ownId(): Promise<string> {
    const own = (await crm.channels()).find(({ notifyUrl }) => !notifyUrl.startsWith(elsewhere));
    assert.ok(own);
    return own.channelId;
  }

  it("renews a channel, of which events, token and address stay as they are", async () => {
    const channelId = await ownId();
    await crm.shorten(channelId, hour);
    const before = await listed(channelId);
    assert.equal(before.length, 2);
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await tree.row(/Deals, Leads.*expires in/).waitFor();
    await tree.pressInline("Deals, Leads", "Renew");
    await tree.row(/Deals, Leads.*6d/).waitFor();
    assert.deepEqual(await listed(channelId), before);
  });

  it("removes a module, and the other keeps its events, token and address", async () => {
    const channelId = await ownId();
    const before = await listed(channelId);
    await tree.expand("Deals, Leads");
    await tree.chooseFromMenu(/^Leads\s*create/, "Remove Module…");
    await editor.answerDialog("Change");
    await tree.row(/^Deals\s*this editor · 6d/).waitFor();
    assert.deepEqual(
      await listed(channelId),
      before.filter(item => item.includes("Deals.edit")),
    );
  });

  it("deletes three channels of two modules, of which one is gone, and says of none that it failed", async () => {
    const ids = ["9007199254741003", "9007199254741005", "9007199254741007"];
    const modules = [
      ["Contacts", "Accounts"],
      ["Tasks", "Calls"],
      ["Quotes", "Invoices"],
    ];
    for (const [index, id] of ids.entries()) {
      const events = (modules[index] ?? []).map(module => `${module}.all`);
      await crm.subscribe(id, events, `${elsewhere}/${index}`);
    }
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await tree.row("Invoices, Quotes").waitFor();
    await crm.unsubscribe("9007199254741005");
    await tree.select("Accounts, Contacts");
    await tree.select("Calls, Tasks", ["ControlOrMeta"]);
    await tree.select("Invoices, Quotes", ["ControlOrMeta"]);
    await editor.page.keyboard.press("Delete");
    assert.match(await editor.dialogText(), /Delete 3 subscriptions\?/);
    await editor.answerDialog("Delete");
    for (const row of ["Accounts, Contacts", "Calls, Tasks", "Invoices, Quotes"]) {
      await tree.row(row).waitFor({ state: "detached" });
    }
    assert.deepEqual(
      (await crm.channels()).filter(({ channelId }) => ids.includes(channelId)),
      [],
    );
    assert.equal(await editor.page.locator(".notifications-toasts .notification-list-item").count(), 0);
  });

  it("shows what it cannot read beside what it can, and leaves it alone", async () => {
    await crm.subscribe("9007199254741009", ["Vendors.all"], `${elsewhere}/dead`);
    await crm.control("clock", { advance_ms: 2 * hour });
    await crm.control("behaviour", { listExpiredChannels: true, expiredChannelDetails: "null" });
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await tree.row("unreadable · ").waitFor();
    const rows = (await tree.rows()).map(({ text }) => text);
    assert.ok(
      rows.some(text => text.includes("9007199254741009")),
      rows.join("; "),
    );
    await tree.chooseFromMenu("unreadable · ", "Copy Channel ID");
    await editor.statusBarItem("Copied").waitFor();
    assert.equal(await editor.clipboard(), "9007199254741009");
    await tree.pressInline(/^Deals/, "Renew");
    await tree.row(/Deals.*6d 2\dh/).waitFor();
    await tree.row("unreadable · ").waitFor();
  });
});
