import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { minute, second } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import type { Problem } from "../../../src/base/problem.ts";
import type { AddressListener, AddressSource, AddressWay } from "../../../src/core/address/addressSource.ts";
import { type AddressState, PublicAddress } from "../../../src/core/address/publicAddress.ts";
import { PublicDoor } from "../../../src/core/address/publicDoor.ts";
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

interface Window {
  readonly address: PublicAddress;
  readonly source: PlayedSource;
  /** The shared file cannot be used by this window, as while another program holds it. */
  isBusy: boolean;
  /** This window cannot leave word for the others. */
  isMute: boolean;
  /** What is thrown where the tool is to be started. */
  obstacle: Error | undefined;
}

interface Machine {
  readonly clock: FakeClock;
  kept: AddressWay | undefined;
  readonly window: (clock?: FakeClock) => Window;
}

function aMachine(test: TestContext): Machine {
  const file = join(temporaryFolder(test), "windows.sqlite");
  const clock = new FakeClock();
  const machine: Machine = {
    clock,
    kept: undefined,
    window: (ownClock = clock) => {
      const shared = openSharedDatabase(file, silentLogger);
      const source = new PlayedSource();
      const notes = new SharedNotes(shared.database);
      const claims = new Claims(shared.database, ownClock);
      const usable = <T>(what: T): T => (window.isBusy ? assert.fail("database is locked") : what);
      const address = new PublicAddress({
        relay: () => "http://127.0.0.1:9",
        openDoor: async (...door) => PublicDoor.open(...door),
        sourceFor: async way => {
          if (window.obstacle !== undefined) throw window.obstacle;
          return Promise.resolve(way === "ngrok" ? undefined : source);
        },
        kept: () => machine.kept,
        claims: {
          take: (key, milliseconds) => {
            const claim = usable(claims).take(key, milliseconds);
            const [extend, dispose] = [
              (longer: number) => usable(claim)?.extend(longer) ?? false,
              () => usable(claim)?.dispose(),
            ];
            return claim === undefined ? undefined : { extend, dispose };
          },
        },
        notes: {
          get: key => usable(notes).get(key),
          set: (key, value) => (window.isMute ? assert.fail("disk is full") : usable(notes).set(key, value)),
          delete: key => usable(notes).delete(key),
        },
        clock: ownClock,
        random: () => 0,
        logger: silentLogger,
      });
      test.after(() => {
        address.dispose();
        shared.dispose();
      });
      const window: Window = { address, source, isBusy: false, isMute: false, obstacle: undefined };
      return window;
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
    const { clock, window } = aMachine(test);
    const { address, source } = window();
    address.open("cloudflared");
    (await source.run(1)).listener.ended(ended);
    clock.advance(minute);
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

  it("is closed for all while the tool has not named it yet, and stays closed when the tool does", async test => {
    const { clock, window } = aMachine(test);
    const [one, other] = [window(), window()];
    other.address.start();
    one.address.open("cloudflared");
    const run = await one.source.run(1);
    clock.advance(3 * second);
    assert.deepEqual(other.address.state, { kind: "opening", way: "cloudflared" });
    other.address.close();
    run.listener.address(url);
    assert.deepEqual(one.address.state, { kind: "none" });
    assert.ok(run.closed);
    clock.advance(minute);
    assert.deepEqual(other.address.state, { kind: "none" });
  });

  it("is not opened again once it was closed", async test => {
    const { clock, window } = aMachine(test);
    const { address, source } = window();
    address.open("cloudflared");
    const run = await source.run(1);
    run.listener.address(url);
    run.listener.ended(ended);
    address.close();
    clock.advance(minute);
    assert.equal(source.runs.length, 1);
  });

  it("gives way to what a person chose, also where what is kept could not be said yet", async test => {
    const machine = aMachine(test);
    machine.kept = "cloudflared";
    const [one, chosen] = [machine.window(), machine.window()];
    one.isMute = true;
    one.address.start();
    (await one.source.run(1)).listener.address(url);
    chosen.address.open("tailscale");
    one.isMute = false;
    machine.clock.advance(3 * second);
    assert.deepEqual(one.address.state, { kind: "opening", way: "tailscale" });
    assert.ok(one.source.runs[0]?.closed);
  });

  it("is gone for all windows while the tool is started again", async test => {
    const { clock, window } = aMachine(test);
    const [one, other] = [window(), window()];
    other.address.start();
    one.address.open("cloudflared");
    (await one.source.run(1)).listener.address(url);
    clock.advance(3 * second);
    one.source.runs[0]?.listener.ended(ended);
    clock.advance(3 * second);
    assert.deepEqual(other.address.state, { kind: "opening", way: "cloudflared" });
    assert.equal(other.address.url, undefined);
    clock.advance(5 * minute);
    assert.equal(other.address.url, undefined);
    (await one.source.run(2)).listener.address("https://another.trycloudflare.com");
    clock.advance(3 * second);
    assert.equal(other.address.url, "https://another.trycloudflare.com");
  });

  it("opens where the shared file cannot be used for a while, and is told to the others later", async test => {
    const { clock, window } = aMachine(test);
    const [one, other] = [window(), window()];
    other.address.start();
    one.isBusy = true;
    one.address.open("cloudflared");
    (await one.source.run(1)).listener.address(url);
    assert.equal(one.address.url, url);
    clock.advance(minute);
    assert.equal(one.address.url, url);
    one.isBusy = false;
    clock.advance(6 * second);
    assert.equal(one.address.url, url);
    assert.equal(other.address.url, url);
    one.isBusy = true;
    one.source.runs[0]?.listener.ended(ended);
    assert.equal(one.address.state.kind, "opening");
  });

  it("ends in its own window at once where the shared file cannot be used, and for all as soon as it can be", async test => {
    const { clock, window } = aMachine(test);
    const [one, other] = [window(), window()];
    one.address.open("cloudflared");
    (await one.source.run(1)).listener.address(url);
    other.address.start();
    one.isBusy = true;
    assert.throws(() => one.address.close(), /locked/);
    assert.deepEqual(one.address.state, { kind: "none" });
    one.isBusy = false;
    clock.advance(6 * second);
    assert.deepEqual(one.address.state, { kind: "none" });
    assert.deepEqual(other.address.state, { kind: "none" });
  });

  it("is opened again later where the tool cannot be started just now, and fails where it never was there", async test => {
    const { clock, window } = aMachine(test);
    const one = window();
    one.address.open("cloudflared");
    const first = await one.source.run(1);
    first.listener.address(url);
    one.obstacle = new Error("ENOSPC");
    first.listener.ended(ended);
    clock.advance(second);
    await setImmediate();
    assert.equal(one.address.state.kind, "opening");
    one.obstacle = undefined;
    clock.advance(2 * second);
    (await one.source.run(2)).listener.address(url);
    assert.equal(one.address.url, url);
    const other = window();
    other.obstacle = new Error("ENOSPC");
    other.address.open("cloudflared");
    assert.equal((await nextState(other.address)).kind, "failed");
  });

  for (const isFirst of [true, false]) {
    it(`stays when the machine slept and its own window wakes ${isFirst ? "first" : "last"}`, async test => {
      const machine = aMachine(test);
      machine.kept = "cloudflared";
      const [one, other] = [machine.window(), machine.window()];
      one.address.start();
      (await one.source.run(1)).listener.address(url);
      if (!isFirst) machine.clock.advance(2 * second);
      other.address.start();
      if (!isFirst) machine.clock.advance(2 * second);
      const states: AddressState[] = [];
      other.address.onDidChange(state => states.push(state));
      machine.clock.jump(60 * minute);
      machine.clock.advance(minute);
      assert.equal(one.address.url, url);
      assert.equal(other.address.url, url);
      assert.equal(other.source.runs.length, 0);
      assert.deepEqual(states, []);
    });
  }

  it("is another window's where that took it over while this one slept", async test => {
    const machine = aMachine(test);
    machine.kept = "cloudflared";
    const asleep = new FakeClock();
    const [one, other] = [machine.window(asleep), machine.window()];
    one.address.start();
    (await one.source.run(1)).listener.address(url);
    other.address.start();
    // The other takes the claim, and cannot say so yet.
    other.isMute = true;
    machine.clock.advance(14 * second);
    assert.equal(other.source.runs.length, 0, "one beat of silence is none");
    machine.clock.advance(4 * second);
    asleep.jump(machine.clock.now() - asleep.now());
    asleep.advance(3 * second);
    assert.notEqual(one.address.url, url);
    assert.ok(one.source.runs[0]?.closed);
    (await other.source.run(1)).listener.address("https://another.trycloudflare.com");
    other.isMute = false;
    machine.clock.advance(3 * second);
    asleep.advance(3 * second);
    assert.equal(one.address.url, "https://another.trycloudflare.com");
  });

  it("is what a person chose, though what is kept is open and a third window is there", async test => {
    const machine = aMachine(test);
    machine.kept = "cloudflared";
    const [one, chosen, third] = [machine.window(), machine.window(), machine.window()];
    one.address.start();
    (await one.source.run(1)).listener.address(url);
    third.address.start();
    machine.clock.advance(second);
    chosen.address.open("tailscale");
    const run = await chosen.source.run(1);
    machine.clock.advance(30 * second);
    run.listener.address("https://laptop.tail0a1b2c.ts.net");
    machine.clock.advance(3 * second);
    for (const { address } of [one, chosen, third]) assert.equal(address.url, "https://laptop.tail0a1b2c.ts.net");
    assert.ok(one.source.runs[0]?.closed);
    assert.equal(third.source.runs.length + one.source.runs.length, 1);
  });

  it("is what a person chose also where that could not be said at once", async test => {
    const machine = aMachine(test);
    machine.kept = "cloudflared";
    const [one, chosen] = [machine.window(), machine.window()];
    one.address.start();
    (await one.source.run(1)).listener.address(url);
    chosen.isBusy = true;
    chosen.address.open("tailscale");
    (await chosen.source.run(1)).listener.address("https://laptop.tail0a1b2c.ts.net");
    machine.clock.advance(6 * second);
    chosen.isBusy = false;
    machine.clock.advance(6 * second);
    assert.equal(one.address.url, "https://laptop.tail0a1b2c.ts.net");
    assert.equal(chosen.address.url, "https://laptop.tail0a1b2c.ts.net");
  });

  it("is opened anew when its window was killed and the clock was set back since", async test => {
    const machine = aMachine(test);
    machine.kept = "cloudflared";
    const one = machine.window();
    one.address.start();
    (await one.source.run(1)).listener.address(url);
    const earlier = new FakeClock(machine.clock.now() - 180 * minute);
    const next = machine.window(earlier);
    next.address.start();
    assert.equal(next.address.url, undefined);
    earlier.advance(3 * second);
    (await next.source.run(1)).listener.address("https://another.trycloudflare.com");
    assert.equal(next.address.url, "https://another.trycloudflare.com");
  });
});
