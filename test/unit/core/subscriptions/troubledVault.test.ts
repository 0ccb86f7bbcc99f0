import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { hour, minute, second } from "../../../../src/base/clock.ts";
import { fail, succeed } from "../../../../src/base/result.ts";
import type { SubscribeRequest } from "../../../../src/zoho/subscription.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { TroubledVault } from "../../../support/troubledVault.ts";
import { alive, channelId, id, openWindow } from "./openWindow.ts";
import { PlayedZoho, zohoProblem } from "./playedZoho.ts";

type Trouble = "hang" | "fail";

const mine = alive({ token: "ours", expiresAt: new FakeClock().now() + hour, events: ["Leads.create"] });

/** One machine whose vault is troubled, with one channel of its own that ends in an hour. */
class Machine {
  readonly clock = new FakeClock();
  readonly vault = new TroubledVault();
  readonly zoho = new PlayedZoho(this.clock);
  readonly #file: string;

  constructor(test: TestContext) {
    this.#file = join(temporaryFolder(test), "windows.sqlite");
    this.zoho.listed = [mine];
    const take = (request: Pick<SubscribeRequest, "events" | "token" | "expiresAt">) => {
      const { events, token = "none", expiresAt } = request;
      this.zoho.listed = [{ ...mine, events, token, expiresAt }];
      return succeed({ granted: this.zoho.listed, refused: [] });
    };
    this.zoho.onSubscribe = take;
    this.zoho.onUpdate = take;
    this.zoho.onRenew = ({ events, token, expiresAt }) =>
      take({ events, ...(token === undefined ? {} : { token }), expiresAt });
    this.zoho.onUnsubscribe = ids => {
      this.zoho.listed = [];
      return succeed(new Map(ids.map(each => [each, succeed(undefined)])));
    };
  }

  async open(zoho = this.zoho) {
    const window = await openWindow(this.vault, this.clock, zoho, this.#file);
    await window.service.refresh(id);
    return window;
  }

  async pass(duration: number): Promise<void> {
    for (let passed = 0; passed < duration; passed += 5 * second) {
      this.clock.advance(5 * second);
      for (let turn = 0; turn < 6; turn++) await setImmediate();
    }
  }

  /** What `work` gives, with as much time as it needs. */
  async after<T>(work: Promise<T>): Promise<T> {
    await this.pass(2 * minute);
    return work;
  }
}

type Window = Awaited<ReturnType<Machine["open"]>>;

/** How often the channel is made again, as renewal does it, once its end has passed. */
async function madeAgain(machine: Machine, window: Window): Promise<number> {
  await machine.pass(hour);
  await machine.after(window.service.refresh(id));
  await machine.after(window.service.keep(id, [channelId], { renews: true, recreates: true, byHand: false }));
  return machine.zoho.subscribed.length;
}

/** A window with one channel of its own, whose vault is in trouble from now on. */
async function inTrouble(test: TestContext, trouble: Trouble): Promise<[Machine, Window]> {
  const machine = new Machine(test);
  const window = await machine.open();
  await window.ownership.add({ channelId, connectionId: id, token: "ours", lastKnown: [mine] });
  await window.service.refresh(id);
  machine.vault[trouble]();
  return [machine, window];
}

async function remove(machine: Machine, window: Window): Promise<boolean | undefined> {
  const outcomes = await machine.after(window.service.delete(id, [channelId]));
  return outcomes.get(channelId)?.ok;
}

function notedDeletions({ notes }: Pick<Window, "notes">): readonly string[] {
  return notes.keys("subscription/deleted/");
}

for (const trouble of ["hang", "fail"] as const) {
  describe(`while the vault ${trouble}s`, () => {
    it("what a person deletes is not made again after its end", async test => {
      const [machine, window] = await inTrouble(test, trouble);
      assert.equal(await remove(machine, window), true);
      assert.equal(await madeAgain(machine, window), 0);
    });

    it("what a person deletes is not made again by the next window, if this one closes", async test => {
      const [machine, window] = await inTrouble(test, trouble);
      assert.equal(await remove(machine, window), true);
      assert.equal(notedDeletions(window).length, 1);
      // The machine is switched off: what waits for the vault never gets there.
      const kept = new Map(machine.vault.entries);
      window.service.dispose();
      window.ownership.dispose();
      machine.vault.recover();
      await setImmediate();
      for (const [key, value] of kept) machine.vault.entries.set(key, value);
      machine.clock.jump(2 * hour);
      const next = await machine.open();
      assert.equal(await madeAgain(machine, next), 0);
      assert.deepEqual([next.ownership.kept(channelId)?.over, notedDeletions(next)], [true, []]);
    });

    it("what a person deletes is not made again by a window that reads only after its end", async test => {
      const [machine, window] = await inTrouble(test, trouble);
      machine.vault.recover();
      const offline = new PlayedZoho(machine.clock);
      offline.listed = [mine];
      const other = await machine.open(offline);
      offline.onList = () => fail(zohoProblem("unreadable"));
      machine.vault[trouble]();
      assert.equal(await remove(machine, window), true);
      machine.clock.jump(hour);
      offline.onList = () => succeed([]);
      await madeAgain(machine, other);
      assert.equal(offline.subscribed.length, 0);
    });

    it("what a colleague deletes is not made again, also where the vault recovers after its end", async test => {
      const [machine, window] = await inTrouble(test, trouble);
      machine.zoho.listed = [];
      await machine.after(window.service.refresh(id));
      await machine.pass(hour);
      machine.vault.recover();
      assert.equal(await madeAgain(machine, window), 0);
      assert.equal(window.ownership.kept(channelId)?.over, true);
    });

    it("what a person edits is made again as it was edited", async test => {
      const [machine, window] = await inTrouble(test, trouble);
      const events = ["Leads.create", "Leads.delete"];
      const edited = await machine.after(
        window.service.change(id, channelId, now => ({ ...now, events, token: "new" })),
      );
      assert.ok(edited.ok);
      machine.zoho.listed = [];
      machine.clock.jump(hour);
      machine.vault.recover();
      assert.equal(await madeAgain(machine, window), 1);
      assert.deepEqual([machine.zoho.subscribed[0]?.token, machine.zoho.subscribed[0]?.events], ["new", events]);
      assert.equal(window.ownership.kept(channelId)?.token, "new");
    });

    it("our channels are somebody else's, but ours as soon as it gives them", async test => {
      const [machine, first] = await inTrouble(test, trouble);
      machine.vault.recover();
      first.service.dispose();
      machine.vault[trouble]("zohoCrm.ownedChannels");
      const window = await machine.after(machine.open());
      const areOurs = (): boolean[] => {
        const state = window.service.stateOf(id);
        return state.kind === "loaded" ? state.channels.map(({ createdHere }) => createdHere) : [];
      };
      assert.deepEqual(areOurs(), [false]);
      machine.vault.recover();
      await machine.pass(2 * minute);
      assert.deepEqual(areOurs(), [true]);
    });

    it("what Zoho refuses to delete is still kept, and nothing says that it was deleted", async test => {
      const [machine, window] = await inTrouble(test, trouble);
      machine.zoho.onUnsubscribe = () => fail(zohoProblem("signed-out"));
      assert.equal(await remove(machine, window), false);
      assert.deepEqual(notedDeletions(window), []);
    });
  });
}

describe("the note of a deletion", () => {
  it("goes once the channel is listed for longer than a request takes, and nothing is forgotten", async test => {
    const [machine, window] = await inTrouble(test, "fail");
    machine.vault.recover();
    const offline = { kind: "offline", reason: "timeout", code: "OFFLINE", message: "", remedy: "retry" } as const;
    machine.zoho.onUnsubscribe = () => {
      machine.zoho.onList = () => fail(offline);
      return fail(offline);
    };
    assert.equal(await remove(machine, window), false);
    machine.zoho.onList = () => succeed(machine.zoho.listed);
    assert.equal(notedDeletions(window).length, 1);
    await machine.after(window.service.refresh(id));
    await machine.after(window.service.refresh(id));
    assert.deepEqual([notedDeletions(window), window.ownership.get(channelId)?.over], [[], undefined]);
    machine.zoho.listed = [];
    assert.equal(await madeAgain(machine, window), 1);
  });

  it("stays where a window reads that has not heard of the channel, as the vault has it", async test => {
    const machine = new Machine(test);
    const one = await machine.open();
    const other = await machine.open();
    const get = machine.vault.get.bind(machine.vault);
    const hears = Promise.withResolvers<undefined>();
    // The other window is told of nothing that happens from here on.
    machine.vault.get = async () => hears.promise;
    machine.vault.entries.set(
      "zohoCrm.ownedChannels",
      JSON.stringify([{ channelId, connectionId: id, token: "ours", lastKnown: [mine] }]),
    );
    one.notes.set(`subscription/deleted/${id}/${channelId}`, String(machine.clock.now()));
    machine.zoho.listed = [];
    await machine.after(other.service.refresh(id));
    assert.equal(notedDeletions(one).length, 1);
    machine.vault.get = get;
  });

  it("goes where a person makes the channel again", async test => {
    const [machine, window] = await inTrouble(test, "fail");
    machine.clock.jump(2 * hour);
    window.notes.set(`subscription/deleted/${id}/${channelId}`, String(machine.clock.now()));
    machine.zoho.listed = [];
    const making = window.service.recreateMany(id, [channelId]);
    await machine.pass(30 * second);
    const made = await making;
    assert.equal(made.get(channelId)?.ok, true);
    assert.deepEqual(notedDeletions(window), []);
  });

  it("that cannot be written keeps nobody from deleting", async test => {
    const [machine, window] = await inTrouble(test, "fail");
    machine.vault.recover();
    window.database.prepare("DROP TABLE note").run();
    assert.equal(await remove(machine, window), true);
    assert.equal(window.ownership.kept(channelId)?.over, true);
  });
});

describe("a window that could not read what another wrote", () => {
  /** Two windows, of which the other misses that the channel is ours. */
  async function missing(test: TestContext): Promise<[Machine, Window, Window]> {
    const machine = new Machine(test);
    const [one, other] = [await machine.open(), await machine.open()];
    const { vault } = machine;
    const get = vault.get.bind(vault);
    await one.ownership.load();
    const store = vault.store.bind(vault);
    vault.store = async (key, value) => {
      vault.get = async () => Promise.reject(new Error("The keyring is locked."));
      await store(key, value);
    };
    await one.ownership.add({ channelId, connectionId: id, token: "ours", lastKnown: [mine] });
    for (let turn = 0; turn < 6; turn++) await setImmediate();
    Object.assign(vault, { get, store });
    assert.equal(other.ownership.get(channelId), undefined);
    return [machine, one, other];
  }

  it("has what a person deletes there forgotten all the same", async test => {
    const [machine, one, other] = await missing(test);
    one.service.dispose();
    one.ownership.dispose();
    assert.equal(await remove(machine, other), true);
    const entries = machine.vault.entries.get("zohoCrm.ownedChannels");
    assert.match(entries ?? "", /"over":true/);
    assert.deepEqual(notedDeletions(other), []);
  });

  it("reads it a minute later", async test => {
    const [machine, , other] = await missing(test);
    await machine.pass(minute + 5 * second);
    assert.equal(other.ownership.get(channelId)?.token, "ours");
  });
});

describe("a vault that works", () => {
  it("is not written by readings that find nothing new, and knows at once what was deleted", async test => {
    const machine = new Machine(test);
    const window = await machine.open();
    await window.ownership.add({ channelId, connectionId: id, token: "ours", lastKnown: [mine] });
    // In the order in which Zoho's answers are read.
    machine.zoho.listed = [{ ...mine, token: "ours" }];
    await window.service.refresh(id);
    const before = machine.vault.stored.get("zohoCrm.ownedChannels");
    for (let count = 0; count < 10; count++) await window.service.refresh(id);
    assert.equal(machine.vault.stored.get("zohoCrm.ownedChannels"), before);
    assert.equal(await remove(machine, window), true);
    assert.deepEqual([window.ownership.kept(channelId)?.over, notedDeletions(window)], [true, []]);
  });
});
