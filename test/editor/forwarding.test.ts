import assert from "node:assert/strict";
import { type Server, createServer } from "node:http";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { SandboxUser } from "../support/sandboxUser.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";

/** A handler under development: it takes the records that it knows what to do with. */
class Handler {
  readonly bodies: string[] = [];
  readonly #server: Server;
  status = 200;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        this.bodies.push(Buffer.concat(chunks).toString());
        response.writeHead(this.status).end(this.status === 200 ? "booked" : "no such stage");
      });
    });
  }

  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    return typeof address === "object" ? (address?.port ?? 0) : 0;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

describe("forwarding to a handler", () => {
  const handler = new Handler();
  let bench: EditorBench;
  let editor: Editor;
  let inspector: InspectorPage;
  let crm: SandboxUser;
  let port: number;

  before(async () => {
    port = await handler.listen();
    bench = await EditorBench.create();
    const [sandbox, relay] = await Promise.all([bench.startServer("sandbox"), bench.startServer("relay")]);
    crm = await SandboxUser.connect(sandbox.url);
    await bench.startVscode({
      "zohoCrm.sandbox.url": sandbox.url,
      "zohoCrm.relay.url": relay.url,
      "zohoCrm.trySandboxOnStartup": true,
    });
    editor = await bench.open();
    await editor.tree("Subscriptions").row("Deals, Leads").waitFor();
    inspector = new InspectorPage(await editor.openInspector());
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => {
    await bench.close();
    handler.close();
  });

  it("is set up in steps, with what is wrong said as one types", async () => {
    await editor.runCommand("Zoho CRM: Forward Events…");
    await editor.quickInput.waitFor(/Forward Events/);
    assert.ok((await editor.quickInput.choices()).includes("Leads"));
    await editor.quickInput.pick("All events");
    await editor.quickInput.pick("Another address…");
    await editor.quickInput.type("http://192.0.2.7/hook");
    await editor.quickInput.waitFor(/192\.0\.2\.7 is not this machine/);
    await editor.quickInput.type(`http://localhost:${port}/hook`);
    await editor.page.keyboard.press("Enter");
    await editor.quickInput.pick("This workspace");
    await editor.page
      .locator(".part.statusbar")
      .getByLabel(`Forwarding: http://localhost:${port}/hook`)
      .first()
      .waitFor();
    const written = readFileSync(join(bench.workspace, ".vscode", "settings.json"), "utf8");
    assert.match(written, new RegExp(`"url": "http://localhost:${port}/hook"`));
  });

  it("brings each event to the handler, and its answer beside the event", async () => {
    const lead = await crm.createLead("Forwarded");
    await inspector.rows.filter({ hasText: "200" }).first().waitFor();
    assert.equal(handler.bodies.length, 1);
    assert.ok(handler.bodies[0]?.includes(lead));
  });

  it("sends a failed event again when a person says so, edited where they like", async () => {
    handler.status = 422;
    await crm.createLead("Broken");
    const row = inspector.rows.filter({ hasText: "422" }).first();
    await row.waitFor();
    await row.click();
    handler.status = 200;
    await editor.runCommand("Zoho CRM: Send to Handler");
    await editor.statusBarItem(/Event \d+: 200 in/).waitFor();
    assert.equal(handler.bodies[2], handler.bodies[1]);

    await editor.runCommand("Zoho CRM: Edit and Send…");
    const text = editor.page.locator(".part.editor .view-lines");
    await text.getByText(`POST http://localhost:${port}/hook`).waitFor();
    await editor.page.locator(".part.editor .codelens-decoration a").first().waitFor();
    for (const theme of ["light", "dark"] as const) await editor.picture("edit-and-send", theme);
    await editor.page.locator(".part.editor .codelens-decoration a").first().click();
    await inspector.rows.nth(2).waitFor();
    await editor.statusBarItem(/Event 3: 200 in/).waitFor();
    assert.equal(handler.bodies[3], handler.bodies[1]);
  });

  it("holds what comes in while it is stopped, and sends it when a person says so", async () => {
    await editor.runCommand("Zoho CRM: Stop Forwarding");
    await inspector.frame.getByText("Forwarding paused").first().waitFor();
    await crm.createLead("Held");
    await inspector.rows.nth(3).waitFor();
    await inspector.frame
      .getByText(/1 event/)
      .first()
      .waitFor();
    assert.equal(handler.bodies.length, 4);
    await editor.runCommand("Zoho CRM: Send Held Events");
    await inspector.rows.filter({ hasText: "200" }).nth(3).waitFor();
    assert.equal(handler.bodies.length, 5);
  });
});
