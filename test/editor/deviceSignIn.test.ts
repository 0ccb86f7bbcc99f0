import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { deviceClient } from "../../src/sandbox/oauth/clients.ts";
import { SandboxUser } from "../support/sandboxUser.ts";
import type { LocalServer } from "../workbench/localServer.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";

const way = "Zoho CRM, with a code on another device";

describe("signing in with a code on another device, by keyboard, in an editor that runs in the browser", () => {
  let bench: EditorBench;
  let editor: Editor;
  let crm: SandboxUser;
  let sandbox: LocalServer;

  before(async () => {
    bench = await EditorBench.create();
    const [started, relay] = await Promise.all([bench.startServer("sandbox"), bench.startServer("relay")]);
    sandbox = started;
    crm = await SandboxUser.connect(sandbox.url);
    // So that what a person does shows within the interval, and not within half a minute.
    await crm.control("behaviour", { deviceSlowDown: "within-interval" });
    await bench.startVscode({ "zohoCrm.sandbox.url": sandbox.url, "zohoCrm.relay.url": relay.url });
    editor = await bench.open();
    await editor.showViewContainer("Zoho CRM");
  });
  beforeEach(async () => editor.dismissNotifications());
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  /** Goes through the questions with the keyboard alone, up to the code, and gives the code. */
  async function askForCode(): Promise<string> {
    const { quickInput } = editor;
    await editor.runCommand("Zoho CRM: Add Connection…");
    // Its title alone stands in the palette too, which is there for a moment longer.
    await quickInput.waitFor(way);
    await quickInput.accept();
    await quickInput.waitFor("Add Connection (2/4)");
    await quickInput.type("Another address");
    await quickInput.accept();
    await answer(/Address of the accounts server/, sandbox.url);
    await quickInput.waitFor("Add Connection (3/4)");
    await answer(/Client ID/, deviceClient.client_id);
    await quickInput.waitFor("Add Connection (4/4)");
    await answer(/Client secret/, deviceClient.client_secret);
    await quickInput.waitFor(/Add Connection: code [A-Z]{4}-[A-Z]{4}, [0-5]:\d\d left/);
    return /[A-Z]{4}-[A-Z]{4}/.exec(await quickInput.title())?.[0] ?? assert.fail("The title has no code");
  }

  async function answer(question: RegExp, text: string): Promise<void> {
    await editor.quickInput.waitFor(question);
    await editor.quickInput.type(text);
    await editor.quickInput.accept();
  }

  it("is what is offered first, since no browser finds its way back to this editor", async () => {
    await editor.runCommand("Zoho CRM: Add Connection…");
    // The rows of the palette go before those of the question come.
    assert.ok(await editor.quickInput.has(way));
    assert.deepEqual(await editor.quickInput.choices(), [
      way,
      "Zoho CRM, in the browser",
      "Zoho CRM, with a self-client code",
      "Zoho CRM, with client credentials",
      "Local sandbox",
    ]);
    await editor.quickInput.cancel();
  });

  it("shows the code, where to enter it, and the time that is left, which counts down", async () => {
    const code = await askForCode();
    const { quickInput } = editor;
    const before = await quickInput.title();
    await quickInput.box.getByText(`${sandbox.url}/oauth/v3/device`).waitFor();
    await quickInput.box.locator(".quick-input-title").filter({ hasNotText: before }).waitFor();
    assert.deepEqual(await quickInput.choices(), ["Copy Code and Open Page", "Copy Code", "Open Page"]);
    await editor.page.keyboard.press("ArrowDown");
    await quickInput.accept();
    await editor.page.waitForFunction(`navigator.clipboard.readText().then(text => text === ${JSON.stringify(code)})`);
    await quickInput.waitFor("Code Copied");
    // Typing the code here finds nothing, and takes nothing away.
    await quickInput.type(code);
    assert.deepEqual(await quickInput.choices(), ["Copy Code and Open Page", "Code Copied", "Open Page"]);
    await quickInput.waitFor(code);
  });

  it("ends without an error message when the person closes the box", async () => {
    await editor.quickInput.cancel();
    await editor.tree("Subscriptions").row("Harbourline Homes").waitFor({ state: "detached" });
    assert.equal(await editor.page.locator(".notifications-toasts .notification-list-item").count(), 0);
    assert.doesNotMatch(bench.extensionLog, /\[error\]/);
  });

  it("says so when the person declines, and gets a new code without asking for anything again", async () => {
    const declined = await askForCode();
    await crm.control("device-decision", { user_code: declined, decision: "deny" });
    await editor.notification(/declined on Zoho's consent page\. Sign in again/);
    await editor.quickInput.box.waitFor({ state: "hidden" });
    await editor.pressInNotification("declined on Zoho's consent page", "Get a New Code");
    await editor.quickInput.waitFor(/[A-Z]{4}-[A-Z]{4}/);
    assert.doesNotMatch(await editor.quickInput.title(), new RegExp(declined));
    await editor.quickInput.cancel();
  });

  it("connects when the person has entered and accepted the code in a browser", async () => {
    const code = await askForCode();
    const page = await editor.page.context().newPage();
    await page.goto(`${sandbox.url}/oauth/v3/device`);
    await page.getByLabel("Code that your device shows").fill(code.toLowerCase());
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Accept" }).click();
    await page.getByText("Device connected").first().waitFor();
    await editor.closeOther(page);
    await editor.tree("Subscriptions").row("Harbourline Homes").waitFor();
    await editor.quickInput.box.waitFor({ state: "hidden" });
  });
});
