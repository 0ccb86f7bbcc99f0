import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { networkAuthority } from "../support/companyNetwork/certificates.ts";
import { type FakeTools, makeFakeTools } from "../support/tunnelTools/fakeTools.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";

const host = "quiet-meadow-lantern-example.trycloudflare.com";

describe("a public address in one step", () => {
  let bench: EditorBench;
  let editor: Editor;
  let tools: FakeTools;

  before(async () => {
    bench = await EditorBench.create();
    tools = await makeFakeTools(bench.makeFolder("tools"), ["cloudflared", "tailscale"]);
    const authority = join(bench.makeFolder("network"), "authority.pem");
    writeFileSync(authority, networkAuthority);
    await bench.startVscode(
      { "http.proxy": tools.internet.url },
      {
        environment: {
          ...tools.environment,
          PATH: `${tools.path}${delimiter}${process.env["PATH"] ?? ""}`,
          NODE_EXTRA_CA_CERTS: authority,
        },
      },
    );
    editor = await bench.open();
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => {
    await bench.close();
    await tools.internet.close();
  });

  it("offers what the person has, and says what each exposes", async () => {
    await editor.runCommand("Zoho CRM: Get a Public Address…");
    await editor.quickInput.waitFor("Get a Public Address");
    const choices = await editor.quickInput.choices();
    assert.deepEqual(choices, [
      "Cloudflare Quick Tunnel",
      "Tailscale Funnel",
      "Forwarded Port of This Editor",
      "An Address of Your Own…",
      "A Relay of Your Own…",
    ]);
    for (const theme of ["light", "dark"] as const) await editor.picture("public-address", theme);
  });

  it("opens it, through the network's own proxy and authority, and proves that an event comes through", async () => {
    await editor.quickInput.pick("Cloudflare Quick Tunnel");
    await editor.notification(`${host} leads here.`);
    assert.ok(tools.internet.asked.includes(`${host}:443`));
    await editor.picture("public-address-open", "light");
    await editor.pressInNotification("leads here", "Open It with the Editor");
  });

  it("is opened again with the editor", async () => {
    await editor.reload();
    await editor.runCommand("Zoho CRM: Relay Status and Actions…");
    await editor.quickInput.waitFor("Relay");
    assert.ok((await editor.quickInput.choices()).length > 0);
    await editor.quickInput.cancel();
    await editor.runCommand("Zoho CRM: Close the Public Address");
  });

  it("is told why a port that is forwarded to this machine only does not do", async () => {
    await editor.runCommand("Zoho CRM: Get a Public Address…");
    await editor.quickInput.pick("Forwarded Port of This Editor");
    await editor.notification("which Zoho cannot reach");
  });
});
