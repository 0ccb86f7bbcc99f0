import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, after, afterEach, before, describe, it } from "node:test";
import { finished } from "../../src/base/steps.ts";
import { formatFixture } from "../../src/core/exchange/fixture.ts";
import { Redaction } from "../../src/core/events/redaction.ts";
import { outgoing } from "../../src/core/exchange/outgoingRequest.ts";
import { runToExit } from "../support/childServer.ts";
import { notificationBody } from "../support/eventBodies.ts";
import { type RequestRecorder, recordRequests } from "../support/requestRecorder.ts";
import { aRequest } from "../unit/core/exchange/aRequest.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";

const file = "phone.zoho-event.json";
const token = "token-of-the-test";

describe("a fixture in the editor", () => {
  const cleanUps: (() => void)[] = [];
  let bench: EditorBench;
  let editor: Editor;
  let handler: RequestRecorder;

  before(async () => {
    const owner: Pick<TestContext, "after"> = { after: action => void cleanUps.push(action as () => void) };
    handler = await recordRequests(owner);
    bench = await EditorBench.create({ viewport: { width: 1440, height: 900 } });
    writeFileSync(
      join(bench.workspace, file),
      formatFixture(finished(outgoing(aRequest(), new Redaction([]))), "A Lead's phone changes"),
    );
    await bench.startVscode();
    editor = await bench.open();
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => {
    await bench.close();
    for (const cleanUp of cleanUps) cleanUp();
  });

  it("is sent from the line above its request, and shows what the handler answered", async () => {
    await editor.openFile(file);
    const { quickInput, page } = editor;
    const lenses = page.locator(".part.editor .codelens-decoration");
    // VS Code draws the line anew while the file is still being opened, and a press on the former one is lost.
    for (let presses = 0; presses < 5; presses++) {
      await lenses.getByText("Send to Handler…").click();
      if (await quickInput.has("Another address…")) break;
    }
    await quickInput.pick("Another address…");
    await quickInput.type(`${handler.url}/hook`);
    await quickInput.accept();
    await quickInput.waitFor(/Token that your handler expects/);
    await quickInput.type(token);
    await quickInput.accept();
    await lenses.getByText(/200 in \d+ ms/).waitFor();
    await lenses.getByText(`Send to ${handler.url}/hook`).waitFor();
    assert.equal(handler.requests.at(-1)?.body.toString(), notificationBody());
  });

  it("is sent as it was edited, and both events can be compared and copied", async () => {
    const { page } = editor;
    await page.locator(".part.editor .view-lines").getByText("555-1111").dblclick();
    await page.keyboard.type("556");
    await page.locator(".part.editor .codelens-decoration").getByText(`Send to ${handler.url}/hook`).click();
    const inspector = new InspectorPage(await editor.openInspector());
    await inspector.events(2);
    assert.match(handler.requests[1]?.body.toString() ?? "", /"Phone":".*556/);
    await inspector.rows.last().click();
    await editor.runCommand("Zoho CRM: Compare Event with Previous of Same Record");
    await page.getByRole("tab", { name: /Leads edit 6756839000000575405: .* ↔ / }).waitFor();
    await inspector.rows.last().click();
    await editor.runCommand("Zoho CRM: Copy Event as cURL");
    await editor.statusBarItem(/Copied without the token/).waitFor();
    const copied = await editor.clipboard();
    assert.match(copied, new RegExp(`^curl --request POST '${handler.url}/hook'`));
    assert.ok(!copied.includes(token), copied);
  });

  it("is replayed by the command that comes with the extension", async () => {
    const command = join(bench.installedExtension, "dist", "cli.js");
    const args = ["replay", join(bench.workspace, file), "--to", `${handler.url}/cli`];
    const { code, stdout } = await runToExit(command, args, { ZOHO_CHANNEL_TOKEN: token });
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^TAP version 14\n1\.\.1\nok 1 - /);
    assert.equal(handler.requests.at(-1)?.target, "/cli");
  });
});
