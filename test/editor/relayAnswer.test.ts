import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";

const command = "Zoho CRM: Set Relay Answer…";

describe("what senders to this editor's address get", () => {
  let bench: EditorBench;
  let editor: Editor;
  let address: string;

  before(async () => {
    bench = await EditorBench.create();
    const [sandbox, relay] = await Promise.all([bench.startServer("sandbox"), bench.startServer("relay")]);
    await bench.startVscode({
      "zohoCrm.sandbox.url": sandbox.url,
      "zohoCrm.relay.url": relay.url,
      "zohoCrm.trySandboxOnStartup": true,
    });
    editor = await bench.open();
    await editor.tree("Subscriptions").row("Deals, Leads").waitFor();
    await editor.runCommand("Zoho CRM: Copy Relay Address");
    await editor.statusBarItem("Relay address copied").waitFor();
    address = await editor.clipboard();
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  async function post(query = ""): Promise<Response> {
    return fetch(address + query, { method: "POST", body: "{}" });
  }

  /** Begins with an answer of one's choice, up to the step that comes after its status. */
  async function begin(status: string): Promise<void> {
    const { quickInput } = editor;
    await editor.runCommand(command);
    await quickInput.pick("An Answer That You Choose…");
    await quickInput.waitFor(/Set Relay Answer \(2\//);
    await quickInput.type(status);
  }

  it("is chosen step by step, with what is wrong said as one types", async () => {
    const { quickInput } = editor;
    assert.equal(await (await post()).text(), '{"ok":true}');
    await begin("101");
    await quickInput.waitFor("Enter a status from 200 to 599, other than 206.");
    await quickInput.type("202");
    await quickInput.accept();
    await quickInput.waitFor("Set Relay Answer (3/");
    await quickInput.type('{"received":true}');
    await quickInput.accept();
    await quickInput.waitFor("Set Relay Answer (4/6)");
    await quickInput.pick("application/json");
    await quickInput.waitFor("Set Relay Answer (5/6)");
    await quickInput.pick("Add a Header…");
    await quickInput.type("Set-Cookie: a=b");
    await quickInput.waitFor("The relay doesn't allow the header Set-Cookie.");
    await quickInput.type("X-Received: yes");
    await quickInput.accept();
    await quickInput.pick("Continue with These Headers");
    await quickInput.waitFor("Set Relay Answer (6/6)");
    await quickInput.pick("Microsoft Graph");
    const said = "Senders get status 202 from the relay, or the value of “validationToken” if they send one.";
    await editor.statusBarItem(said).first().waitFor();
    const answer = await post();
    assert.deepEqual([answer.status, await answer.text()], [202, '{"received":true}']);
    assert.deepEqual(
      ["content-type", "x-received"].map(name => answer.headers.get(name)),
      ["application/json", "yes"],
    );
    assert.equal(await (await post("?validationToken=a%3Ab")).text(), "a:b");
  });

  it("is shown beside the address, and by the command as it is now", async () => {
    const { quickInput } = editor;
    await editor.statusBarItem("Zoho CRM:").getByRole("button", { name: "Senders get status 202" }).waitFor();
    await editor.runCommand(command);
    await quickInput.waitFor("Set Relay Answer (1/");
    await quickInput.pick("An Answer That You Choose…");
    await quickInput.waitFor("Set Relay Answer (2/6)");
    for (const step of [3, 4, 5]) {
      await quickInput.accept();
      await quickInput.waitFor(`Set Relay Answer (${step}/6)`);
    }
    assert.deepEqual(await quickInput.choices(), ["Continue with These Headers", "X-Received: yes", "Add a Header…"]);
    await quickInput.back();
    await quickInput.waitFor("Set Relay Answer (4/6)");
    await quickInput.cancel();
    assert.equal((await post()).status, 202);
  });

  it("goes back to the relay's own", async () => {
    await editor.runCommand(command);
    await editor.quickInput.pick("The Relay's Own Answer");
    await editor.statusBarItem("Senders get the relay's own answer").first().waitFor();
    const answer = await post();
    assert.deepEqual([answer.status, await answer.text()], [200, '{"ok":true}']);
  });
});
