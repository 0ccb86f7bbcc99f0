import { after, afterEach, before, describe, it } from "node:test";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";

describe("a folder that is not trusted", () => {
  let bench: EditorBench;
  let editor: Editor;

  before(async () => {
    bench = await EditorBench.create();
    await bench.startVscode({ "security.workspace.trust.enabled": true }, { trustsFolders: false });
    editor = await bench.open();
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  it("has the views and the sandbox all the same", async () => {
    await editor.statusBarItem("Restricted Mode").waitFor();
    await editor.showViewContainer("Zoho CRM");
    await editor.sideBar.getByRole("button", { name: "Try the Local Sandbox" }).click();
    await editor.tree("Subscriptions").row("this editor").waitFor();
    await editor.statusBarItem("Zoho CRM: Live").waitFor();
  });
});
