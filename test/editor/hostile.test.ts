import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { Locator } from "playwright-core";
import { type HostilePayload, hackedName, hostilePayloads } from "../support/hostilePayloads.ts";
import { SandboxUser } from "../support/sandboxUser.ts";
import { CspWatch } from "./support/cspWatch.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";

describe("hostile payloads, through the relay into a real window", () => {
  let bench: EditorBench;
  let editor: Editor;
  let inspector: InspectorPage;
  let watch: CspWatch;
  let ingestUrl: string;

  before(async () => {
    bench = await EditorBench.create({ viewport: { width: 1440, height: 900 } });
    const [sandbox, relay] = await Promise.all([
      bench.startServer("sandbox"),
      bench.startServer("relay", { args: ["--max-body-kib", "20480"] }),
    ]);
    const crm = await SandboxUser.connect(sandbox.url);
    await bench.startVscode({ "zohoCrm.sandbox.url": sandbox.url, "zohoCrm.relay.url": relay.url });
    editor = await bench.open();
    await editor.runCommand("Zoho CRM: Try the Local Sandbox");
    await editor.tree("Subscriptions").row("Deals, Leads").waitFor();
    const [channel] = await crm.channels();
    assert.ok(channel);
    ingestUrl = channel.notifyUrl;
    const frame = await editor.inspector();
    watch = await CspWatch.on(frame);
    inspector = new InspectorPage(frame);
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  for (const payload of hostilePayloads) {
    it(`show ${payload.name} as text, in the list and in every tab`, async () => {
      const row = await send(payload);
      await inspector.frame.getByRole("grid").press("End");
      await inspector.detail.getByRole("tab").first().waitFor();
      const seen = [await row.innerText()];
      for (const tab of await inspector.detail.getByRole("tab").all()) {
        await tab.click();
        await inspector.detail.getByRole("tabpanel").waitFor();
        seen.push(await inspector.detail.innerText());
      }
      assert.ok(
        seen.some(text => text.includes(payload.shows)),
        `nothing shows ${payload.shows}:\n${seen.join("\n---\n").slice(0, 4_000)}`,
      );
      await assertHarmless();
      await inspector.frame.getByRole("grid").press("Escape");
      await inspector.detail.waitFor({ state: "hidden" });
    });
  }

  it("are not counted by a watch that sees nothing: it sees what is forbidden", async () => {
    assert.deepEqual(await watch.violations(), []);
    await watch.provoke();
    assert.deepEqual(await watch.violations(), ["img-src https://forbidden.invalid/x.png"]);
  });

  async function send({ body, contentType = "application/json", headers = {} }: HostilePayload): Promise<Locator> {
    const before = await rowCount();
    const answer = await fetch(ingestUrl, {
      method: "POST",
      body,
      headers: { "content-type": contentType, ...headers },
    });
    assert.equal(answer.status, 200);
    const row = inspector.frame.locator(`.canvas [role=row][aria-rowindex="${before + 1}"]`);
    await row.waitFor();
    return row;
  }

  /** With the heading. */
  async function rowCount(): Promise<number> {
    return Number(await inspector.frame.getByRole("grid").getAttribute("aria-rowcount"));
  }

  async function assertHarmless(): Promise<void> {
    for (const frame of editor.page.frames()) {
      assert.equal(await frame.evaluate(`typeof globalThis.${hackedName}`), "undefined");
      assert.equal(await frame.evaluate("({}).polluted"), undefined);
    }
    assert.equal(
      await inspector.frame.locator("#inspector :is(script, img, iframe, a[href^='javascript'], style)").count(),
      0,
    );
    assert.deepEqual(await watch.violations(), []);
    assert.deepEqual(
      editor.consoleLines.filter(line => /Content Security Policy.*default-src 'none'/.test(line)),
      [],
    );
  }
});
