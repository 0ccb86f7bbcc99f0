import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import * as v from "valibot";
import { freePort } from "../support/freePort.ts";
import { RawZoho } from "../support/rawZoho.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";
import { patienceMs } from "./support/patience.ts";

const bookingsSchema = v.array(v.object({ id: v.string(), dealId: v.string(), start: v.string() }));

/** An agency's developer writes what books a site visit when a deal comes to that stage. */
describe("the story of a site visit, from the sandbox to a handler's calendar", () => {
  let bench: EditorBench;
  let editor: Editor;
  let crm: RawZoho;
  let port: number;

  const path = (...names: string[]): string => join(bench.workspace, "zoho-handler", ...names);
  const bookings = (): v.InferOutput<typeof bookingsSchema> =>
    existsSync(path("data", "calendar.json"))
      ? v.parse(bookingsSchema, JSON.parse(readFileSync(path("data", "calendar.json"), "utf8")))
      : [];

  before(async () => {
    bench = await EditorBench.create({ viewport: { width: 1440, height: 900 } });
    const [sandbox, relay] = await Promise.all([bench.startServer("sandbox"), bench.startServer("relay")]);
    crm = await RawZoho.signIn(sandbox.url);
    port = await freePort();
    await bench.startVscode({
      "zohoCrm.sandbox.url": sandbox.url,
      "zohoCrm.relay.url": relay.url,
      // The Node of the tests, which runs TypeScript, whatever the machine has on its path.
      "debug.javascript.defaultRuntimeExecutable": { "pwa-node": process.execPath },
    });
    editor = await bench.open();
    await editor.showViewContainer("Zoho CRM");
    await editor.runCommand("Zoho CRM: Add Connection…");
    await editor.quickInput.pick("Local sandbox");
    await editor.tree("Subscriptions").row("Harbourline Homes").waitFor();
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  async function moveDeal(id: string, Stage: string): Promise<void> {
    const { status } = await crm.call("PUT", `Deals/${id}`, { data: [{ Stage }] });
    assert.equal(status, 200);
  }

  /** Resolves when something answers on the handler's port, or nothing any more. */
  async function whenRunning(wanted: boolean): Promise<void> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const runs = await fetch(`http://127.0.0.1:${port}/`).then(
        () => true,
        () => false,
      );
      if (runs === wanted) return;
      assert.ok(performance.now() < deadline, `the handler ${wanted ? "does not start" : "does not end"}`);
      await editor.page.waitForTimeout(100);
    }
  }

  it("makes a handler of the sample, and subscribes to what it needs", async () => {
    const { quickInput } = editor;
    await editor.runCommand("Zoho CRM: New Handler…");
    await quickInput.waitFor("New Handler (1/6)");
    await quickInput.toggle("Deals");
    await quickInput.accept();
    await quickInput.waitFor("New Handler (2/6)");
    await quickInput.pick("Site visits");
    await quickInput.pick("TypeScript");
    await quickInput.waitFor("New Handler (4/6)");
    await quickInput.type("80");
    await quickInput.accept();
    await quickInput.waitFor(/a port from 1024 to 65535/);
    await quickInput.type(String(port));
    await quickInput.accept();
    await quickInput.waitFor("New Handler (5/6)");
    await quickInput.accept();
    await quickInput.pick("Subscribe to Deals");
    await editor.page.locator(".part.editor").getByRole("tab", { name: "handler.ts" }).waitFor();
    await editor.tree("Subscriptions").row("Deals").waitFor();
    assert.match(readFileSync(path("zoho-crm-events.d.ts"), "utf8"), /"Site Visit Scheduled"/);
    assert.match(readFileSync(path(".env"), "utf8"), /^ZOHO_CHANNEL_TOKEN_\d+=\S{32}$/m);
    assert.match(readFileSync(path(".gitignore"), "utf8"), /^\.env$/m);
    const launch = readFileSync(join(bench.workspace, ".vscode", "launch.json"), "utf8");
    assert.match(launch, /"type": "zohoCrmHandler"/);
  });

  it("starts it in the debugger, and forwards a deal's move to it", async () => {
    await editor.pressInNotification("The handler is ready", "Start and Forward");
    await whenRunning(true);
    const deal = await crm.create("Deals", { Deal_Name: "Quayside 4", Stage: "Qualification" });
    await moveDeal(deal, "Site Visit Scheduled");
    const inspector = new InspectorPage(await editor.openInspector());
    await inspector.events(2);
    await inspector.rows.nth(1).locator(".cell.handler").getByText("200").waitFor();
    assert.deepEqual(
      bookings().map(({ dealId }) => dealId),
      [deal],
    );
  });
});
