import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { SandboxUser } from "../support/sandboxUser.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import type { TreeView } from "./support/treeView.ts";

const minute = 60_000;
const hour = 60 * minute;

describe("the Subscriptions tree", () => {
  let bench: EditorBench;
  let editor: Editor;
  let tree: TreeView;
  let crm: SandboxUser;

  before(async () => {
    bench = await EditorBench.create();
    const [sandbox, relay] = await Promise.all([bench.startServer("sandbox"), bench.startServer("relay")]);
    crm = await SandboxUser.connect(sandbox.url);
    await bench.startVscode({
      "zohoCrm.sandbox.url": sandbox.url,
      "zohoCrm.relay.url": relay.url,
      "zohoCrm.trySandboxOnStartup": true,
      // By hand here; what happens by itself is in renewal.test.ts.
      "zohoCrm.renewal.mode": "off",
    });
    editor = await bench.open();
    tree = editor.tree("Subscriptions");
    await tree.row("Deals, Leads").waitFor();
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  async function expiryOf(channelId: string): Promise<number> {
    const channel = (await crm.channels()).find(each => each.channelId === channelId);
    assert.ok(channel, `channel ${channelId} is listed`);
    return channel.expiresAt;
  }

  it("shows connection, channel and modules with what is watched", async () => {
    await tree.expand("Deals, Leads");
    await tree.row("create, edit, delete").waitFor();
    const rows = await tree.rows();
    assert.deepEqual(
      rows.map(({ text, level }) => [level, text.replace(/6d 2\dh/, "6d")]),
      [
        [1, "Harbourline Homes local sandbox"],
        [2, "Deals, Leads this editor · 6d"],
        [3, "Deals create, edit, delete"],
        [3, "Leads create, edit, delete"],
      ],
    );
  });

  it("renews a channel, and the API agrees", async () => {
    const [channel] = await crm.channels();
    assert.ok(channel);
    await crm.shorten(channel.channelId, hour);
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await tree.row(/expires in (59m|1h)/).waitFor();
    await tree.pressInline("Deals, Leads", "Renew");
    await tree.row(/this editor · 6d 2\dh/).waitFor();
    assert.ok((await expiryOf(channel.channelId)) - Date.now() > 166 * hour);
  });

  it("shows a channel that was made elsewhere, with where it points, and asks before it deletes that", async () => {
    await crm.subscribe("9007199254740995", ["Contacts.all"], "http://127.0.0.1:9/elsewhere");
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await tree.row(/Contacts.*127\.0\.0\.1:9/).waitFor();
    for (const theme of ["dark", "light"] as const) await editor.picture("subscriptions", theme);
    await tree.chooseFromMenu("Contacts", "Delete…");
    assert.match(await editor.dialogText(), /Contacts: sends to 127\.0\.0\.1:9, not to this editor/);
    await editor.answerDialog("Delete");
    await tree.row("Contacts").waitFor({ state: "detached" });
    assert.ok(!(await crm.channels()).some(({ channelId }) => channelId === "9007199254740995"));
  });

  it("no longer shows a channel that was deleted elsewhere, once refreshed", async () => {
    await crm.subscribe("9007199254740997", ["Accounts.all"], "http://127.0.0.1:9/elsewhere");
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await tree.row("Accounts").waitFor();
    await crm.unsubscribe("9007199254740997");
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await tree.row("Accounts").waitFor({ state: "detached" });
  });

  it("renews and deletes several at once", async () => {
    await crm.subscribe("9007199254740999", ["Tasks.all"], "http://127.0.0.1:9/a");
    await crm.subscribe("9007199254741001", ["Calls.all"], "http://127.0.0.1:9/b");
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await tree.select("Tasks");
    await tree.select("Calls", ["ControlOrMeta"]);
    await tree.chooseFromMenu("Calls", "Renew");
    await editor.statusBarItem("2 subscriptions renewed").waitFor();
    await tree.row(/Tasks.*6d/).waitFor();
    await tree.row(/Calls.*6d/).waitFor();
    for (const id of ["9007199254740999", "9007199254741001"]) {
      assert.ok((await expiryOf(id)) - Date.now() > 166 * hour);
    }
    await editor.page.keyboard.press("Delete");
    assert.match(await editor.dialogText(), /Delete 2 subscriptions\?/);
    await editor.answerDialog("Delete");
    await tree.row("Tasks").waitFor({ state: "detached" });
    assert.equal((await crm.channels()).filter(({ module }) => ["Tasks", "Calls"].includes(module)).length, 0);
  });

  it("takes the rows of modules in a range for their subscription, and offers nothing there that works on one", async () => {
    const ids = ["9007199254741003", "9007199254741005"];
    await crm.subscribe("9007199254741003", ["Accounts.all", "Contacts.all"], "http://127.0.0.1:9/a");
    await crm.subscribe("9007199254741005", ["Tasks.all"], "http://127.0.0.1:9/b");
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await tree.expand("Accounts, Contacts");
    await tree.row(/^Contacts\s*create/).waitFor();
    await tree.select(/^Accounts, Contacts/);
    await tree.expand("Accounts, Contacts");
    await tree.select(/^Tasks/, ["Shift"]);
    const entries = await tree.menuEntries(/^Tasks/);
    assert.deepEqual(
      ["Renew", "Delete…", "Copy Channel ID"].filter(entry => !entries.includes(entry)),
      [],
      entries.join(),
    );
    const forOne = ["Edit Subscription…", "Borrow Subscription…", "Show Events", "New Handler…", "Generate Types…"];
    assert.deepEqual(
      forOne.filter(entry => entries.includes(entry)),
      [],
    );
    await tree.chooseFromMenu(/^Tasks/, "Renew");
    await tree.row(/^Accounts, Contacts.*6d/).waitFor();
    await tree.row(/^Tasks.*6d/).waitFor();
    for (const id of ids) assert.ok((await expiryOf(id)) - Date.now() > 166 * hour);
  });

  it("deletes the row that the keyboard is on, not the one that was clicked before, and unfolds nothing", async () => {
    await tree.select(/^Tasks/);
    await editor.page.keyboard.press("Escape");
    const focused = tree.element.locator(".focused");
    await tree.select(/^Tasks/);
    const unfolded = async (): Promise<unknown> => (await tree.rows()).map(({ expanded }) => expanded);
    await editor.page.keyboard.press("ArrowUp");
    for (let times = 0; times < 5 && !(await focused.filter({ hasText: /^Deals, Leads/ }).isVisible()); times++) {
      await editor.page.keyboard.press("ArrowUp");
    }
    await focused.filter({ hasText: /^Deals, Leads/ }).waitFor();
    const before = await unfolded();
    await editor.page.keyboard.press("Delete");
    assert.match(await editor.dialogText(), /Delete the subscription to Deals, Leads\?/);
    await editor.answerDialog("Cancel");
    assert.deepEqual(await unfolded(), before);
    await editor.page.keyboard.press("F2");
    await editor.quickInput.waitFor("Edit Subscription to Deals, Leads");
    await editor.quickInput.cancel();
    for (const id of ["9007199254741003", "9007199254741005"]) await crm.unsubscribe(id);
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await tree.row("Accounts, Contacts").waitFor({ state: "detached" });
  });

  it("copies ids and addresses", async () => {
    const [channel] = await crm.channels();
    await tree.chooseFromMenu("Deals, Leads", "Copy Channel ID");
    await editor.statusBarItem("Copied").waitFor();
    assert.equal(await editor.clipboard(), channel?.channelId);
  });

  it("says that a channel expired meanwhile, and creates it again with everything it had", async () => {
    const [channel] = await crm.channels();
    assert.ok(channel);
    await crm.shorten(channel.channelId, 5 * minute);
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await tree.row(/Deals, Leads.*expires in/).waitFor();
    await crm.control("clock", { advance_ms: 6 * minute });
    await tree.pressInline("Deals, Leads", "Renew");
    await editor.pressInNotification(/expired|no longer/i, "Create Again");
    await tree.row(/Deals, Leads.*this editor.*6d/).waitFor();
    const again = await crm.channels();
    assert.deepEqual(again.map(({ channelId, module }) => [channelId, module]).sort(), [
      [channel.channelId, "Deals"],
      [channel.channelId, "Leads"],
    ]);
  });

  it("signs out, forgets the connection, and offers to begin again", async () => {
    await tree.chooseFromMenu("Harbourline Homes", "Sign Out…");
    await editor.dialog.getByText(/Sign \S+@\S+ out of Harbourline Homes\?/).waitFor();
    await editor.answerDialog("Sign Out");
    await editor.sideBar.getByRole("button", { name: "Try the Local Sandbox" }).waitFor();
  });
});
