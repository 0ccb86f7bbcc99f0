import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { watch } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Locator } from "playwright-core";
import { after, afterEach, before, describe, it } from "node:test";
import { SandboxUser } from "../support/sandboxUser.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";
import { patienceMs } from "./support/patience.ts";

describe("the detail of an event", () => {
  let bench: EditorBench;
  let editor: Editor;
  let inspector: InspectorPage;
  let crm: SandboxUser;
  let lead: string;
  let ingestUrl: string;

  before(async () => {
    bench = await EditorBench.create({ viewport: { width: 1440, height: 900 } });
    const [sandbox, relay] = await Promise.all([
      bench.startServer("sandbox"),
      bench.startServer("relay", { args: ["--max-body-kib", "10240"] }),
    ]);
    crm = await SandboxUser.connect(sandbox.url);
    await bench.startVscode({
      "zohoCrm.sandbox.url": sandbox.url,
      "zohoCrm.relay.url": relay.url,
      "zohoCrm.trySandboxOnStartup": true,
    });
    editor = await bench.open();
    await editor.tree("Subscriptions").row("Deals, Leads").waitFor();
    inspector = new InspectorPage(await editor.openInspector());
    ingestUrl = (await crm.channels())[0]?.notifyUrl ?? "";
    lead = await crm.createLead("Holm");
    await crm.updateLead(lead, { Phone: "555-0100" });
    await crm.updateLead(lead, { Phone: "555-0200", City: "Pune" });
    await inspector.events(3);
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  it("says in a sentence what happened, and leads to the subscription that caused it", async () => {
    await inspector.rows.filter({ hasText: "City" }).click();
    await inspector.detail.getByText(`Lead ${lead} was edited: Phone and City changed.`).waitFor();
    await inspector.detail.getByRole("button", { name: /Leads.* · / }).click();
    const selected = editor.page.locator(".monaco-list-row.selected[aria-label*='Deals, Leads']");
    await selected.waitFor();
  });

  it("has its other actions in a menu that keys open, go through and close", async () => {
    const more = inspector.detail.getByRole("button", { name: "More actions" });
    const focused = (name: string): Locator => inspector.frame.locator("[role=menuitem]:focus", { hasText: name });
    await more.press("ArrowUp");
    await focused("Save as Fixture…").waitFor();
    await editor.page.keyboard.press("c");
    await focused("Compare with Previous").waitFor();
    await editor.page.keyboard.press("End");
    await editor.page.keyboard.press("ArrowDown");
    await focused("Compare with Previous").waitFor();
    await editor.page.keyboard.press("Escape");
    await inspector.detail.locator("button[aria-haspopup=menu][aria-expanded=false]:focus").waitFor();
    await more.click();
    await focused("Compare with Previous").waitFor();
    await more.click();
    await inspector.frame.getByRole("menu").waitFor({ state: "detached" });
  });

  it("shows each field before and after, with the way to the event that told the value before", async () => {
    await inspector.showTab("Changes");
    const phone = inspector.detail.getByRole("row").filter({ hasText: "Phone" });
    assert.match(await phone.innerText(), /"555-0100"[\s\S]*event of [\s\S]*"555-0200"/);
    await inspector.detail.getByRole("row").filter({ hasText: "City" }).getByText("not known").waitFor();
    await phone.getByRole("button", { name: /^event of/ }).click();
    await inspector.detail.getByRole("row").filter({ hasText: '"555-0100"' }).waitFor();
  });

  it("fetches the record when asked, and marks what is different now", async () => {
    await inspector.detail.getByRole("button", { name: /^Fetch Record/ }).click();
    const line = inspector.detail.getByRole("treeitem").filter({ hasText: "Phone" });
    await line.getByText("differs from the event").waitFor();
    assert.match(await line.innerText(), /555-0200/);
    await inspector.detail.getByText("changed since").waitFor();
    for (const theme of ["light", "dark", "high-contrast"] as const) await editor.picture("changes", theme);
  });

  it("finds text in tree and raw by the keyboard, and says how often it is there", async () => {
    await inspector.showTab("Tree");
    await inspector.detail.getByRole("tree").focus();
    await editor.page.keyboard.press("Control+f");
    await editor.page.keyboard.type("555-0100");
    await inspector.detail.getByRole("status").getByText("1 of 1").waitFor();
    await editor.page.keyboard.press("Escape");
    await inspector.detail.locator('[role=treeitem].active:has-text("555-0100")').waitFor();
    await editor.page.keyboard.press("Control+Shift+C");
    await editor.page.keyboard.press("ArrowUp");
    await inspector.detail.locator('[role=treeitem].active:not(:has-text("555-0100"))').waitFor();
  });

  it("loads a body of megabytes when asked, and finds what is at its end", async () => {
    const rows = Array.from({ length: 20_000 }, (_each, index) => ({
      id: `675683900000${index}`,
      text: "x".repeat(200),
    }));
    const body = JSON.stringify({ rows, last: "the very end" });
    await fetch(ingestUrl, { method: "POST", body, headers: { "content-type": "application/json" } });
    await inspector.rows.filter({ hasText: "POST" }).first().click();
    await inspector.showTab("Raw");
    await inspector.detail.getByRole("button", { name: /^Load All/ }).click();
    await inspector.detail.getByRole("button", { name: /^Load All/ }).waitFor({ state: "detached" });
    await inspector.detail.getByRole("group", { name: "Body as sent" }).press("Control+f");
    await editor.page.keyboard.type("the very end");
    await inspector.detail.getByRole("status").getByText("1 of 1").waitFor();
    await inspector.detail.locator("mark.current").first().waitFor();
    await inspector.showTab("Tree");
    await inspector.detail.locator('[role=treeitem].active:has-text("the very end")').waitFor();
    await editor.page.keyboard.press("Escape");
  });

  it("begins a search at the place in view, and goes on from there as more is typed", async () => {
    const body = JSON.stringify({ rows: Array.from({ length: 900 }, (_each, index) => `needle ${index}`) }, null, 1);
    await fetch(`${ingestUrl}/needles`, { method: "POST", body, headers: { "content-type": "application/json" } });
    await inspector.rows.filter({ hasText: "needles" }).click();
    await inspector.showTab("Raw");
    const raw = inspector.detail.getByRole("group", { name: "Body as sent" });
    await raw.press("End");
    await raw.getByText("needle 899").waitFor();
    await editor.page.keyboard.press("Control+f");
    await editor.page.keyboard.type("needle");
    const status = inspector.detail.getByRole("status");
    await status.getByText(/^8\d\d of 900$/).waitFor();
    await editor.page.keyboard.type(" 89");
    await status.getByText(/^(?:[2-9]|1[01]) of 11$/).waitFor();
    await editor.page.keyboard.press("Control+a");
    await editor.page.keyboard.type("needle 8");
    await status.getByText(/^1\d\d of 111$/).waitFor();
    await inspector.showTab("Tree");
    await status.getByText(/^1\d\d of 111$/).waitFor();
    await inspector.detail.locator("[role=treeitem].active:has-text('needle 8')").waitFor();
    await editor.page.keyboard.press("Escape");
    await inspector.detail.getByRole("tree").press("Home");
    await editor.page.keyboard.press("Control+f");
    await status.getByText("1 of 111").waitFor();
    await editor.page.keyboard.press("Escape");
  });

  it("shows a workflow webhook in its own form", async () => {
    const form = new URLSearchParams({
      module: "Deals",
      Deal_Id: "6756839000000575405",
      Stage: "Site Visit Scheduled",
    });
    const headers = { "user-agent": "" };
    await fetch(`${ingestUrl}/hook?source=rule`, { method: "POST", body: form, headers });
    await inspector.rows.filter({ hasText: "/hook" }).click();
    await inspector.showTab("Summary");
    const table = inspector.detail.getByRole("table");
    await table.getByRole("row").filter({ hasText: "Site Visit Scheduled" }).waitFor();
    await inspector.detail.getByText("6756839000000575405").first().waitFor();
    await editor.picture("webhook", "dark");
  });

  it("shows what a compressed body says, beside its bytes as they were sent", async () => {
    const body = gzipSync(JSON.stringify({ deal: "Zürich" }));
    const headers = { "content-encoding": "gzip", "content-type": "application/json" };
    await fetch(`${ingestUrl}/packed`, { method: "POST", body, headers });
    await inspector.rows.filter({ hasText: "/packed" }).click();
    await inspector.showTab("Raw");
    const raw = inspector.detail.getByRole("tabpanel");
    await raw.getByText("Zürich").waitFor();
    const choice = raw.getByRole("group", { name: "Body" });
    await choice.getByRole("button", { name: "As sent" }).press("Enter");
    await raw.getByText("1f 8b 08").waitFor();
    await choice.getByRole("button", { name: "Text" }).press("Enter");
    await raw.getByText("Zürich").waitFor();
  });

  it("saves an uploaded file with the bytes that were sent", async () => {
    const bytes = Uint8Array.of(0x25, 0x50, 0x44, 0x46, 0x00, 0xff, 0x0a, 0x0d);
    const form = new FormData();
    form.set("deal", "675683");
    form.set("contract", new File([bytes], "../contract.pdf", { type: "application/pdf" }));
    await fetch(`${ingestUrl}/upload`, { method: "POST", body: form });
    await inspector.rows.filter({ hasText: "/upload" }).click();
    await inspector.showTab("Summary");
    const contract = inspector.detail.getByRole("row").filter({ hasText: "file ../contract.pdf" });
    await contract.getByRole("button", { name: "Save…" }).press("Enter");
    await editor.quickInput.waitFor("Save Value");
    const target = join(bench.workspace, "saved.pdf");
    const changes = watch(bench.workspace, { signal: AbortSignal.timeout(patienceMs) });
    await editor.quickInput.type(target);
    await editor.page.keyboard.press("Enter");
    for await (const { filename } of changes)
      if (filename === "saved.pdf" && readFileSync(target).equals(bytes)) return;
  });
});
