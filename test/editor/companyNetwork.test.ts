import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { networkAuthority, networkCertificate } from "../support/companyNetwork/certificates.ts";
import { type ConnectProxy, startConnectProxy } from "../support/companyNetwork/connectProxy.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";

describe("behind a company's proxy that has an authority of its own", () => {
  let bench: EditorBench;
  let editor: Editor;
  let proxy: ConnectProxy;

  before(async () => {
    bench = await EditorBench.create();
    const folder = bench.makeFolder("network");
    const files = {
      "authority.pem": networkAuthority,
      "cert.pem": networkCertificate.cert,
      "key.pem": networkCertificate.key,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const tls = ["--tls-cert", join(folder, "cert.pem"), "--tls-key", join(folder, "key.pem")];
    const relay = await bench.startServer("relay", { args: [...tls, "--public-url", "https://relay.acme.dev"] });
    const sandbox = await bench.startServer("sandbox");
    const ports = new Map([
      ["relay.acme.dev", Number(new URL(relay.url).port)],
      ["crm.acme.dev", Number(new URL(sandbox.url).port)],
    ]);
    proxy = await startConnectProxy(host => ports.get(host));
    await bench.startVscode(
      {
        "http.proxy": proxy.url,
        "zohoCrm.relay.url": "https://relay.acme.dev",
        "zohoCrm.sandbox.url": "http://crm.acme.dev",
      },
      { environment: { NODE_EXTRA_CA_CERTS: join(folder, "authority.pem") } },
    );
    editor = await bench.open();
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => {
    await bench.close();
    await proxy.close();
  });

  it("speaks to the CRM and, over a WebSocket, to the relay through the proxy", async () => {
    await editor.runCommand("Zoho CRM: Add Connection…");
    await editor.quickInput.pick("Local sandbox");
    await editor.statusBarItem("Zoho CRM: Live").waitFor();
    const asked = new Set(proxy.asked);
    assert.ok(asked.has("relay.acme.dev:443"), [...asked].join(", "));
    assert.ok(
      [...asked].some(host => host.startsWith("crm.acme.dev")),
      [...asked].join(", "),
    );
  });
});

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
