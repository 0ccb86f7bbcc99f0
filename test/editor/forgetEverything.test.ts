import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { SandboxUser } from "../support/sandboxUser.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";

const secretName = "Unforgettable";

describe("Forget Everything", () => {
  let bench: EditorBench;
  let editor: Editor;
  let servers: readonly string[];
  let vaultKey: Buffer;

  before(async () => {
    bench = await EditorBench.create();
    await bench.startVscode();
    editor = await bench.open();
    await editor.runCommand("Zoho CRM: Try the Local Sandbox");
    await editor.tree("Subscriptions").row("Deals, Leads").waitFor();
    const [sandbox, relay] = [urlOf("sandbox"), urlOf("relay")];
    servers = [sandbox, relay];
    await (await SandboxUser.connect(sandbox)).createLead(secretName);
    await new InspectorPage(await editor.inspector()).events(1);
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  it("asks first, says what it does, and does nothing when the answer is no", async () => {
    assert.ok(filesWith(secretName).length > 0);
    vaultKey = readFileSync(join(bench.extensionData, "vault.key"));
    await editor.runCommand("Zoho CRM: Forget Everything…");
    assert.match(
      await editor.dialogText(),
      /Events, relay keys, and the data of the local relay and sandbox are removed/,
    );
    await editor.answerDialog("Cancel");
    await editor.tree("Subscriptions").row("Deals, Leads").waitFor();
    assert.deepEqual(await Promise.all(servers.map(answers)), [true, true]);
  });

  it("leaves no event, no sign-in, no key that opens a secret, and no server", async () => {
    await editor.whenReloaded(async () => {
      await editor.runCommand("Zoho CRM: Forget Everything…");
      await editor.answerDialog("Forget Everything");
    });
    await editor.sideBar.getByRole("button", { name: "Try the Local Sandbox" }).waitFor();
    assert.deepEqual(filesWith(secretName), []);
    for (const name of ["sandbox", "relay"]) assert.ok(!existsSync(join(bench.extensionData, name)), name);
    assert.deepEqual(await Promise.all(servers.map(answers)), [false, false]);
    const keyFile = join(bench.extensionData, "vault.key");
    assert.ok(!existsSync(keyFile) || !readFileSync(keyFile).equals(vaultKey));
    const inspector = new InspectorPage(await editor.inspector());
    assert.equal(await inspector.rows.count(), 0);
  });

  it("after which everything begins anew", async () => {
    await editor.runCommand("Zoho CRM: Try the Local Sandbox");
    await editor.tree("Subscriptions").row("Deals, Leads").waitFor();
    const lead = await (await SandboxUser.connect(urlOf("sandbox"))).createLead("First");
    const [event] = await new InspectorPage(await editor.inspector()).events(1);
    assert.equal(event?.record, lead);
  });

  function urlOf(server: string): string {
    const text = readFileSync(join(bench.extensionData, server, "server.json"), "utf8");
    return /"url":"([^"]+)"/.exec(text)?.[1] ?? assert.fail(text);
  }

  /** The files of the extension's data that hold `text`. */
  function filesWith(text: string): string[] {
    return readdirSync(bench.extensionData, { recursive: true, encoding: "utf8" })
      .map(name => join(bench.extensionData, name))
      .filter(path => statSync(path).isFile() && readFileSync(path).includes(text));
  }
});

async function answers(server: string): Promise<boolean> {
  return fetch(`${server}/healthz`).then(
    () => true,
    () => false,
  );
}
