import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";

describe("the window that npm start opens", () => {
  let bench: EditorBench;
  let editor: Editor;

  before(async () => {
    bench = await EditorBench.create();
    const sandbox = await bench.startServer("sandbox", { args: ["--activity", "1"] });
    const relay = await bench.startServer("relay");
    await bench.startVscode({
      "zohoCrm.sandbox.url": sandbox.url,
      "zohoCrm.relay.url": relay.url,
      "zohoCrm.trySandboxOnStartup": true,
    });
    editor = await bench.open();
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  it("shows a subscription that points to this editor", async () => {
    const tree = editor.tree("Subscriptions");
    await tree.row(/this editor/).waitFor();
    assert.deepEqual(
      (await tree.rows()).map(({ level }) => level),
      [1, 2],
    );
  });

  it("shows changes in the CRM as they arrive, from a sender that is verified", async () => {
    const inspector = await editor.inspector();
    await inspector.getByText("Verified").first().waitFor();
  });

  it("says in the status bar that it follows the relay", async () => {
    await editor.statusBarItem("Zoho CRM: Live").waitFor();
  });

  it("finds its connection again when it is closed and opened", async () => {
    await editor.close();
    editor = await bench.open();
    await editor.showViewContainer("Zoho CRM");
    await editor
      .tree("Subscriptions")
      .row(/this editor/)
      .waitFor();
    await editor.statusBarItem("Zoho CRM: Live").waitFor();
  });
});
