import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { SandboxUser } from "../support/sandboxUser.ts";
import type { LocalServer } from "../workbench/localServer.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";

describe("an editor that starts while neither the CRM nor the relay can be reached", () => {
  let bench: EditorBench;
  let editor: Editor;
  let sandbox: LocalServer;
  let relay: LocalServer;
  let kept: string;

  before(async () => {
    bench = await EditorBench.create();
    [sandbox, relay] = await Promise.all([bench.startServer("sandbox"), bench.startServer("relay")]);
    await start(true);
    const inspector = new InspectorPage(await editor.openInspector());
    await editor.tree("Subscriptions").row("Deals, Leads").waitFor();
    kept = await (await SandboxUser.connect(sandbox.url)).createLead("Kept");
    await inspector.events(1);
    await bench.stopVscode();
    await Promise.all([sandbox.close(), relay.close()]);
    await start(false);
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  async function start(isFirst: boolean): Promise<void> {
    await bench.startVscode({
      "zohoCrm.sandbox.url": sandbox.url,
      "zohoCrm.relay.url": relay.url,
      "zohoCrm.trySandboxOnStartup": isFirst,
    });
    editor = await bench.open();
  }

  it("has what it kept", async () => {
    // Whether a window brings its panel back depends on how quickly it was closed.
    const inspector = new InspectorPage(await editor.openInspector());
    const [event] = await inspector.events(1);
    assert.equal(event?.record, kept);
    // Only now: a view that is shown takes the keyboard once it has come, and with it from the palette.
    await editor.showViewContainer("Zoho CRM");
    await editor.tree("Subscriptions").row("Harbourline Homes").waitFor();
  });

  it("says in a sentence what is out of reach, and what to do", async () => {
    const inspector = new InspectorPage(await editor.inspector());
    await editor.statusBarItem(/Zoho CRM: Reconnecting/).waitFor();
    await editor.page
      .locator(".part.statusbar")
      .getByLabel(/The relay at .* does not answer\. Check that it is running/)
      .first()
      .waitFor();
    await inspector.frame
      .getByText(`The relay at ${relay.url} does not answer. Check that it is running`)
      .first()
      .waitFor();
    await editor.sideBar
      .locator(".message")
      .filter({ hasText: `Nothing is listening at ${new URL(sandbox.url).host}. Check` })
      .waitFor();
  });

  it("goes on by itself once they are there", async () => {
    const port = (server: LocalServer): number => Number(new URL(server.url).port);
    [sandbox, relay] = await Promise.all([
      bench.startServer("sandbox", { port: port(sandbox) }),
      bench.startServer("relay", { port: port(relay) }),
    ]);
    await editor.statusBarItem("Zoho CRM: Live").waitFor();
    await editor
      .tree("Subscriptions")
      .row(/Deals, Leads.*this editor/)
      .waitFor();
    const lead = await (await SandboxUser.connect(sandbox.url)).createLead("Afterwards");
    const inspector = new InspectorPage(await editor.inspector());
    const events = await inspector.events(2);
    assert.equal(events[1]?.record, lead);
  });
});
