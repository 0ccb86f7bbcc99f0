import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { text as readText } from "node:stream/consumers";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { networkAuthority } from "../support/companyNetwork/certificates.ts";
import { type ConnectProxy, startConnectProxy } from "../support/companyNetwork/connectProxy.ts";
import { type TlsFront, startTlsFront } from "../support/companyNetwork/tlsFront.ts";
import { SandboxUser } from "../support/sandboxUser.ts";
import { EditorBench } from "./support/editorBench.ts";
import { InspectorPage } from "./support/inspectorPage.ts";

/** Names that nobody but the proxy can find; the certificates for them are of the company's own authority. */
const hosts = {
  crm: "crm.acme.dev",
  relay: "relay.acme.dev",
  handler: "hooks.ngrok-free.dev",
  plainHandler: "hooks.acme.dev",
};

describe("behind the proxy of a company, with certificates of the company's own authority", () => {
  const fronts: TlsFront[] = [];
  const ports = new Map<string, number>();
  const handled: string[] = [];
  let bench: EditorBench;
  let crm: SandboxUser;
  let proxy: ConnectProxy;
  let authority: string;
  let handler: Server;

  before(async () => {
    bench = await EditorBench.create();
    const [sandbox, relay] = await Promise.all([bench.startServer("sandbox"), bench.startServer("relay")]);
    crm = await SandboxUser.connect(sandbox.url);
    handler = createServer((request, response) => {
      void readText(request).then(body => {
        handled.push(body);
        response.end();
      });
    });
    handler.listen(0, "127.0.0.1");
    await once(handler, "listening");
    const { port } = handler.address() as AddressInfo;
    ports.set(hosts.plainHandler, port);
    await front(hosts.crm, sandbox.url);
    await front(hosts.relay, relay.url);
    await front(hosts.handler, `http://127.0.0.1:${port}`);
    proxy = await startConnectProxy(host => ports.get(host), "developer:Sesame%20open");
    authority = join(bench.makeFolder("network"), "authority.pem");
    writeFileSync(authority, networkAuthority);
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => {
    await bench.close();
    await proxy.close();
    for (const each of fronts) await each.close();
    handler.closeAllConnections();
    handler.close();
  });

  async function front(host: string, target: string): Promise<void> {
    // The sandbox tells its clients where its API is, by an address that is of no use to them here.
    const options = host === hosts.crm ? { knownAs: `https://${host}` } : {};
    const started = await startTlsFront(target, options);
    fronts.push(started);
    ports.set(host, started.port);
  }

  async function open(setting: string, environment: Readonly<Record<string, string>>): Promise<InspectorPage> {
    await bench.startVscode(
      {
        "http.proxy": setting,
        "zohoCrm.sandbox.url": `https://${hosts.crm}`,
        "zohoCrm.relay.url": `https://${hosts.relay}`,
        "zohoCrm.trySandboxOnStartup": true,
        "zohoCrm.forward.rules": [
          { operation: "create", url: `https://${hosts.handler}/hook` },
          { operation: "edit", url: `http://${hosts.plainHandler}/hook` },
        ],
        "zohoCrm.forward.allowedHosts": [hosts.handler, hosts.plainHandler],
      },
      { environment: { NODE_EXTRA_CA_CERTS: authority, ...environment } },
    );
    const editor = await bench.open();
    await editor.tree("Subscriptions").row("Deals, Leads").waitFor();
    await editor.statusBarItem("Zoho CRM: Live").waitFor();
    return new InspectorPage(await editor.openInspector());
  }

  function assertAsked(...authorities: string[]): void {
    for (const each of authorities) assert.ok(proxy.asked.includes(each), `${each} in ${proxy.asked.join(" ")}`);
  }

  it("the CRM, the relay's stream and handlers elsewhere are reached through the setting http.proxy", async () => {
    const inspector = await open(proxy.url, {});
    const lead = await crm.createLead("Proxied");
    const [event] = await inspector.events(1);
    assert.equal(event?.record, lead);
    await inspector.rows.filter({ hasText: "200" }).first().waitFor();
    await crm.updateLead(lead, { Company: "Changed" });
    await inspector.rows.filter({ hasText: "200" }).nth(1).waitFor();
    assertAsked(`${hosts.crm}:443`, `${hosts.relay}:443`, `${hosts.handler}:443`, hosts.plainHandler);
    assert.equal(handled.length, 2);
    for (const body of handled) assert.match(body, new RegExp(lead));
  });

  it("and through the one that the environment names", async () => {
    await bench.stopVscode();
    proxy.asked.splice(0);
    const inspector = await open("", { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url, NO_PROXY: "" });
    const lead = await crm.createLead("By the environment");
    await inspector.rows.filter({ hasText: lead }).filter({ hasText: "200" }).first().waitFor();
    await crm.updateLead(lead, { Company: "Changed" });
    await inspector.rows.filter({ hasText: lead }).filter({ hasText: "200" }).nth(1).waitFor();
    assertAsked(`${hosts.crm}:443`, `${hosts.relay}:443`, `${hosts.handler}:443`, hosts.plainHandler);
  });

  it("which is named by who cannot get through: it wants a password, or is gone", async () => {
    await bench.stopVscode();
    const { origin } = proxy;
    await bench.startVscode({ "http.proxy": origin, "zohoCrm.sandbox.url": `https://${hosts.crm}` });
    const editor = await bench.open();
    const row = editor.tree("Subscriptions").row(/The proxy/);
    await row.waitFor();
    assert.match(await row.innerText(), /of this network wants a user and a password/);
    await proxy.close();
    await editor.runCommand("Zoho CRM: Refresh Subscriptions");
    await editor
      .tree("Subscriptions")
      .row(`The proxy ${new URL(origin).host} of this network cannot be reached`)
      .waitFor();
  });
});
