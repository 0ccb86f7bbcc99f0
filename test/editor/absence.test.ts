import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { SandboxUser } from "../support/sandboxUser.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";

describe("while the editor is closed", () => {
  let bench: EditorBench;
  let crm: SandboxUser;

  before(async () => {
    bench = await EditorBench.create();
    const [sandbox, relay] = await Promise.all([bench.startServer("sandbox"), bench.startServer("relay")]);
    crm = await SandboxUser.connect(sandbox.url);
    await bench.startVscode({ "zohoCrm.sandbox.url": sandbox.url, "zohoCrm.relay.url": relay.url });
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => bench.close());

  it("five changes happen, and are there, in order and once, when it is opened again", async () => {
    const before = await bench.open();
    await before.runCommand("Zoho CRM: Try the Local Sandbox");
    await before.tree("Subscriptions").row("Deals, Leads").waitFor();
    const first = await crm.createLead("Before");
    await new InspectorPage(await before.inspector()).events(1);
    await bench.stopVscode();

    const away = await crm.createLead("Away");
    await crm.updateLead(away, { City: "Lagos" });
    await crm.updateLead(away, { City: "Leeds" });
    await crm.updateLead(first, { City: "Lyon" });
    await crm.deleteLead(away);
    await crm.whenDelivered();

    await bench.startVscode();
    const again = await bench.open();
    const events = await new InspectorPage(await again.openInspector()).events(6);
    assert.deepEqual(
      events.map(({ status, operation, record }) => [status, operation, record]),
      [
        ["Verified", "Created", first],
        ["Verified", "Created", away],
        ["Verified", "Edited", away],
        ["Verified", "Edited", away],
        ["Verified", "Edited", first],
        ["Verified", "Deleted", away],
      ],
    );
  });
});
