import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, watch, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { delimiter, join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { networkAuthority } from "../support/companyNetwork/certificates.ts";
import { SandboxUser } from "../support/sandboxUser.ts";
import { type FakeTools, makeFakeTools } from "../support/tunnelTools/fakeTools.ts";
import type { Editor } from "./support/editor.ts";
import { EditorBench } from "./support/editorBench.ts";
import { patienceMs } from "./support/patience.ts";

/** Where the tools say that they can be reached. */
const host = "quiet-meadow-lantern-example.trycloudflare.com";
const otherHost = "laptop.tail0a1b2c.ts.net";

describe("a public address in one step", () => {
  let bench: EditorBench;
  let editor: Editor;
  let tools: FakeTools;
  let crm: SandboxUser;

  before(async () => {
    bench = await EditorBench.create();
    const sandbox = await bench.startServer("sandbox");
    crm = await SandboxUser.connect(sandbox.url);
    tools = await makeFakeTools(bench.makeFolder("tools"), ["cloudflared", "tailscale"]);
    const authority = join(bench.makeFolder("network"), "authority.pem");
    writeFileSync(authority, networkAuthority);
    await bench.startVscode(
      {
        "http.proxy": tools.internet.url,
        "zohoCrm.sandbox.url": sandbox.url,
        "zohoCrm.trySandboxOnStartup": true,
      },
      {
        environment: {
          ...tools.environment,
          PATH: `${tools.path}${delimiter}${process.env["PATH"] ?? ""}`,
          // As from a terminal: otherwise VS Code gives its extensions the PATH that a login shell has.
          VSCODE_CLI: "1",
          NODE_EXTRA_CA_CERTS: authority,
        },
      },
    );
    editor = await bench.open();
    await editor.tree("Subscriptions").row("Deals, Leads").waitFor();
  });
  afterEach(async test => bench.keepEvidence(test));
  after(async () => {
    await bench.close();
    await tools.internet.close();
  });

  it("offers what the person has, and says what each exposes", async () => {
    await editor.runCommand("Zoho CRM: Get a Public Address…");
    await editor.quickInput.waitFor("Get a Public Address");
    assert.deepEqual(await editor.quickInput.choices(), [
      "Cloudflare Quick Tunnel",
      "Tailscale Funnel",
      "Forwarded Port of This Editor",
      "An Address of Your Own…",
      "A Relay of Your Own…",
    ]);
    const [cloudflare, tailscale, , missing] = await editor.quickInput.details();
    assert.match(cloudflare ?? "", /^Anyone with the address can post; Cloudflare could read what passes/);
    assert.match(tailscale ?? "", /^Anyone with the address can post; nobody on the way can read/);
    assert.equal(missing, "Not found on this machine: ngrok, devtunnel");
  });

  it("starts the tool, and proves from outside that an event comes through its address", async () => {
    await editor.quickInput.pick("Cloudflare Quick Tunnel");
    await editor.notification(`${host} leads here.`);
    assert.ok(tools.internet.asked.includes(`${host}:443`));
    const spoken = editor.statusBarItem("Zoho CRM:").getByRole("button", { name: host });
    await spoken.waitFor();
    await editor.dismissNotifications();
  });

  it("brings subscriptions along when the address becomes another one", async () => {
    const { quickInput } = editor;
    await editor.runCommand("Zoho CRM: New Subscription…");
    await quickInput.toggle("Contacts");
    await quickInput.accept();
    await quickInput.waitFor("New Subscription (2/4)");
    await quickInput.accept();
    await quickInput.waitFor("New Subscription (3/4)");
    await quickInput.pick("One week");
    await quickInput.waitFor("New Subscription (4/4)");
    await quickInput.accept();
    await editor.tree("Subscriptions").row("Contacts").waitFor();
    await whenSentTo(host);

    const port = toolPort();
    await editor.runCommand("Zoho CRM: Get a Public Address…");
    await quickInput.pick("Tailscale Funnel");
    await editor.pressInNotification(
      "The public address has changed. One subscription still sends to the former one.",
      "Send It Here",
    );
    await whenSentTo(otherHost);
    await whenGone(port);
    await editor.dismissNotifications();
  });

  it("ends the tool when the person closes the address", async () => {
    const port = toolPort(otherHost);
    await editor.runCommand("Zoho CRM: Close the Public Address");
    await whenGone(port);
  });

  it("ends the tool with the window, and starts it with the next one where that was asked for", async () => {
    await editor.runCommand("Zoho CRM: Get a Public Address…");
    await editor.quickInput.pick("Cloudflare Quick Tunnel");
    await editor.pressInNotification("leads here", "Open It with the Editor");
    const port = toolPort();
    const watcher = watch(names());
    const startedAgain = once(watcher, "change", { signal: AbortSignal.timeout(2 * patienceMs) });
    await editor.reload();
    await whenGone(port);
    await startedAgain;
    watcher.close();
    await editor.runCommand("Zoho CRM: Close the Public Address");
    assert.notEqual(toolPort(), port);
    await whenGone(toolPort());
  });

  it("is told why a port that is forwarded to this machine only does not do", async () => {
    await editor.runCommand("Zoho CRM: Get a Public Address…");
    await editor.quickInput.pick("Forwarded Port of This Editor");
    await editor.notification("which Zoho cannot reach");
  });

  /** Where the tool that ran last serves its address. */
  function toolPort(name = host): number {
    return Number(readFileSync(join(names(), name), "utf8"));
  }

  /** Resolves once the CRM sends what happens to contacts to `name`. */
  async function whenSentTo(name: string): Promise<void> {
    await eventually(`The CRM does not send to ${name}.`, async () => {
      const channel = (await crm.channels()).find(({ module }) => module === "Contacts");
      return channel !== undefined && new URL(channel.notifyUrl).host === name;
    });
  }

  function names(): string {
    return tools.environment["FAKE_TUNNEL_NAMES"] ?? "";
  }
});

/** Resolves once nothing listens there any more. */
async function whenGone(port: number): Promise<void> {
  await eventually(`Something still listens at ${port}.`, async () => {
    const socket = connect(port, "127.0.0.1");
    const isRefused = await once(socket, "connect").then(
      () => false,
      () => true,
    );
    socket.destroy();
    return isRefused;
  });
}

async function eventually(otherwise: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await holds())) if (performance.now() > deadline) assert.fail(otherwise);
}
