import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import type { Locator } from "playwright-core";
import { runToExit } from "../support/childServer.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";

/** What a person may need from the install to the first event, in milliseconds. */
const patience = 30_000;

describe("the first hour, from the install on", () => {
  let bench: EditorBench;
  let editor: Editor;

  before(async () => {
    bench = await EditorBench.create({ viewport: { width: 1440, height: 900 } });
    await bench.startVscode();
    editor = await bench.open();
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  const inWalkthrough = (): Locator => editor.page.locator(".gettingStartedContainer");
  const step = (title: string): Locator => inWalkthrough().locator("button.getting-started-step", { hasText: title });
  const isDone = async (title: string): Promise<void> =>
    step(title).locator(".codicon-getting-started-step-checked.complete").waitFor();

  it("begins with a walkthrough whose pictures follow the theme", async () => {
    await editor.runCommand("Zoho CRM: Get Started");
    await step("Try the local sandbox").waitFor();
    await editor.webview("svg");
    for (const theme of ["light", "dark", "high-contrast"] as const) await editor.picture("walkthrough", theme);
    await editor.switchTheme("light");
  });

  it("comes to the first event with three clicks in thirty seconds", async () => {
    const began = performance.now();
    await inWalkthrough().getByRole("button", { name: "Try the Local Sandbox", exact: true }).click();
    await isDone("Try the local sandbox");
    await step("See an event").click();
    await inWalkthrough().getByRole("button", { name: "Change Sandbox Records for Me", exact: true }).click();
    const inspector = new InspectorPage(await editor.inspector());
    const [first] = await inspector.events(1);
    const took = performance.now() - began;
    assert.equal(first?.status, "Verified");
    assert.ok(took < patience, `${Math.round(took)} ms`);
    await isDone("See an event");
    await editor.picture("first-event", "light");
    await editor.picture("first-event", "dark");
  });

  it("shows settings in categories", async () => {
    await editor.runCommand("Zoho CRM: Open Settings");
    const settings = editor.page.locator(".settings-editor");
    await settings.getByText("Relay and Public Address").first().waitFor();
    await editor.picture("settings", "light");
    await editor.page.keyboard.press("Escape");
    await settings.waitFor({ state: "hidden" });
  });

  it("helps with the log and the report of Diagnose", async () => {
    await editor.runCommand("Zoho CRM: Get Help");
    await editor.page
      .locator(".part.editor")
      .getByRole("tab", { name: /^Diagnose/ })
      .waitFor();
    await editor.panelTab("Output").waitFor();
  });

  it("leaves nothing behind when it is uninstalled", async () => {
    const serverUrl = (name: string): string =>
      /"url":"([^"]+)"/.exec(readFileSync(join(bench.extensionData, name, "server.json"), "utf8"))?.[1] ?? "";
    const urls = [serverUrl("relay"), serverUrl("sandbox")];
    for (const url of urls) assert.equal((await fetch(`${url}/healthz`)).status, 200);
    // VS Code runs this when it starts the next time.
    await bench.stopVscode();
    const { code, stdout } = await runToExit(join(bench.installedExtension, "dist", "uninstall.js"), []);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /ended: relay, sandbox\./);
    assert.ok(!existsSync(bench.extensionData));
    for (const url of urls) await assert.rejects(fetch(`${url}/healthz`));
  });
});
