import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { SandboxUser } from "../support/sandboxUser.ts";
import { resultsFolder } from "../workbench/repository.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import type { TreeView } from "./support/treeView.ts";

/** Times are kept in test-results/manySubscriptions.json, not judged: `npm run bench -- subscriptions` has bounds. */
describe("a thousand subscriptions over fifty modules", () => {
  let bench: EditorBench;
  let editor: Editor;
  let tree: TreeView;
  let crm: SandboxUser;
  let startedAt = 0;
  const measured: object[] = [];

  before(async () => {
    bench = await EditorBench.create();
    const [sandbox, relay] = await Promise.all([bench.startServer("sandbox"), bench.startServer("relay")]);
    crm = await SandboxUser.connect(sandbox.url);
    await crm.control("populate", { modules: 50, channels: 1_000 });
    await bench.startVscode({
      "zohoCrm.sandbox.url": sandbox.url,
      "zohoCrm.relay.url": relay.url,
    });
    editor = await bench.open();
    tree = editor.tree("Subscriptions");
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  /** Has the window note how long it was busy at a stretch. */
  async function watchForStalls(): Promise<void> {
    startedAt = performance.now();
    await editor.page.evaluate(`(() => {
      window.longestTask = 0;
      window.taskObserver ??= new PerformanceObserver(list => {
        for (const { duration } of list.getEntries()) window.longestTask = Math.max(window.longestTask, duration);
      });
      window.taskObserver.observe({ type: "longtask" });
    })()`);
  }

  /** Keeps how long it took, and for how long at a stretch the window did nothing else, in milliseconds. */
  async function keep(what: string): Promise<void> {
    const took = Math.round(performance.now() - startedAt);
    const longestTask = Math.round(Number(await editor.page.evaluate("window.longestTask")));
    measured.push({ what, took, longestTask });
    writeFileSync(join(resultsFolder, "manySubscriptions.json"), `${JSON.stringify(measured, undefined, 2)}\n`);
  }

  it("open", async () => {
    await editor.showViewContainer("Zoho CRM");
    await watchForStalls();
    await editor.runCommand("Zoho CRM: Try the Local Sandbox");
    await tree.row(/receiver\.example\.com/).waitFor();
    await keep("from the command to the first rows");
    // With the one that the command makes.
    await tree.element.locator('[role=treeitem][aria-setsize="1001"]').first().waitFor();
    assert.ok((await tree.rows()).length > 10);
  });

  it("are found by typing", async () => {
    await editor.runCommand("Zoho CRM: Focus on Subscriptions View");
    await editor.page.keyboard.press("ControlOrMeta+Alt+f");
    const find = editor.sideBar.getByRole("textbox");
    await find.first().waitFor();
    await watchForStalls();
    await find.first().fill("Custom_29");
    // Far below what was in view.
    await tree.element.locator(".focused").filter({ hasText: "Custom_29" }).waitFor();
    await keep("from the last key to what was sought");
    await editor.page.keyboard.press("Escape");
  });

  it("are read anew", async () => {
    await watchForStalls();
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await crm.subscribe("1105420521999070702", ["Leads.all"], "https://late.example.com/hook");
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await tree.row(/Harbourline Homes/).waitFor();
    await keep("two commands and two readings");
    await editor.statusBarItem("Zoho CRM: Live").waitFor();
  });
});
