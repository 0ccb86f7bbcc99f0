import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { SandboxUser } from "../support/sandboxUser.ts";
import type { LocalServer } from "../workbench/localServer.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { freePort } from "../support/freePort.ts";
import { InspectorPage } from "./support/inspectorPage.ts";
import type { TreeView } from "./support/treeView.ts";

const client = { client_id: "1000.EDITORTEST", client_secret: "the-secret-of-the-test" };

describe("when something is wrong, one sentence with a remedy stands where the person is looking", () => {
  let bench: EditorBench;
  let editor: Editor;
  let tree: TreeView;
  let crm: SandboxUser;
  let sandbox: LocalServer;
  let relay: LocalServer;

  before(async () => {
    bench = await EditorBench.create();
    [sandbox, relay] = await Promise.all([bench.startServer("sandbox"), bench.startServer("relay")]);
    crm = await SandboxUser.connect(sandbox.url);
    const redirectPort = await freePort();
    await crm.control("clients", { ...client, redirect_uris: [`http://localhost:${redirectPort}/callback`] });
    await bench.startVscode({
      "zohoCrm.sandbox.url": sandbox.url,
      "zohoCrm.relay.url": relay.url,
      "zohoCrm.signIn.redirectPort": redirectPort,
      "zohoCrm.trySandboxOnStartup": true,
    });
    editor = await bench.open();
    tree = editor.tree("Subscriptions");
    await tree.row("Deals, Leads").waitFor();
  });
  beforeEach(async () => editor.dismissNotifications());
  afterEach(async test => {
    await bench.keepEvidence(test);
    await crm.clearFaults();
  });
  after(async () => bench.close());

  async function giveClient(way: string, secret: string): Promise<void> {
    const { quickInput } = editor;
    await editor.runCommand("Zoho CRM: Add Connection…");
    await quickInput.pick(way);
    await quickInput.pick("Another address…");
    await quickInput.waitFor(/Address of the accounts server/);
    await quickInput.type(sandbox.url);
    await quickInput.accept();
    await quickInput.waitFor(/Client ID/);
    await quickInput.type(client.client_id);
    await quickInput.accept();
    await quickInput.waitFor(/Client secret/);
    await quickInput.type(secret);
    await quickInput.accept();
  }

  async function consent(decision: "Accept" | "Deny"): Promise<void> {
    const opened = editor.page.context().waitForEvent("page");
    await giveClient("Zoho CRM, in the browser", client.client_secret);
    const page: Page = await opened;
    await page.getByRole("button", { name: decision }).click();
    await page
      .getByText(/close this/i)
      .first()
      .waitFor();
    await editor.closeOther(page);
  }

  /** Refreshes, and waits for the sentence above the tree. */
  async function refreshSays(sentence: RegExp): Promise<void> {
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await editor.sideBar.locator(".message").filter({ hasText: sentence }).waitFor();
    await tree.row("Not up to date").waitFor();
    await tree.row("Deals, Leads").waitFor();
  }

  async function refreshIsFine(): Promise<void> {
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await tree.row("Not up to date").waitFor({ state: "detached" });
    await tree.row(/Deals, Leads.*this editor/).waitFor();
  }

  it("wrong client secret", async () => {
    await giveClient("Zoho CRM, with a self-client code", "not-the-secret");
    await editor.quickInput.waitFor(/code that the API console made/);
    await editor.quickInput.type("1000.any");
    await editor.quickInput.accept();
    await editor.notification(/The client secret is not the one of this client\. Copy it again/);
    // The retry goes on at the answer that was wrong, with the others kept.
    await editor.pressInNotification("The client secret is not the one of this client", "Sign In Again");
    await editor.quickInput.waitFor(/\(4\/5\)[^]*Client secret/);
    await editor.quickInput.cancel();
  });

  it("denied consent ends the wait", async () => {
    await consent("Deny");
    await editor.notification(/declined on Zoho's consent page\. Sign in again/);
  });

  it("a consent page that was closed opens again, and adding a connection anew ends the wait for it", async () => {
    const opened = editor.page.context().waitForEvent("page");
    await giveClient("Zoho CRM, in the browser", client.client_secret);
    await editor.closeOther(await opened);
    const reopened = editor.page.context().waitForEvent("page");
    const waiting = await editor.notification(/Waiting for your consent/);
    await waiting.getByText("Open Page Again").click();
    await editor.closeOther(await reopened);
    await editor.runCommand("Zoho CRM: Add Connection…");
    await editor.quickInput.waitFor("Add Connection");
    await waiting.waitFor({ state: "detached" });
    await editor.quickInput.cancel();
  });

  it("and accepted consent connects", async () => {
    await consent("Accept");
    await tree.row("Harbourline Homes").waitFor();
    await refreshIsFine();
  });

  for (const [status, sentence] of [
    [404, /does not offer this part of Zoho CRM's API\. Check/],
    [429, /takes no more requests for now\. Try again/],
    [500, /Zoho .*Try again|try again/],
  ] as const) {
    it(`the API answers ${status}`, async () => {
      await crm.control("faults", { kind: "status", status, path: "/crm/", times: 20 });
      await refreshSays(sentence);
      await crm.clearFaults();
      await refreshIsFine();
    });
  }

  it("an access token that is refused is replaced without a word", async () => {
    await crm.control("faults", { kind: "status", status: 401, path: "/crm/", times: 1 });
    await refreshIsFine();
  });

  it("an unreadable answer", async () => {
    await crm.control("faults", { kind: "garbage", path: "/crm/", times: 20 });
    await refreshSays(/The answer \(HTTP 200\) is not one that Zoho CRM gives\. Check/);
    await crm.clearFaults();
    await refreshIsFine();
  });

  it("an unreadable body of an event, whose bytes are still there", async () => {
    const [channel] = await crm.channels();
    const body = '{"server_time":1750102639787,"ids":["1"],"operation":"insert","channel_id":';
    await fetch(channel?.notifyUrl ?? "", { method: "POST", body });
    const inspector = new InspectorPage(await editor.openInspector());
    await inspector.rows.filter({ hasText: "Unreadable" }).first().click();
    await inspector.showTab("Raw");
    await inspector.detail.getByText('"server_time":1750102639787').first().waitFor();
  });

  it("relay down, and events come in again once it is back", async () => {
    await relay.close();
    await editor.statusBarItem(/Zoho CRM: Reconnecting/).waitFor();
    const inspector = new InspectorPage(await editor.inspector());
    await inspector.frame
      .getByText(/The relay at .* does not answer|The connection to the relay/)
      .first()
      .waitFor();
    relay = await bench.startServer("relay", { port: Number(new URL(relay.url).port) });
    await editor.runCommand("Zoho CRM: Reconnect to the Relay");
    await editor.statusBarItem("Zoho CRM: Live").waitFor();
    await crm.createLead("After");
    await inspector.rows.filter({ hasText: "Created" }).first().waitFor();
  });

  it("sandbox down, and its subscriptions are there again once it is back", async () => {
    await sandbox.close();
    await refreshSays(/Nothing is listening at .*\. Check/);
    sandbox = await bench.startServer("sandbox", { port: Number(new URL(sandbox.url).port) });
    await refreshIsFine();
  });

  it("revoked refresh token", async () => {
    await crm.control("revoke-tokens");
    await refreshSays(/no longer accepts this sign-in\. Sign in again/);
  });
});
