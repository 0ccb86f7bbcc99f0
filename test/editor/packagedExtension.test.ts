import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";

describe("the packaged extension in VS Code", () => {
  let bench: EditorBench;
  let editor: Editor;

  before(async () => {
    bench = await EditorBench.create();
    await bench.startVscode();
    editor = await bench.open();
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  it("shows Zoho CRM in the activity bar, with a way to begin in the Subscriptions view", async () => {
    await editor.showViewContainer("Zoho CRM");
    await editor.sideBar.getByRole("heading", { name: "Zoho CRM: Subscriptions" }).waitFor();
    await editor.sideBar.getByRole("button", { name: "Try the Local Sandbox" }).waitFor();
  });

  it("offers its commands in the palette", async () => {
    await editor.page.keyboard.press("F1");
    // Of many commands, those in view are in the page.
    await editor.quickInput.type(">Zoho CRM: Try");
    const choices = await editor.quickInput.choices();
    await editor.quickInput.cancel();
    assert.ok(choices.includes("Zoho CRM: Try the Local Sandbox"), choices.join(", "));
  });

  it("activates when the window has started, without an error", async () => {
    const running = await editor.runningExtension("Zoho CRM Notifications");
    assert.match(running, /Activation: \d+ms/);
    assert.doesNotMatch(running, /error/i);
  });

  it("installs nothing but what it needs to run", () => {
    const expected = [
      "LICENSE.txt",
      "changelog.md",
      "dist",
      "media",
      "package.json",
      "package.nls.es.json",
      "package.nls.json",
      "readme.md",
    ];
    assert.deepEqual(
      readdirSync(bench.installedExtension)
        .filter(name => !name.startsWith("."))
        .sort(),
      expected,
    );
    assert.deepEqual(readdirSync(join(bench.installedExtension, "dist")).sort(), [
      ...[
        "THIRD-PARTY-NOTICES.txt",
        "axios.cjs",
        ...["chunk-1.cjs", "chunk-2.cjs", "chunk-3.cjs"],
        "cli.js",
        "commands.cjs",
        "entry.cjs",
        "extension.cjs",
        "hpke.cjs",
        "leash.js",
        "redaction.cjs",
        "relay.js",
        "sandbox.js",
        "scaffold",
        "uninstall.js",
      ],
      ...["webview", "ws.cjs"],
    ]);
    const page = join(bench.installedExtension, "dist", "webview");
    assert.deepEqual(readdirSync(page).sort(), ["codicon.ttf", "inspector.css", "inspector.js"]);
  });
});
