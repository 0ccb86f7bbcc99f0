import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { Locator } from "playwright-core";
import { RawZoho, at, itemsOf } from "../support/rawZoho.ts";
import { SandboxUser } from "../support/sandboxUser.ts";
import type { LocalServer } from "../workbench/localServer.ts";
import type { VscodeHost } from "../workbench/vscodeHost.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import type { TreeView } from "./support/treeView.ts";

const theirs = "9007199254740995003";
const theirAddress = "http://127.0.0.1:9/theirs?tenant=4";
/** A window that was killed is missed after half a minute; some is for VS Code to start. */
const restoreMs = 120_000;

describe("editing and borrowing subscriptions", () => {
  let bench: EditorBench;
  let editor: Editor;
  let tree: TreeView;
  let crm: SandboxUser;
  let raw: RawZoho;
  let sandbox: LocalServer;
  let relay: LocalServer;
  let vscode: VscodeHost;

  before(async () => {
    bench = await EditorBench.create();
    [sandbox, relay] = await Promise.all([bench.startServer("sandbox"), bench.startServer("relay")]);
    crm = await SandboxUser.connect(sandbox.url);
    raw = await RawZoho.signIn(sandbox.url);
    await start();
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  async function start(): Promise<void> {
    vscode = await bench.startVscode({
      "zohoCrm.sandbox.url": sandbox.url,
      "zohoCrm.relay.url": relay.url,
      "zohoCrm.trySandboxOnStartup": true,
    });
    editor = await bench.open();
    tree = editor.tree("Subscriptions");
    await tree.row("Deals").waitFor();
  }

  /** What a plain GET says of a channel, in one text. */
  async function listed(channelId: string): Promise<string> {
    const answer = await raw.call("GET", `actions/watch?channel_id=${channelId}`);
    return answer.status === 204 ? "[]" : JSON.stringify(itemsOf(answer, "watch"));
  }

  async function own(): Promise<{ channelId: string; items: readonly unknown[] }> {
    const items = itemsOf(await raw.call("GET", "actions/watch"), "watch");
    const mine = items.filter(item => at(item, "channel_id") !== theirs);
    return { channelId: String(at(mine[0], "channel_id")), items: mine };
  }

  async function send(): Promise<string> {
    await editor.quickInput.pick("Review and Send…");
    const asked = await editor.dialogText();
    await editor.answerDialog("Change");
    return asked;
  }

  async function pressUntil(key: string, effect: Locator): Promise<void> {
    for (let times = 0; times < 20 && !(await effect.isVisible()); times++) {
      await editor.page.keyboard.press(key);
      await effect.waitFor({ timeout: 500 }).catch(() => undefined);
    }
    await effect.waitFor();
  }

  it("changes events, a condition and options in one go, says what will change, and a plain GET agrees", async () => {
    const { quickInput } = editor;
    await editor.runCommand("Zoho CRM: Edit Subscription…");
    await quickInput.pick("Deals, Leads");
    await quickInput.waitFor("Edit Subscription to Deals, Leads");
    for (const theme of ["light", "dark"] as const) await editor.picture("edit-subscription", theme);
    await quickInput.pick("Leads");
    await quickInput.toggle("Create", false);
    await quickInput.accept();
    await quickInput.pick("Condition of Deals");
    await quickInput.waitFor("Condition of Deals: notify only when these fields change");
    for (const field of ["Amount", "Stage", "Probability (%)"]) await quickInput.toggle(field);
    await quickInput.accept();
    await quickInput.pick("In groups…");
    for (const field of ["Amount", "Probability"]) await quickInput.toggle(field);
    await quickInput.accept();
    await quickInput.pick("All together (and)");
    await quickInput.waitFor("What Belongs Together");
    await quickInput.accept();
    await quickInput.pick("One is enough (or)");
    await quickInput.waitFor("Edit Subscription to Deals, Leads");
    await quickInput.pick("Related records");
    const asked = await send();
    assert.match(asked, /Events of Leads: create, edit, delete → edit, delete/);
    assert.match(asked, /Condition of Deals: none → Stage or \(Amount and Probability\)/);
    assert.match(asked, /Related records: off → on/);
    await tree.expand("Deals, Leads");
    await tree.row("with a condition").waitFor();
    const { items } = await own();
    const [leads, deals] = ["Leads", "Deals"].map(module => items.find(item => at(item, "resource_name") === module));
    assert.deepEqual(
      [leads, deals].map(item => [at(item, "events"), at(item, "notify_on_related_action")]),
      [
        [["Leads.edit", "Leads.delete"], true],
        [["Deals.create", "Deals.edit", "Deals.delete"], true],
      ],
    );
    assert.deepEqual(at(deals, "notification_condition", 0, "field_selection", "group_operator"), "or");
  });

  it("is done with the keyboard alone: F2 on the row, a few letters and Enter for each line", async () => {
    const { keyboard } = editor.page;
    await editor.runCommand("Zoho CRM: Focus on Subscriptions View");
    const focused = tree.element.locator(".focused");
    await pressUntil("Home", focused.filter({ hasText: "Harbourline Homes" }));
    await pressUntil("ArrowDown", focused.filter({ hasText: "Deals, Leads" }));
    await keyboard.press("Enter");
    await pressUntil("F2", editor.quickInput.box.filter({ hasText: "Edit Subscription to Deals, Leads" }));
    await keyboard.type("Related");
    await keyboard.press("Enter");
    await editor.quickInput.box.filter({ hasText: "1 change" }).waitFor();
    await keyboard.type("Review");
    await keyboard.press("Enter");
    await editor.dialog.waitFor();
    await keyboard.press("Enter");
    await editor.dialog.waitFor({ state: "hidden" });
    await waitFor(async () => at((await own()).items[0], "notify_on_related_action") === false);
  });

  it("removes a module, and shows what went over the wire, without the token", async () => {
    await tree.expand("Deals, Leads");
    await tree.chooseFromMenu(/^Leads\s*edit, delete/, "Remove Module…");
    assert.match(await editor.dialogText(), /Events of Leads: edit, delete → none/);
    await editor.answerDialog("Change");
    await tree.row("Leads").waitFor({ state: "detached" });
    const { channelId, items } = await own();
    assert.deepEqual(
      items.map(item => at(item, "resource_name")),
      ["Deals"],
    );
    await tree.chooseFromMenu("Deals", "Copy Last Request as cURL");
    await editor.statusBarItem("Copied").waitFor();
    const command = await editor.clipboard();
    assert.match(command, /^curl --request PATCH .*_delete_events/s);
    assert.ok(!command.includes(String(at(items[0], "token"))));
    await tree.chooseFromMenu("Deals", "Show Last Request and Answer");
    await editor.page.getByRole("tab", { name: `channel-${channelId}.http` }).waitFor();
  });

  it("subscribes with options that are skipped unless they are asked for", async () => {
    const { quickInput } = editor;
    await editor.runCommand("Zoho CRM: New Subscription…");
    await quickInput.toggle("Tasks");
    await quickInput.accept();
    await quickInput.waitFor("New Subscription (2/4)");
    await quickInput.accept();
    await quickInput.waitFor("New Subscription (3/4)");
    await quickInput.accept();
    await quickInput.waitFor(/when related records change \(Zoho's default/);
    await quickInput.pick("Options…");
    await quickInput.waitFor("New Subscription: Options");
    await quickInput.pick("Related records");
    await quickInput.waitFor("Notify only when the records themselves change");
    await quickInput.finish("Subscribe");
    await tree.row("Tasks").waitFor();
    const made = (await own()).items.find(item => at(item, "resource_name") === "Tasks");
    assert.equal(at(made, "notify_on_related_action"), false);
    assert.equal(at(made, "notify_url"), await ownAddress());
    await crm.unsubscribe(String(at(made, "channel_id")));
  });

  it("borrows somebody's subscription for an hour, shows until when, and gives it back as it was", async () => {
    await crm.subscribe(theirs, ["Contacts.all"], theirAddress);
    const was = await listed(theirs);
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await borrow("One hour");
    await tree.row(/Contacts.*borrowed until \d.* · back to 127\.0\.0\.1:9/).waitFor();
    await editor.runCommand("View: Close All Editors");
    await editor.page.mouse.move(700, 300);
    for (const theme of ["light", "dark"] as const) await editor.picture("borrowed", theme);
    assert.equal(await listed(theirs), was.replaceAll(theirAddress, await ownAddress()));
    await tree.pressInline("Contacts", "Give Back");
    await tree.row(/Contacts\s*127\.0\.0\.1:9/).waitFor();
    assert.equal(await listed(theirs), was);
  });

  it("asks in a dialog what is to stay of one that was edited while it was borrowed, by whomever", async () => {
    const was = await listed(theirs);
    await borrow("One hour");
    await tree.row(/Contacts.*borrowed until/).waitFor();
    await tree.chooseFromMenu(/^Contacts.*borrowed/, "Edit Subscription…");
    await editor.quickInput.waitFor("Edit Subscription to Contacts");
    await editor.quickInput.pick("Contacts");
    await editor.quickInput.toggle("Delete", false);
    await editor.quickInput.accept();
    assert.match(await send(), /Borrowed from 127\.0\.0\.1:9/);
    await editor.statusBarItem("Changed: Contacts").waitFor();
    await tree.pressInline("Contacts", "Give Back");
    assert.match(await editor.dialogText(), /was changed while it was borrowed/);
    await editor.answerDialog("Put Everything Back");
    await tree.row(/Contacts\s*127\.0\.0\.1:9/).waitFor();
    assert.equal(await listed(theirs), was);
  });

  it("says of an empty list why it is empty, and offers to borrow", async () => {
    await tree.chooseFromMenu("Contacts", "Show Events");
    await editor.pressInNotification(/it sends to 127\.0\.0\.1:9/, "Borrow Subscription…");
    await editor.quickInput.waitFor("Borrow Subscription to Contacts from 127.0.0.1:9");
    await editor.quickInput.cancel();
  });

  it("keeps an edit of a subscription that was deleted meanwhile, as a new one", async () => {
    await crm.subscribe("9007199254740995005", ["Calls.all"], theirAddress);
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await tree.chooseFromMenu("Calls", "Edit Subscription…");
    await editor.quickInput.waitFor("Edit Subscription to Calls");
    await editor.quickInput.pick("Calls");
    await editor.quickInput.toggle("Delete", false);
    await editor.quickInput.accept();
    await crm.unsubscribe("9007199254740995005");
    await send();
    assert.match(await editor.dialogText(), /The subscription to Calls is gone\. Create a new one/);
    await editor.answerDialog("Create");
    await tree.row("Calls").waitFor();
    const module = tree.row(/^Calls\s*create, edit/);
    // The row of the one that is gone may be expanded, and then make room for that of the new one.
    for (let tries = 0; tries < 10 && !(await module.isVisible()); tries++) {
      await tree.expand("Calls");
      await module.waitFor({ timeout: 2_000 }).catch(() => undefined);
    }
    await module.waitFor();
    const made = itemsOf(await raw.call("GET", "actions/watch"), "watch").find(
      item => at(item, "resource_name") === "Calls",
    );
    assert.equal(at(made, "notify_url"), theirAddress);
    await crm.unsubscribe(String(at(made, "channel_id")));
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await tree.row("Calls").waitFor({ state: "detached" });
  });

  it("gives back at the next start what a killed editor had borrowed", async () => {
    const was = await listed(theirs);
    await borrow("Until I give it back");
    await tree.row(/Contacts.*borrowed · back to/).waitFor();
    assert.notEqual(await listed(theirs), was);
    // The group that this test started, all at once: nothing of it hears that it ends.
    process.kill(-vscode.pid, "SIGKILL");
    await bench.stopVscode();
    await start();
    await waitFor(async () => (await listed(theirs)) === was);
    await tree.row(/Contacts\s*127\.0\.0\.1:9/).waitFor();
  });

  async function ownAddress(): Promise<string> {
    return String(at((await own()).items[0], "notify_url"));
  }

  async function borrow(duration: string): Promise<void> {
    await tree.chooseFromMenu("Contacts", "Borrow Subscription…");
    await editor.quickInput.pick(duration);
    assert.match(await editor.dialogText(), /127\.0\.0\.1:9 gets no events.*/);
    await editor.answerDialog("Borrow");
  }

  async function waitFor(holds: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + restoreMs;
    while (!(await holds())) {
      assert.ok(performance.now() < deadline, "it did not happen in time");
      await wait(200);
    }
  }
});
