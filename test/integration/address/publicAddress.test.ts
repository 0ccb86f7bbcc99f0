import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { minute, second } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import type { Problem } from "../../../src/base/problem.ts";
import type { AddressListener, AddressSource, AddressWay } from "../../../src/core/address/addressSource.ts";
import { type AddressState, PublicAddress } from "../../../src/core/address/publicAddress.ts";
import { Claims } from "../../../src/core/windows/claims.ts";
import { SharedNotes } from "../../../src/core/windows/keeper.ts";
import { openSharedDatabase } from "../../../src/core/windows/sharedDatabase.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** A tool whose every run the test plays. */
class PlayedSource implements AddressSource {
  readonly runs: { readonly target: string; readonly listener: AddressListener; closed: boolean }[] = [];
  readonly #opened = new EventTarget();

  open(target: string, listener: AddressListener): { dispose: () => void } {
    const run = { target, listener, closed: false };
    this.runs.push(run);
    this.#opened.dispatchEvent(new Event("opened"));
    return { dispose: () => void (run.closed = true) };
  }

  /** Resolves with the run number `count`, once it has begun. */
  async run(count: number): Promise<PlayedSource["runs"][number]> {
    for (;;) {
      const run = this.runs[count - 1];
      if (run !== undefined) return run;
      await once(this.#opened, "opened");
    }
  }
}

interface Machine {
  readonly clock: FakeClock;
  kept: AddressWay | undefined;
  readonly window: () => { readonly address: PublicAddress; readonly source: PlayedSource };
}

function aMachine(test: TestContext): Machine {
  const file = join(temporaryFolder(test), "windows.sqlite");
  const clock = new FakeClock();
  const machine: Machine = {
    clock,
    kept: undefined,
    window: () => {
      const shared = openSharedDatabase(file, silentLogger);
      const source = new PlayedSource();
      const address = new PublicAddress({
        relay: () => "http://127.0.0.1:9",
        sourceFor: way => (way === "ngrok" ? undefined : source),
        kept: () => machine.kept,
        claims: new Claims(shared.database, clock),
        notes: new SharedNotes(shared.database),
        clock,
        random: () => 0,
        logger: silentLogger,
      });
      test.after(() => {
        address.dispose();
        shared.dispose();
      });
      return { address, source };
    },
  };
  return machine;
}

async function nextState(address: PublicAddress): Promise<AddressState> {
  return new Promise(resolve => {
    const listening = address.onDidChange(state => {
      listening.dispose();
      resolve(state);
    });
  });
}

const url = "https://quiet-meadow.trycloudflare.com";
const ended: Problem = { code: "TUNNEL_TOOL_ENDED", message: "It has ended.", remedy: "get-address" };
const offline: Problem = { code: "cloudflared: service", message: "Nobody answers.", remedy: "retry" };

describe("PublicAddress", () => {
  it("tells the address that the tool gives, and closes the tool when asked", async test => {
    const { address, source } = aMachine(test).window();
    address.open("cloudflared");
    assert.deepEqual(address.state, { kind: "opening", way: "cloudflared" });
    const run = await source.run(1);
    assert.match(run.target, /^http:\/\/127\.0\.0\.1:\d+$/);
    run.listener.address(url);
    assert.deepEqual(address.state, { kind: "open", way: "cloudflared", url, here: true });
    assert.equal(address.url, url);
    address.close();
    assert.ok(run.closed);
    assert.deepEqual(address.state, { kind: "none" });
    assert.equal(address.url, undefined);
  });

  it("fails with the tool's sentence when it never gave an address, and where there is no such tool", async test => {
    const { address, source } = aMachine(test).window();
    address.open("cloudflared");
    (await source.run(1)).listener.ended(ended);
    assert.deepEqual(address.state, { kind: "failed", way: "cloudflared", problem: ended });
    address.open("ngrok");
    const failed = await nextState(address);
    assert.ok(failed.kind === "failed" && failed.problem.code === "ADDRESS_WAY_MISSING");
  });

  it("starts a tool that ended again, later each time, at the same door", async test => {
    const { clock, window } = aMachine(test);
    const { address, source } = window();
    address.open("cloudflared");
    const first = await source.run(1);
    first.listener.address(url);
    first.listener.ended(ended);
    assert.equal(address.state.kind, "opening");
    clock.advance(second);
    const again = await source.run(2);
    assert.equal(again.target, first.target);
    again.listener.ended(ended);
    clock.advance(second);
    assert.equal(source.runs.length, 2, "twice as long");
    clock.advance(second);
    (await source.run(3)).listener.address("https://another.trycloudflare.com");
    assert.equal(address.url, "https://another.trycloudflare.com");
  });

  it("is one for all windows of the machine, and closes for all", async test => {
    const { clock, window } = aMachine(test);
    const [one, other] = [window(), window()];
    other.address.start();
    one.address.open("cloudflared");
    (await one.source.run(1)).listener.address(url);
    clock.advance(3 * second);
    assert.deepEqual(other.address.state, { kind: "open", way: "cloudflared", url, here: false });
    clock.advance(5 * minute);
    assert.equal(other.address.url, url, "for as long as the window is there");
    other.address.close();
    clock.advance(3 * second);
    assert.deepEqual(one.address.state, { kind: "none" });
    assert.ok(one.source.runs[0]?.closed);
  });

  it("goes to another window when its own closes, if it is kept", async test => {
    const machine = aMachine(test);
    const [one, other] = [machine.window(), machine.window()];
    machine.kept = "cloudflared";
    one.address.start();
    other.address.start();
    (await one.source.run(1)).listener.address(url);
    machine.clock.advance(3 * second);
    assert.equal(other.source.runs.length, 0, "one window holds it");
    one.address.dispose();
    machine.clock.advance(3 * second);
    (await other.source.run(1)).listener.address("https://another.trycloudflare.com");
    assert.deepEqual(other.address.state, {
      ...{ kind: "open", way: "cloudflared", here: true },
      url: "https://another.trycloudflare.com",
    });
  });

  it("is gone for the others soon after its window was killed", async test => {
    const { clock, window } = aMachine(test);
    const one = window();
    one.address.open("cloudflared");
    (await one.source.run(1)).listener.address(url);
    const other = window();
    clock.jump(minute);
    other.address.start();
    assert.equal(other.address.url, undefined);
  });

  it("waits where it is kept and there is no network yet", async test => {
    const machine = aMachine(test);
    const { address, source } = machine.window();
    machine.kept = "cloudflared";
    address.start();
    (await source.run(1)).listener.ended(offline);
    assert.equal(address.state.kind, "opening");
    machine.clock.advance(second);
    (await source.run(2)).listener.address(url);
    assert.equal(address.url, url);
  });

  it("gives way to the window in which another way is chosen", async test => {
    const { clock, window } = aMachine(test);
    const [one, other] = [window(), window()];
    one.address.open("cloudflared");
    (await one.source.run(1)).listener.address(url);
    other.address.open("tailscale");
    (await other.source.run(1)).listener.address("https://laptop.tail0a1b2c.ts.net");
    clock.advance(6 * second);
    assert.ok(one.source.runs[0]?.closed);
    const expected = { kind: "open", way: "tailscale", url: "https://laptop.tail0a1b2c.ts.net" };
    assert.deepEqual(one.address.state, { ...expected, here: false });
    assert.deepEqual(other.address.state, { ...expected, here: true });
  });
});
