import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import type { Locator } from "playwright-core";
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
  let inspector: InspectorPage;
  let second: string;

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
      // One try, so that a failure stands until the test goes on.
      "zohoCrm.forward.tries": 1,
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

  /** The row of the event that tells of a deal's move. */
  function moved(deal: string): Locator {
    return inspector.rows.filter({ hasText: deal }).filter({ hasText: "Edited" });
  }

  async function restartWith(code: string): Promise<void> {
    await editor.runCommand("Debug: Stop");
    await whenRunning(false);
    writeFileSync(path("handler.ts"), code);
    await editor.runCommand("Debug: Start Debugging");
    await whenRunning(true);
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

  it("starts it in the debugger, and forwards a deal's move to it: 200, and how long it took", async () => {
    await editor.pressInNotification("The handler is ready", "Start and Forward");
    await whenRunning(true);
    inspector = new InspectorPage(await editor.openInspector());
    const deal = await crm.create("Deals", { Deal_Name: "Quayside 4", Stage: "Qualification" });
    await moveDeal(deal, "Site Visit Scheduled");
    const row = moved(deal);
    await row.locator(".cell.handler").getByText("200").waitFor();
    assert.match(await row.locator(".cell.latency").innerText(), /\d/);
    assert.deepEqual(
      bookings().map(({ dealId }) => dealId),
      [deal],
    );
  });

  it("shows 500 while the handler is broken, with what it said", async () => {
    const good = readFileSync(path("handler.ts"), "utf8");
    // After the booking, where it hurts: the visit is booked, and the event counts as not handled.
    const broken = good.replace("  console.log(", '  throw new Error("The calendar is full.");\n  console.log(');
    await restartWith(broken);
    second = await crm.create("Deals", { Deal_Name: "Harbour View 12", Stage: "Qualification" });
    await moveDeal(second, "Site Visit Scheduled");
    const row = moved(second);
    await row.locator(".cell.handler").getByText("500").waitFor();
    await row.click();
    await inspector.showTab("Handler");
    await inspector.detail.getByText("The calendar is full.").first().waitFor();
    await restartWith(good);
  });

  it("sends the event again once the code is mended: 200, and one booking, not two", async () => {
    await moved(second).click();
    await editor.runCommand("Zoho CRM: Send to Handler");
    await moved(second).locator(".cell.handler").getByText("200").waitFor();
    assert.equal(bookings().filter(({ dealId }) => dealId === second).length, 1);
    assert.equal(new Set(bookings().map(({ start }) => start)).size, 2);
    await editor.runCommand("Zoho CRM: Send to Handler");
    const answer = inspector.detail.getByText("0 handled, 1 had been handled before.").first();
    await answer.waitFor({ state: "attached" });
    assert.equal(bookings().length, 2);
    await editor.dismissNotifications();
    for (const theme of ["light", "dark"] as const) await editor.picture("handler", theme);
  });

  it("forwards no longer when the session has ended", async () => {
    await editor.runCommand("Debug: Stop");
    await whenRunning(false);
    await editor.page.locator(".debug-toolbar").waitFor({ state: "hidden" });
    const deal = await crm.create("Deals", { Deal_Name: "Too late", Stage: "Qualification" });
    const row = inspector.rows.filter({ hasText: deal });
    await row.waitFor();
    assert.equal((await row.locator(".cell.handler").innerText()).trim(), "");
  });
});
