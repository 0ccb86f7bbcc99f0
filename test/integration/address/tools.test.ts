import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type TestContext, before, describe, it } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { systemClock } from "../../../src/base/clock.ts";
import { DisposableStore } from "../../../src/base/lifecycle.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { type AddressState, PublicAddress } from "../../../src/core/address/publicAddress.ts";
import { PublicDoor } from "../../../src/core/address/publicDoor.ts";
import { ToolSource } from "../../../src/core/address/toolSource.ts";
import { cloudflared } from "../../../src/core/address/tools/cloudflared.ts";
import { devtunnel } from "../../../src/core/address/tools/devtunnel.ts";
import { ngrok } from "../../../src/core/address/tools/ngrok.ts";
import { tailscale } from "../../../src/core/address/tools/tailscale.ts";
import { tryAddress } from "../../../src/core/address/tryAddress.ts";
import type { ToolId, TunnelTool } from "../../../src/core/address/tunnelTool.ts";
import { EventHistory } from "../../../src/core/history/eventHistory.ts";
import { Tunnel } from "../../../src/core/tunnel/tunnel.ts";
import { Claims } from "../../../src/core/windows/claims.ts";
import { SharedNotes } from "../../../src/core/windows/keeper.ts";
import { openSharedDatabase } from "../../../src/core/windows/sharedDatabase.ts";
import { AxiosTransport } from "../../../src/zoho/axiosTransport.ts";
import { networkAuthority } from "../../support/companyNetwork/certificates.ts";
import { MemoryVault } from "../../support/memoryVault.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { startTestRelay } from "../../support/testRelay.ts";
import { makeFakeTools } from "../../support/tunnelTools/fakeTools.ts";
import { valueOf } from "../../unit/zoho/scriptedTransport.ts";

const tools: Readonly<Record<ToolId, TunnelTool>> = {
  cloudflared: cloudflared("/nowhere.yml"),
  ngrok,
  devtunnel,
  tailscale,
};

const leash = join(import.meta.dirname, "../../../src/core/address/leashProgram.ts");

/** Everything between a tunnel's address and the history, with fake tools on the machine and a fake internet around it. */
async function anEditor(test: TestContext, environment: Readonly<Record<string, string>> = {}) {
  const owned = new DisposableStore();
  test.after(() => owned.dispose());
  const relay = await startTestRelay(test);
  const folder = temporaryFolder(test);
  const fakes = await makeFakeTools(folder, Object.keys(tools));
  test.after(async () => fakes.internet.close());
  setEnvironment(test, { ...fakes.environment, ...environment, HTTPS_PROXY: fakes.internet.url });
  const [clock, logger, random] = [systemClock, silentLogger, () => 0];
  const history = owned.add(EventHistory.open(join(folder, "events.sqlite"), { clock, logger }));
  const shared = owned.add(openSharedDatabase(join(folder, "windows.sqlite"), logger));
  const address: PublicAddress = owned.add(
    new PublicAddress({
      relay: (): string | undefined => tunnel.relayOrigin,
      openDoor: async (...door) => PublicDoor.open(...door),
      sourceFor: async way =>
        Promise.resolve(
          way === "forwarded-port"
            ? undefined
            : new ToolSource({ tool: tools[way], program: fakes.program(way), leash, clock, logger }),
        ),
      kept: () => undefined,
      claims: new Claims(shared.database, clock),
      notes: new SharedNotes(shared.database),
      ...{ clock, logger, random },
    }),
  );
  const tunnel = owned.add(
    new Tunnel({
      settings: () => ({ relayUrl: relay.url, publicUrl: address.url }),
      vault: new MemoryVault(),
      embeddedRelay: () => assert.fail("the configured relay is used"),
      sinkFor: (name, channel) => history.sinkFor(name, channel),
      ...{ clock, logger, random },
    }),
  );
  valueOf(await tunnel.waitForAddress());
  const transport = new AxiosTransport();
  const probe = async (): ReturnType<typeof tryAddress> =>
    tryAddress(tunnel.address ?? "", { transport, arrivals: history.onDidAppend, clock }, AbortSignal.timeout(20_000));
  return { address, tunnel, probe, internet: fakes.internet };
}

function setEnvironment(test: TestContext, values: Readonly<Record<string, string>>): void {
  const former = { ...process.env };
  Object.assign(process.env, values);
  test.after(() => {
    for (const name of Object.keys(values)) {
      const value = former[name];
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  });
}

async function settled(address: PublicAddress): Promise<AddressState> {
  const isSettled = (): boolean => address.state.kind === "open" || address.state.kind === "failed";
  while (!isSettled()) {
    await new Promise<void>(resolve => {
      const listening = address.onDidChange(() => {
        listening.dispose();
        resolve();
      });
    });
  }
  return address.state;
}

describe("tunnel tools, played by programs that print what they print", () => {
  before(() => setDefaultCACertificates([...getCACertificates("default"), networkAuthority]));

  for (const tool of Object.keys(tools) as ToolId[]) {
    it(`${tool} leads an event from its public address into the history`, async test => {
      const { address, tunnel, probe, internet } = await anEditor(test);
      address.open(tool);
      const state = await settled(address);
      assert.ok(state.kind === "open", JSON.stringify(state));
      assert.equal(tunnel.address, state.url + (tunnel.ingestPath ?? ""));
      assert.equal((await probe()).kind, "arrived");
      assert.deepEqual(internet.asked.at(-1), `${new URL(state.url).host}:443`);
    });
  }

  it("say why there is no address", async test => {
    const { address } = await anEditor(test, { FAKE_TUNNEL_SAYS: "ngrokSignedOut" });
    address.open("ngrok");
    const state = await settled(address);
    assert.ok(state.kind === "failed");
    assert.match(state.problem.message, /not signed in/);
  });

  it("end without a word that is understood", async test => {
    const { address } = await anEditor(test, { FAKE_TUNNEL_SAYS: "nothing" });
    address.open("tailscale");
    const state = await settled(address);
    assert.ok(state.kind === "failed");
    assert.equal(state.problem.code, "TUNNEL_TOOL_ENDED");
  });

  it("are gone when the address is closed", async test => {
    const { address, probe } = await anEditor(test);
    address.open("cloudflared");
    const state = await settled(address);
    assert.ok(state.kind === "open");
    assert.equal((await probe()).kind, "arrived");
    const host = new URL(state.url).host;
    address.close();
    assert.ok(await isUnreachable(host));
  });
});

/** Resolves once nothing answers under the name any more. */
async function isUnreachable(host: string): Promise<boolean> {
  const transport = new AxiosTransport();
  for (;;) {
    const answer = await transport.send({ method: "GET", url: `https://${host}/` });
    if (!answer.ok) return true;
  }
}

describe("the leash", () => {
  it("ends the tool when the process that started it was killed", async test => {
    const window = fork(join(import.meta.dirname, "../../support/tunnelTools/leashHolder.ts"), [leash], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    test.after(() => window.kill("SIGKILL"));
    const [{ pid }] = (await once(window, "message")) as [{ pid: number }];
    assert.ok(isAlive(pid));
    window.kill("SIGKILL");
    while (isAlive(pid)) await new Promise(resolve => setImmediate(resolve));
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
