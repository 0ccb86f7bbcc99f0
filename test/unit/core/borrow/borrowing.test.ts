import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { day, hour, minute, second } from "../../../../src/base/clock.ts";
import type { Borrowing } from "../../../../src/core/borrow/borrowing.ts";
import type { Loan } from "../../../../src/core/borrow/loan.ts";
import { longestExpiry } from "../../../../src/core/subscriptions/grants.ts";
import { errorOf, valueOf } from "../../zoho/scriptedTransport.ts";
import { BorrowWorld, connectionId, here, original } from "./borrowWorld.ts";

const { channelId } = original;
const request = { connectionId, channelId, notifyUrl: here };

async function borrowed(test: TestContext, duration?: number): Promise<[BorrowWorld, Borrowing, Loan]> {
  const world = new BorrowWorld(test);
  const window = world.open();
  const { loan } = valueOf(await window.borrow(duration === undefined ? request : { ...request, duration }));
  return [world, window, loan];
}

describe("a borrowed channel", () => {
  it("is not borrowed as long as the loan would be forgotten with this window", async test => {
    const world = new BorrowWorld(test);
    world.isKept = false;
    assert.equal(errorOf(await world.open().borrow(request)).code, "LOAN_NOT_KEPT");
    assert.deepEqual(world.channel, original);
    world.isKept = true;
    valueOf(await world.open().borrow(request));
  });

  it("sends here, with everything but its address as it was, and is given back as it was", async test => {
    const [world, window, loan] = await borrowed(test);
    assert.deepEqual(world.channel, { ...original, notifyUrl: here });
    assert.deepEqual(window.statusOf(loan), { kind: "out" });
    valueOf(await window.giveBack(loan));
    world.assertRestored();
    assert.equal(errorOf(await window.giveBack(loan)).code, "NOT_BORROWED");
  });

  it("keeps its token out of what windows share", async test => {
    const [world] = await borrowed(test);
    const kept = world.notes.keys("").map(key => world.notes.get(key));
    assert.ok(!kept.join().includes(original.token ?? "?"));
    assert.match(world.vault.entries.get("zohoCrm.borrowedTokens") ?? "", /theirs/);
  });

  it("goes back by itself when its time is over, and not before", async test => {
    // Not at a time at which all loans are looked at anyway.
    const between = 15 * minute + 4 * second;
    const [world] = await borrowed(test, between);
    await world.pass(between - second);
    assert.equal(world.channel?.notifyUrl, here);
    await world.pass(second);
    world.assertRestored();
  });

  it("cannot be borrowed twice, nor when it points here already or is gone", async test => {
    const [world, window] = await borrowed(test);
    assert.equal(errorOf(await window.borrow(request)).code, "ALREADY_HERE");
    assert.equal(
      errorOf(await window.borrow({ ...request, notifyUrl: "https://relay.example.com/in/2" })).code,
      "ALREADY_BORROWED",
    );
    world.channel = undefined;
    assert.equal(errorOf(await window.borrow(request)).code, "NOT_SUBSCRIBED");
  });

  it("goes back to where it pointed when it was its turn, with the token that it had then", async test => {
    const world = new BorrowWorld(test);
    const window = world.open();
    const moved = { ...original, notifyUrl: "https://moved.example.com/hook", token: "newer" };
    world.onTurn = () => (world.channel = moved);
    const { loan } = valueOf(await window.borrow(request));
    world.onTurn = undefined;
    assert.equal(world.channel?.notifyUrl, here);
    valueOf(await window.giveBack(loan));
    world.assertRestored(moved);
  });

  it("is not borrowed where it came here, or another window borrowed it, before its turn", async test => {
    const world = new BorrowWorld(test);
    const [window, other] = [world.open(), world.open()];
    world.onTurn = () => (world.channel = { ...original, notifyUrl: here });
    assert.equal(errorOf(await window.borrow(request)).code, "ALREADY_HERE");
    assert.deepEqual([window.loans, world.written], [[], []]);
    world.channel = original;
    world.onTurn = undefined;
    const both = await Promise.all([window, other].map(async each => each.borrow(request)));
    assert.deepEqual(
      both.map(each => (each.ok ? "borrowed" : each.error.code)),
      ["borrowed", "ALREADY_BORROWED"],
    );
    valueOf(await window.giveBack(window.loans[0] ?? assert.fail()));
    world.assertRestored();
  });

  it("is left as it is and asked about where somebody changes it before its turn to go back", async test => {
    const third = "https://third.example.com/x";
    for (const change of [{ notifyUrl: third }, { events: ["Leads.create"] }]) {
      const [world, window, loan] = await borrowed(test);
      world.onTurn = () => (world.channel = { ...original, notifyUrl: here, ...change });
      assert.equal(errorOf(await window.giveBack(loan)).code, "CHANGED_MEANWHILE");
      assert.deepEqual(world.channel, { ...original, notifyUrl: here, ...change });
      assert.equal(window.statusOf(loan).kind, "undecided");
      assert.equal(window.loans.length, 1);
      world.onTurn = undefined;
      valueOf(await window.giveBack(loan, "everything"));
      world.assertRestored();
    }
  });

  it("goes back though the editor quits with two windows at once, or one soon after the other", async test => {
    for (const between of [0, 5 * second]) {
      const world = new BorrowWorld(test);
      const [one, other] = [world.open(), world.open()];
      await world.pass(20 * second);
      valueOf(await one.borrow(request));
      await world.pass(20 * second);
      const first = one.shutDown().then(() => one.dispose());
      if (between > 0) {
        await first;
        world.clock.advance(between);
      }
      await Promise.all([first, other.shutDown().then(() => other.dispose())]);
      world.assertRestored();
    }
  });

  it("goes back though two windows that close look for each other at the same moment", async test => {
    const [world, one] = await borrowed(test);
    const other = world.open();
    let closing: Promise<void> | undefined;
    // Windows are processes: what one has just read, another may make untrue before it acts.
    world.onLook = () => {
      world.onLook = undefined;
      closing = other.shutDown();
    };
    await one.shutDown();
    await closing;
    world.assertRestored();
  });

  it("stays here when one of two windows closes, which has nothing to give back then", async test => {
    const [world, window] = await borrowed(test);
    const other = world.open();
    await world.pass(20 * second);
    await window.shutDown();
    window.dispose();
    await world.pass(minute);
    assert.equal(world.channel?.notifyUrl, here);
    assert.equal(other.loans.length, 1);
  });

  it("is over when a person deletes it", async test => {
    const [world] = await borrowed(test);
    world.channel = undefined;
    world.deleted.fire({ connectionId, channelId });
    await world.pass(minute);
    assert.deepEqual([world.notes.keys("borrow/"), world.written], [[], ["change"]]);
  });

  it("is not brought back after its time where somebody had deleted it before", async test => {
    const [world, window] = await borrowed(test, 15 * minute);
    world.channel = undefined;
    await world.pass(20 * minute);
    await window.shutDown();
    window.dispose();
    await world.pass(5 * hour);
    const next = world.open();
    await world.pass(minute);
    assert.equal(world.channel, undefined);
    assert.equal(next.loans[0] === undefined ? undefined : next.statusOf(next.loans[0]).kind, "undecided");
  });

  it("is made again with what somebody had changed where its time passed before anybody decided", async test => {
    const [world, window, loan] = await borrowed(test);
    world.channel = { ...original, notifyUrl: here, events: ["Leads.create"], token: "another" };
    assert.equal(errorOf(await window.giveBack(loan)).code, "CHANGED_MEANWHILE");
    await window.shutDown();
    window.dispose();
    world.channel = undefined;
    world.clock.advance(8 * day);
    const next = world.open();
    valueOf(await next.giveBack(next.loans[0] ?? assert.fail()));
    const expiresAt = world.clock.now() + longestExpiry;
    world.assertRestored({ ...original, events: ["Leads.create"], token: "another", expiresAt });
  });

  /** A loan of which lists were read since, as it is made again after its end. */
  async function madeAgain(test: TestContext, readMeanwhile: (world: BorrowWorld) => Promise<void> | void) {
    const [world, window, loan] = await borrowed(test);
    await world.pass(second);
    await readMeanwhile(world);
    await world.pass(second);
    world.channel = undefined;
    world.clock.advance(4 * hour);
    valueOf(await window.giveBack(loan));
    return world.withoutEnd;
  }

  const { expiresAt: _, ...before } = original;

  it("is made again as it was last listed where nobody had tried to give it back before", async test => {
    const made = await madeAgain(test, async world => {
      world.channel = { ...original, notifyUrl: here, events: ["Leads.create"] };
      world.list();
      await world.pass(second);
      world.channel = { ...original, notifyUrl: here, token: "another" };
      world.list();
    });
    assert.deepEqual(made, { ...before, token: "another" });
  });

  it("is asked about where somebody had pointed it elsewhere before its end", async test => {
    const [world, window, loan] = await borrowed(test);
    await world.pass(second);
    world.channel = { ...original, notifyUrl: "https://elsewhere.example.com/x" };
    world.list();
    await world.pass(second);
    world.channel = undefined;
    world.clock.advance(4 * hour);
    assert.match(errorOf(await window.giveBack(loan)).message, /pointed at elsewhere\.example\.com/);
    valueOf(await window.giveBack(loan, "everything"));
    world.assertRestored({ ...original, expiresAt: world.clock.now() + longestExpiry });
  });

  it("is made again as it was asked for last, whichever list is read last", async test => {
    const made = await madeAgain(test, async world => {
      const early = world.clock.now() - hour;
      const then = world.clock.now();
      await world.pass(second);
      world.channel = { ...original, notifyUrl: here, token: "another" };
      world.list();
      await world.pass(second);
      world.channel = { ...original, notifyUrl: here, events: ["Leads.edit"] };
      for (const askedAt of [then, early]) world.list(askedAt);
    });
    assert.deepEqual(made, { ...before, token: "another" });
  });

  it("is made again as it was lent where a list is of before", async test => {
    const made = await madeAgain(test, world => {
      world.channel = { ...original, notifyUrl: here, events: ["Leads.edit"] };
      world.list(world.clock.now() - hour);
    });
    assert.deepEqual(made, before);
  });

  it("is made again with a module that came to its own end", async test => {
    const made = await madeAgain(test, world => {
      world.channel = { ...original, notifyUrl: here, events: ["Leads.create", "Deals.edit"] };
      world.list(undefined, module => module === "Leads");
    });
    assert.deepEqual(made, before);
  });

  it("is not made again where a list showed that its owner took it back and let it end, also after a crash", async test => {
    const world = new BorrowWorld(test);
    const window = world.open(5);
    valueOf(await window.borrow(request));
    world.channel = { ...original, events: ["Leads.create"] };
    world.list();
    await world.pass(second);
    assert.deepEqual([window.loans, world.notes.keys("borrow/")], [[], []]);
    world.channel = undefined;
    world.clock.advance(4 * hour);
    const next = world.open();
    await world.pass(minute);
    assert.deepEqual([world.channel, next.loans, world.written], [undefined, [], ["change"]]);
  });

  it("stays borrowed where a list is of before it was, also one that comes while it is being borrowed", async test => {
    const world = new BorrowWorld(test);
    const window = world.open();
    const { channel } = world;
    const slow = Promise.withResolvers<undefined>();
    world.changeHoldsUp = slow.promise;
    const borrowing = window.borrow(request);
    await world.pass(second);
    assert.equal(window.loans.length, 1);
    world.list();
    await world.pass(second);
    slow.resolve(undefined);
    const { loan } = valueOf(await borrowing);
    const now = world.channel;
    world.channel = channel;
    const listed = world.clock.now();
    world.channel = now;
    world.listAs(channel, listed);
    await world.pass(second);
    assert.deepEqual([window.find(connectionId, channelId)?.id, world.channel?.notifyUrl], [loan.id, here]);
    valueOf(await window.giveBack(loan));
    world.assertRestored();
  });

  it("stays borrowed where a list shows it back that by now points elsewhere, or still sends here in part", async test => {
    for (const meanwhile of [{ notifyUrl: "https://third.example.com" }, { otherUrls: [here] }]) {
      const [world, window] = await borrowed(test);
      world.channel = { ...original, ...meanwhile };
      world.listAs(original, world.clock.now());
      await world.pass(second);
      assert.equal(window.loans.length, 1);
    }
  });

  it("says what is missing of it where it was made again without that, and nobody heard so", async test => {
    const events = ["Leads.create", "Deals.edit"];
    for (const sees of ["another try", "a list"] as const) {
      const world = new BorrowWorld(test);
      world.channel = { ...original, events };
      const window = world.open();
      const said: string[] = [];
      window.onDidWarn(({ warnings }) => said.push(...warnings.map(({ message }) => message)));
      const { loan } = valueOf(await window.borrow(request));
      world.channel = undefined;
      world.clock.jump(4 * hour);
      world.losesAnswers = restored => ({ ...restored, events: ["Leads.create"] });
      assert.equal(errorOf(await window.giveBack(loan)).code, "OFFLINE");
      world.losesAnswers = undefined;
      if (sees === "a list") world.list();
      else valueOf(await window.giveBack(loan));
      await world.pass(second);
      assert.match(said.join(), /^It is back without Deals[^,]*$/);
      assert.deepEqual(window.loans, []);
    }
  });

  it("goes back with the token that somebody had changed and a PATCH has lost since", async test => {
    const [world, window, loan] = await borrowed(test);
    await world.pass(second);
    world.channel = { ...original, notifyUrl: here, token: "another" };
    world.list();
    await world.pass(second);
    const { token: _, ...lost } = world.channel;
    world.channel = lost;
    valueOf(await window.giveBack(loan));
    world.assertRestored({ ...original, token: "another" });
  });

  it("is asked about at once, also while the secret storage never ends writing", async test => {
    const [world, window, loan] = await borrowed(test);
    world.vaultHoldsUp = new Promise(() => undefined);
    world.channel = { ...original, notifyUrl: here, token: "another" };
    assert.equal(errorOf(await window.giveBack(loan)).code, "CHANGED_MEANWHILE");
    assert.equal(window.statusOf(loan).kind, "undecided");
  });

  it("goes back as somebody decides, also while the secret storage never ends writing, or never answers", async test => {
    for (const hangs of ["vaultHoldsUp", "vaultReadHoldsUp"] as const) {
      for (const resolution of ["address", "everything", "leave"] as const) {
        const [world, window, loan] = await borrowed(test);
        const found = { ...original, notifyUrl: here, token: "another", events: ["Leads.edit"] };
        world.channel = found;
        world[hangs] = new Promise(() => undefined);
        const asked = window.giveBack(loan);
        await world.pass(2 * minute);
        assert.equal(errorOf(await asked).code, "CHANGED_MEANWHILE");
        assert.deepEqual(window.find(connectionId, channelId)?.changed?.events, ["Leads.edit"]);
        const decided = window.giveBack(loan, resolution);
        await world.pass(2 * minute);
        valueOf(await decided);
        const { notifyUrl } = original;
        const expected = { address: { ...found, notifyUrl }, everything: original, leave: found }[resolution];
        assert.deepEqual([world.channel, window.loans], [expected, []]);
      }
    }
  });

  it("has what was changed noted also where the token cannot be kept", async test => {
    const [world, window, loan] = await borrowed(test);
    world.isVaultLocked = true;
    world.channel = { ...original, notifyUrl: here, token: "another", events: ["Leads.edit"] };
    assert.equal(errorOf(await window.giveBack(loan)).code, "CHANGED_MEANWHILE");
    await world.pass(second);
    assert.deepEqual(window.find(connectionId, channelId)?.changed?.events, ["Leads.edit"]);
  });

  it("is made again by what another window noted while Zoho was asked", async test => {
    const [world, window, loan] = await borrowed(test);
    await world.pass(second);
    const held = Promise.withResolvers<unknown>();
    world.holdsUp = held.promise;
    const given = window.giveBack(loan);
    world.channel = { ...original, notifyUrl: here, events: ["Leads.edit"] };
    world.list();
    await world.pass(second);
    world.channel = undefined;
    world.clock.advance(4 * hour);
    held.resolve(undefined);
    valueOf(await given);
    assert.deepEqual(world.channel, {
      ...original,
      events: ["Leads.edit"],
      expiresAt: world.clock.now() + longestExpiry,
    });
  });

  it("keeps the longer life that it was given meanwhile", async test => {
    const [world, window, loan] = await borrowed(test);
    const expiresAt = original.expiresAt + hour;
    world.channel = { ...original, notifyUrl: here, expiresAt };
    valueOf(await window.giveBack(loan));
    world.assertRestored({ ...original, expiresAt });
  });

  it("gets its life back where it was cut short", async test => {
    const [world, window, loan] = await borrowed(test);
    world.channel = { ...original, notifyUrl: here, expiresAt: world.clock.now() + 30 * minute };
    valueOf(await window.giveBack(loan));
    world.assertRestored();
  });

  it("gets the token back that a PATCH of somebody's lost", async test => {
    const [world, window, loan] = await borrowed(test);
    const { token: _, ...rest } = original;
    world.channel = { ...rest, notifyUrl: here };
    valueOf(await window.giveBack(loan));
    world.assertRestored();
  });

  it("goes back shortly before Zoho ends it, unless it was renewed", async test => {
    const [world] = await borrowed(test);
    const renewed = { ...original, notifyUrl: here, expiresAt: original.expiresAt + hour };
    world.channel = renewed;
    await world.pass(original.expiresAt - world.clock.now());
    assert.deepEqual(world.channel, renewed);
    await world.pass(hour - minute);
    world.assertRestored({ ...original, expiresAt: renewed.expiresAt });
  });

  for (const ahead of [2 * hour, -2 * hour]) {
    it(`goes back before it ends by Zoho's clock, or is made again after, where that is ${ahead / hour} hours ahead of this machine's`, async test => {
      for (const isExpired of [false, true]) {
        const world = new BorrowWorld(test);
        world.ahead = ahead;
        const ends = { ...original, expiresAt: world.clock.now() + ahead + hour };
        world.channel = ends;
        const window = world.open();
        const { loan } = valueOf(await window.borrow(request));
        assert.equal(window.shown(loan)?.dueAt, world.clock.now() + hour - 2 * minute);
        await world.pass(hour - 3 * minute);
        assert.equal(world.channel.notifyUrl, here);
        if (isExpired) {
          world.clock.jump(3 * minute);
          world.channel = undefined;
          valueOf(await window.giveBack(loan));
        } else await world.pass(2 * minute);
        const life = isExpired ? { expiresAt: world.clock.now() + ahead + longestExpiry } : {};
        world.assertRestored({ ...ends, ...life });
      }
    });
  }

  it("is made again with everything it had when it expired meanwhile", async test => {
    const [world, window, loan] = await borrowed(test);
    world.clock.jump(4 * hour);
    world.channel = undefined;
    valueOf(await window.giveBack(loan));
    world.assertRestored({ ...original, expiresAt: world.clock.now() + longestExpiry });
    assert.deepEqual(world.written, ["change", "restore"]);
  });
});

describe("a channel that somebody changed while it was borrowed", () => {
  const events = ["Leads.create", "Tasks.edit"];

  async function changed(test: TestContext): Promise<[BorrowWorld, Borrowing, Loan]> {
    const [world, window, loan] = await borrowed(test, hour);
    world.channel = { ...original, notifyUrl: here, events };
    const problem = errorOf(await window.giveBack(loan));
    assert.equal(problem.code, "CHANGED_MEANWHILE");
    assert.match(problem.message, /hooks\.example\.com was changed .* Events of Tasks: none → edit/);
    assert.equal(window.statusOf(loan).kind, "undecided");
    return [world, window, loan];
  }

  it("is asked about, and left alone until somebody decides, also when its time is over", async test => {
    const [world, window, loan] = await changed(test);
    await world.pass(2 * hour);
    assert.deepEqual(world.channel?.events, events);
    assert.equal(window.statusOf(loan).kind, "undecided");
  });

  it("can keep the change and get its address back", async test => {
    const [world, window, loan] = await changed(test);
    valueOf(await window.giveBack(loan, "address"));
    world.assertRestored({ ...original, events });
  });

  it("can be put back as it was", async test => {
    const [world, window, loan] = await changed(test);
    valueOf(await window.giveBack(loan, "everything"));
    world.assertRestored();
  });

  it("can be left", async test => {
    const [world, window, loan] = await changed(test);
    valueOf(await window.giveBack(loan, "leave"));
    world.assertRestored({ ...original, notifyUrl: here, events });
  });

  it("is done with when its owner took it back", async test => {
    const [world, window, loan] = await borrowed(test);
    world.channel = { ...original, events };
    valueOf(await window.giveBack(loan));
    world.assertRestored({ ...original, events });
    assert.deepEqual(world.written, ["change"]);
  });

  it("is asked about when it was deleted or points elsewhere", async test => {
    const [world, window, loan] = await borrowed(test);
    world.channel = undefined;
    assert.match(errorOf(await window.giveBack(loan)).message, /was deleted while it was borrowed/);
    world.channel = { ...original, notifyUrl: "https://third.example.com" };
    assert.match(errorOf(await window.giveBack(loan)).message, /was pointed at third\.example\.com/);
    valueOf(await window.giveBack(loan, "everything"));
    world.assertRestored();
  });
});

describe("a channel that cannot be given back", () => {
  it("says why and what to do, is tried again by itself, and is then restored", async test => {
    const [world, window, loan] = await borrowed(test, 15 * minute);
    world.trouble = { code: "SIGNED_OUT", message: "You are signed out.", remedy: "sign-in" };
    await world.pass(15 * minute);
    const status = window.statusOf(loan);
    assert.ok(status.kind === "stuck");
    assert.equal(status.problem.remedy, "sign-in");
    assert.match(status.problem.message, /from hooks\.example\.com could not be given back .* You are signed out\./);
    world.trouble = undefined;
    await world.pass(minute);
    world.assertRestored();
  });

  it("is given back in good time after a while in which nothing that windows share could be read", async test => {
    const [world, window, loan] = await borrowed(test, 15 * minute);
    world.isStuck = true;
    assert.equal((await window.giveBack(loan)).ok, false);
    await world.pass(20 * minute);
    assert.equal(world.channel?.notifyUrl, here);
    world.isStuck = false;
    await world.pass(16 * minute);
    world.assertRestored();
  });

  it("is given back although windows cannot say that they are done with it", async test => {
    const [world, window, loan] = await borrowed(test);
    world.database.prepare("CREATE TRIGGER full BEFORE DELETE ON claim BEGIN SELECT RAISE(ABORT, 'full'); END").run();
    valueOf(await window.giveBack(loan));
    world.assertRestored();
    assert.deepEqual(window.statusOf(loan), { kind: "out" });
  });

  it("is tried again later each time, and says each time until when it waits", async test => {
    const [world, window, loan] = await borrowed(test);
    world.trouble = { code: "SIGNED_OUT", message: "You are signed out.", remedy: "sign-in" };
    const waits: number[] = [];
    for (let tries = 0; tries < 3; tries++) {
      assert.equal(errorOf(await window.giveBack(loan)).remedy, "sign-in");
      const status = window.statusOf(loan);
      assert.ok(status.kind === "stuck");
      waits.push((status.retryAt - world.clock.now()) / second);
    }
    assert.deepEqual(waits, [22.5, 45, 90]);
    world.trouble = undefined;
    await world.pass(90 * second - 1);
    assert.equal(world.channel?.notifyUrl, here);
    await world.pass(30 * second);
    world.assertRestored();
    assert.deepEqual(window.statusOf(loan), { kind: "out" });
  });

  it("can be borrowed again where it could not be remembered the first time", async test => {
    const world = new BorrowWorld(test);
    const window = world.open();
    world.notes.set = () => {
      throw new Error("SQLITE_FULL");
    };
    assert.equal(errorOf(await window.borrow(request)).code, "UNEXPECTED");
    Reflect.deleteProperty(world.notes, "set");
    assert.deepEqual([world.channel, window.loans], [original, []]);
    valueOf(await world.open().borrow(request));
  });

  it("was not borrowed when Zoho refused the new address", async test => {
    const world = new BorrowWorld(test);
    const window = world.open();
    const refusal = { code: "INVALID_DATA", message: "No.", remedy: "none" } as const;
    const borrowing = window.borrow(request);
    world.trouble = refusal;
    assert.equal(errorOf(await borrowing).code, "INVALID_DATA");
    world.trouble = undefined;
    await world.pass(minute);
    world.assertRestored();
  });

  it("was not borrowed either when Zoho refuses it once the loan is noted, and says why", async test => {
    const world = new BorrowWorld(test);
    const window = world.open();
    const slow = Promise.withResolvers<undefined>();
    world.changeHoldsUp = slow.promise;
    const borrowing = window.borrow(request);
    await world.pass(second);
    assert.equal(window.loans.length, 1);
    world.trouble = { code: "INVALID_DATA", message: "No.", remedy: "none" };
    slow.resolve(undefined);
    assert.equal(errorOf(await borrowing).code, "INVALID_DATA");
    world.trouble = undefined;
    await world.pass(minute);
    world.assertRestored();
  });
});

describe("several loans", () => {
  const others = ["2", "3"].map(each => ({ ...request, channelId: each }));

  it("are apart: each has its own token, and one that is given back leaves the others", async test => {
    const world = new BorrowWorld(test);
    const window = world.open();
    const loans: Loan[] = [];
    for (const each of [request, ...others]) {
      world.channel = { ...original, channelId: each.channelId, token: `of ${each.channelId}` };
      loans.push(valueOf(await window.borrow(each)).loan);
    }
    const [, second_, third] = loans;
    assert.ok(second_ !== undefined && third !== undefined);
    world.channel = { ...original, channelId: "2", notifyUrl: here, token: "of 2" };
    valueOf(await window.giveBack(second_));
    assert.deepEqual(world.channel.token, "of 2");
    assert.deepEqual(window.loans.map(each => each.channelId).toSorted(), [channelId, "3"].toSorted());
    assert.doesNotMatch(world.vault.entries.get("zohoCrm.borrowedTokens") ?? "", /of 2/);
    assert.match(world.vault.entries.get("zohoCrm.borrowedTokens") ?? "", /of 3/);
    assert.equal(window.shown(second_), undefined);
    assert.deepEqual(window.shown(third)?.status, { kind: "out" });
  });
});

describe("a borrowed channel that a person deletes", () => {
  it("is nobody's to give back", async test => {
    const [world, window, loan] = await borrowed(test, 15 * minute);
    world.deleted.fire({ connectionId, channelId: "another" });
    world.deleted.fire({ connectionId: "another", channelId });
    await world.pass(second);
    assert.equal(window.loans.length, 1);
    world.channel = undefined;
    world.deleted.fire({ connectionId, channelId });
    await world.pass(second);
    assert.deepEqual([window.loans, window.find(connectionId, channelId)], [[], undefined]);
    await world.pass(hour);
    assert.deepEqual([world.channel, world.written], [undefined, ["change"]]);
    assert.equal(errorOf(await window.giveBack(loan)).code, "NOT_BORROWED");
  });
});

describe("a loan that is over", () => {
  it("is forgotten as soon as the disk allows, and nothing is given back of it until then", async test => {
    for (const [isStuck, keepsNotes] of [
      [true, false],
      [false, true],
    ] as const) {
      const [world, window] = await borrowed(test, 15 * minute);
      Object.assign(world, { isStuck, keepsNotes, channel: undefined });
      world.deleted.fire({ connectionId, channelId });
      await world.pass(20 * minute);
      Object.assign(world, { isStuck: false });
      if (keepsNotes) assert.deepEqual([window.loans, window.find(connectionId, channelId)], [[], undefined]);
      await world.pass(5 * hour);
      world.keepsNotes = false;
      await world.pass(minute);
      assert.deepEqual([world.channel, world.written, world.notes.keys("borrow/")], [undefined, ["change"], []]);
    }
  });

  it("is not made again by the last window that closes, nor is a person's word needed to forget it", async test => {
    const [world, window, loan] = await borrowed(test);
    Object.assign(world, { keepsNotes: true, channel: undefined });
    world.deleted.fire({ connectionId, channelId });
    world.clock.jump(4 * hour);
    world.keepsNotes = false;
    valueOf(await window.giveBack(loan));
    await window.shutDown();
    assert.deepEqual([world.channel, world.written, world.notes.keys("borrow/")], [undefined, ["change"], []]);
  });

  it("was given back though its note or its token cannot be forgotten, and is forgotten later", async test => {
    for (const trouble of ["keepsNotes", "isVaultLocked"] as const) {
      const [world, window, loan] = await borrowed(test);
      world[trouble] = true;
      valueOf(await window.giveBack(loan));
      assert.deepEqual([window.loans, window.statusOf(loan), world.channel], [[], { kind: "out" }, original]);
      world[trouble] = false;
      world.open();
      await world.pass(minute);
      world.assertRestored();
    }
  });

  it("leaves its token to no later loan of a channel that has none", async test => {
    const [world, window, loan] = await borrowed(test);
    world.isVaultLocked = true;
    valueOf(await window.giveBack(loan));
    world.isVaultLocked = false;
    const { token: _, ...rest } = original;
    world.channel = rest;
    const next = valueOf(await window.borrow(request)).loan;
    valueOf(await window.giveBack(next));
    world.assertRestored(rest);
  });

  it("gives nothing back of the next one of its channel, whatever a person answers to what was asked about it", async test => {
    const staging = { ...original, notifyUrl: "https://staging.example.com/hook" };
    for (const answer of [undefined, "leave", "everything", "address"] as const) {
      const [world, window, old] = await borrowed(test, hour);
      const other = world.open();
      world.channel = { ...original, notifyUrl: here, events: ["Leads.create"] };
      assert.equal(errorOf(await window.giveBack(old)).code, "CHANGED_MEANWHILE");
      valueOf(await other.giveBack(old, "address"));
      assert.equal(errorOf(await window.giveBack(old)).code, "NOT_BORROWED");
      assert.equal(window.statusOf(old).kind, "out");
      world.channel = staging;
      await world.pass(10 * second);
      const { loan } = valueOf(await other.borrow(request));
      assert.equal(window.statusOf(loan).kind, "out");
      assert.equal(errorOf(await window.giveBack(old, answer)).code, "NOT_BORROWED");
      assert.equal(world.channel.notifyUrl, here);
      valueOf(await other.giveBack(window.loans[0] ?? assert.fail()));
      world.assertRestored(staging);
    }
  });
});

describe("giving back", () => {
  it("still does what a person answers while it is under way without an answer", async test => {
    const [world, window, loan] = await borrowed(test, hour);
    const events = ["Leads.create"];
    world.channel = { ...original, notifyUrl: here, events };
    const slow = Promise.withResolvers<undefined>();
    world.holdsUp = slow.promise;
    const outcomes = Promise.all([window.giveBack(loan), window.giveBack(loan, "address"), window.giveBack(loan)]);
    slow.resolve(undefined);
    assert.deepEqual(
      (await outcomes).map(each => (each.ok ? "done" : each.error.code)),
      ["CHANGED_MEANWHILE", "done", "CHANGED_MEANWHILE"],
    );
    world.assertRestored({ ...original, events });
  });

  it("is done once, though the same window is told twice", async test => {
    const [world, window, loan] = await borrowed(test);
    const outcomes = await Promise.all([window.giveBack(loan), window.giveBack(loan)]);
    assert.deepEqual(
      outcomes.map(({ ok }) => ok),
      [true, true],
    );
    assert.deepEqual(world.written, ["change", "change"]);
  });

  it("is done of all loans of a connection that ends, and of no other", async test => {
    const [world, window] = await borrowed(test);
    await window.giveBackAll("another");
    assert.equal(world.channel?.notifyUrl, here);
    await window.giveBackAll(connectionId);
    world.assertRestored();
  });

  it("says meanwhile that it goes back, and tells of it", async test => {
    const [world, window, loan] = await borrowed(test);
    const seen: unknown[] = [];
    window.onDidChange(() => seen.push(window.shown(loan)?.status.kind));
    valueOf(await window.giveBack(loan));
    assert.deepEqual(seen, ["returning", undefined]);
    world.assertRestored();
  });

  it("does not keep a window that closes from closing for more than three seconds", async test => {
    const [world, window] = await borrowed(test);
    world.holdsUp = new Promise(() => undefined);
    let isOver = false;
    void window.shutDown().then(() => (isOver = true));
    await world.pass(3 * second - 1);
    assert.equal(isOver, false);
    await world.pass(1);
    assert.equal(isOver, true);
  });

  it("happens two minutes before Zoho ends the channel", async test => {
    const [world] = await borrowed(test);
    await world.pass(original.expiresAt - world.clock.now() - 2 * minute - second);
    assert.equal(world.channel?.notifyUrl, here);
    await world.pass(second);
    world.assertRestored();
  });
});

describe("a clock that is set back", () => {
  it("keeps no loan that a crash left behind from going back with the next start", async test => {
    for (const back of [0, second, hour]) {
      const world = new BorrowWorld(test);
      // Token, note, address, and a word of each of the first looks; then the window dies.
      await world.open(6).borrow(request);
      await world.pass(minute);
      world.clock.jump(minute - back);
      world.open();
      await world.pass(2 * minute);
      world.assertRestored();
    }
  });

  it("takes no loan from who looks after it, and moves the time at which it goes back", async test => {
    const [world, window] = await borrowed(test, hour);
    world.open();
    await world.pass(minute);
    world.clock.setBack(3 * hour);
    await world.pass(58 * minute);
    assert.equal(world.channel?.notifyUrl, here);
    assert.equal(window.loans.length, 1);
    await world.pass(2 * minute);
    world.assertRestored();
  });

  it("makes no loan wait for longer that could not be given back", async test => {
    const [world, window, loan] = await borrowed(test);
    world.trouble = { code: "SIGNED_OUT", message: "You are signed out.", remedy: "sign-in" };
    assert.equal((await window.giveBack(loan)).ok, false);
    world.trouble = undefined;
    world.clock.setBack(3 * hour);
    await world.pass(minute);
    world.assertRestored();
  });
});

describe("a loan that another window ended while this one waited for the channel's turn", () => {
  it("is not given back, also where the channel was borrowed again", async test => {
    for (const isBorrowedAgain of [false, true]) {
      const [world, window, loan] = await borrowed(test);
      world.onTurn = () => {
        world.onTurn = undefined;
        const key = world.notes.keys("borrow/")[0] ?? assert.fail();
        const { id: _, ...rest } = JSON.parse(world.notes.get(key) ?? "") as Record<string, unknown>;
        world.notes.delete(key);
        if (isBorrowedAgain) world.notes.set(key, JSON.stringify({ ...rest, id: "next" }));
      };
      assert.equal(errorOf(await window.giveBack(loan)).code, "NOT_BORROWED");
      assert.deepEqual([world.written, world.channel?.notifyUrl], [["change"], here]);
    }
  });
});

describe("a channel that its owner made again with fewer modules, after this editor could not", () => {
  it("is said to be back without them, and not that Zoho did not subscribe them", async test => {
    const world = new BorrowWorld(test);
    world.channel = { ...original, events: ["Leads.create", "Deals.create"] };
    const window = world.open();
    const said: string[] = [];
    window.onDidWarn(({ warnings }) => said.push(...warnings.map(({ message }) => message)));
    valueOf(await window.borrow(request));
    world.clock.jump(4 * hour);
    world.channel = undefined;
    world.losesAnswers = () => {
      throw new Error("ECONNREFUSED");
    };
    await world.pass(20 * second);
    world.losesAnswers = undefined;
    world.channel = { ...original, events: ["Leads.create"], expiresAt: world.clock.now() + 9 * hour };
    await world.pass(5 * minute);
    assert.deepEqual([said, window.loans], [["It is back without Deals."], []]);
  });
});

describe("a borrowed channel that a colleague moves and takes a module from with one edit", () => {
  it("is not made again as it was once it ended, but asked about, whoever saw the move", async test => {
    for (const isListed of [true, false]) {
      const world = new BorrowWorld(test);
      world.channel = { ...original, events: ["Leads.create", "Deals.create"] };
      const window = world.open();
      const { loan } = valueOf(await window.borrow(request));
      world.channel = { ...original, notifyUrl: "https://elsewhere.example.com/x", events: ["Leads.create"] };
      if (isListed) world.list();
      else assert.equal(errorOf(await window.giveBack(loan)).code, "CHANGED_MEANWHILE");
      await world.pass(minute);
      window.dispose();
      world.clock.jump(5 * hour);
      world.channel = undefined;
      const next = world.open();
      await world.pass(2 * minute);
      assert.deepEqual([world.channel, next.loans.map(each => next.statusOf(each).kind)], [undefined, ["undecided"]]);
    }
  });
});

describe("a secret storage that takes its time", () => {
  it("loses no token to a window that opens meanwhile", async test => {
    const world = new BorrowWorld(test);
    const window = world.open();
    const slow = Promise.withResolvers<undefined>();
    world.vaultHoldsUp = slow.promise;
    const borrowing = window.borrow(request);
    await world.pass(5 * minute);
    world.open();
    await world.pass(second);
    slow.resolve(undefined);
    const { loan } = valueOf(await borrowing);
    const { token: _, ...rest } = original;
    world.channel = { ...rest, notifyUrl: here };
    valueOf(await window.giveBack(loan));
    world.assertRestored();
  });

  it("is not waited for without end, and leaves no loan behind", async test => {
    const world = new BorrowWorld(test);
    const window = world.open();
    const slow = Promise.withResolvers<undefined>();
    world.vaultReadHoldsUp = slow.promise;
    const borrowing = window.borrow(request);
    await world.pass(11 * minute);
    assert.equal(errorOf(await borrowing).code, "VAULT_UNAVAILABLE");
    world.vaultReadHoldsUp = undefined;
    slow.resolve(undefined);
    await world.pass(minute);
    assert.deepEqual([world.written, window.loans], [[], []]);
    world.open();
    await world.pass(minute);
    world.assertRestored();
  });

  it("borrows nothing that became another window's while the machine slept", async test => {
    const world = new BorrowWorld(test);
    const [window, other] = [world.open(), world.open()];
    const slow = Promise.withResolvers<undefined>();
    world.vaultHoldsUp = slow.promise;
    const borrowing = window.borrow(request);
    for (let turn = 0; turn < 10; turn++) await setImmediate();
    world.clock.jump(hour);
    world.vaultHoldsUp = undefined;
    const { loan } = valueOf(await other.borrow(request));
    slow.resolve(undefined);
    assert.equal(errorOf(await borrowing).code, "ALREADY_BORROWED");
    assert.deepEqual(
      window.loans.map(({ id }) => id),
      [loan.id],
    );
    valueOf(await other.giveBack(loan));
    world.assertRestored();
  });
});

describe("the last window that closes", () => {
  /** The editor has put its secret storage away already. */
  function putVaultAway(world: BorrowWorld): void {
    world.vaultReadHoldsUp = new Promise(() => undefined);
    world.isVaultLocked = true;
  }

  it("gives back without the secret storage, also what another window borrowed that is closed by now", async test => {
    for (const isChanged of [false, true]) {
      const world = new BorrowWorld(test);
      const [first, last] = [world.open(), world.open()];
      await world.pass(second);
      const { loan } = valueOf(await first.borrow(request));
      await world.pass(20 * second);
      if (isChanged) {
        world.channel = { ...original, notifyUrl: here, token: "another" };
        world.list();
      }
      await world.pass(20 * second);
      await first.shutDown();
      first.dispose();
      putVaultAway(world);
      let isOver = false;
      void last.shutDown().then(() => (isOver = true));
      await world.pass(second);
      const { notifyUrl, token } = world.channel ?? assert.fail("it is gone");
      assert.deepEqual([notifyUrl, token], isChanged ? [here, "another"] : [original.notifyUrl, original.token]);
      assert.deepEqual([last.loans.length, last.statusOf(loan).kind], isChanged ? [1, "undecided"] : [0, "out"]);
      await world.pass(2 * second);
      assert.equal(isOver, true);
    }
  });

  it("has access to the CRM at hand as long as something is borrowed, in every window", async test => {
    const [world, window, loan] = await borrowed(test);
    world.open();
    world.ready.length = 0;
    await world.pass(10 * second);
    assert.deepEqual(world.ready, [connectionId, connectionId]);
    valueOf(await window.giveBack(loan));
    await world.pass(10 * second);
    world.ready.length = 0;
    await world.pass(minute);
    assert.deepEqual(world.ready, []);
  });
});

describe("what a window that opens gives back", () => {
  it("is told once, with since when its owner got nothing; what closing gave back is not", async test => {
    const [world, window] = await borrowed(test);
    await world.pass(hour);
    const died = world.clock.now();
    window.dispose();
    world.clock.jump(2 * hour - minute);
    const next = world.open();
    const told: unknown[] = [];
    next.onDidReturnLate(({ loan, missedFor }) => told.push([loan.channelId, missedFor >= 3 * hour - minute]));
    await world.pass(2 * minute);
    assert.deepEqual(told, [[channelId, true]]);
    assert.ok(world.clock.now() > died);
    world.assertRestored();
  });

  it("is not told where its owner had it back already", async test => {
    const [world, window] = await borrowed(test);
    await world.pass(minute);
    window.dispose();
    world.clock.jump(hour);
    world.channel = original;
    const next = world.open();
    const told: unknown[] = [];
    next.onDidReturnLate(late => told.push(late));
    await world.pass(2 * minute);
    assert.deepEqual(told, []);
    world.assertRestored();
  });

  it("is told also where the first try failed", async test => {
    const [world, window] = await borrowed(test);
    window.dispose();
    world.clock.jump(hour);
    world.trouble = { code: "OFFLINE", message: "", remedy: "retry" };
    const next = world.open();
    const told: string[] = [];
    next.onDidReturnLate(({ loan }) => told.push(loan.channelId));
    await world.pass(minute);
    world.trouble = undefined;
    await world.pass(2 * minute);
    assert.deepEqual(told, [channelId]);
  });
});

describe("windows that come and go", () => {
  it("may each borrow a channel as soon as another has given it back", async test => {
    const [world, window, loan] = await borrowed(test);
    const other = world.open();
    valueOf(await window.giveBack(loan));
    valueOf(await other.borrow(request));
    assert.equal(world.channel?.notifyUrl, here);
  });

  it("keep a loan while one of them is open, and give it back when the last one closes", async test => {
    const [world, first] = await borrowed(test);
    const second_ = world.open();
    await world.pass(20 * second);
    await first.shutDown();
    first.dispose();
    await world.pass(minute);
    assert.equal(world.channel?.notifyUrl, here);
    await second_.shutDown();
    world.assertRestored();
  });

  it("leave nothing behind when they close: no word, no claim, no timer", async test => {
    const [world, window] = await borrowed(test);
    window.dispose();
    assert.deepEqual(world.notes.keys("window.borrow/"), []);
    assert.equal(world.clock.pending, 0);
    assert.ok(world.claims.take(`borrow/${connectionId}/${channelId}`, second) !== undefined);
  });

  it("plan nothing more once they close, also where what they give back gets stuck", async test => {
    const [world, window] = await borrowed(test);
    world.trouble = { code: "OFFLINE", message: "", remedy: "retry" };
    await window.shutDown();
    assert.equal(world.clock.pending, 0);
  });

  it("forget a token whose loan was never made, unless a window is at it", async test => {
    const world = new BorrowWorld(test);
    const key = `${connectionId}/${channelId}`;
    await world.vault.store("zohoCrm.borrowedTokens", JSON.stringify([{ key, token: "theirs" }]));
    const claim = world.claims.take(`borrow/${key}`, hour);
    world.open();
    await world.pass(second);
    assert.match(world.vault.entries.get("zohoCrm.borrowedTokens") ?? "", /theirs/);
    claim?.dispose();
    const window = world.open();
    await world.pass(100);
    assert.doesNotMatch(world.vault.entries.get("zohoCrm.borrowedTokens") ?? "", /theirs/);
    // It looked whether anybody was, and is not itself.
    valueOf(await window.borrow(request));
  });

  it("give back in good time what a window that crashed had borrowed, though another opens at once", async test => {
    const world = new BorrowWorld(test);
    // Token and note are kept, and the third write points the channel here.
    await world
      .open(3)
      .borrow(request)
      .catch(() => undefined);
    assert.equal(world.channel?.notifyUrl, here);
    world.clock.advance(second);
    const next = world.open();
    await world.pass(minute);
    assert.deepEqual(world.channel, original);
    // Nobody heard whether Zoho had done it, so it might have come only then.
    assert.equal(next.loans.length, 1);
    await world.pass(minute + 10 * second);
    world.assertRestored();
  });

  it("give back once, though two are told to", async test => {
    const [world, first, loan] = await borrowed(test);
    const other = world.open();
    const outcomes = await Promise.all([first.giveBack(loan), other.giveBack(loan)]);
    assert.deepEqual(
      outcomes.map(outcome => (outcome.ok ? "done" : outcome.error.code)),
      ["done", "BORROW_BUSY"],
    );
    world.assertRestored();
  });

  it("show no loan as stuck that another of them gave back", async test => {
    const [world, window, loan] = await borrowed(test);
    const other = world.open();
    world.trouble = { code: "SIGNED_OUT", message: "You are signed out.", remedy: "sign-in" };
    errorOf(await window.giveBack(loan));
    assert.equal(window.statusOf(loan).kind, "stuck");
    world.trouble = undefined;
    valueOf(await other.giveBack(loan));
    await world.pass(minute);
    assert.equal(window.statusOf(loan).kind, "out");
  });
});

describe("a crash", () => {
  for (let writes = 1; writes <= 7; writes++) {
    it(`after write number ${writes} of borrowing and giving back is mended by the next start`, async test => {
      const world = new BorrowWorld(test);
      const window = world.open(writes);
      const finished = await window
        .borrow(request)
        .then(async outcome => (outcome.ok ? window.giveBack(outcome.value.loan) : outcome))
        .catch(() => undefined);
      // Seven are all there are: token, note, address, that it is there; address, note, token.
      // Once the address is back, what is left to forget keeps nothing from having been given back.
      assert.equal(finished?.ok === true, writes > 5, "it crashed");
      world.clock.advance(second);
      world.open();
      await world.pass(2 * minute + 10 * second);
      world.assertRestored();
    });
  }

  it("in none of them leaves nothing to mend", async test => {
    const world = new BorrowWorld(test);
    const window = world.open(8);
    const { loan } = valueOf(await window.borrow(request));
    valueOf(await window.giveBack(loan));
    world.assertRestored();
  });
});
