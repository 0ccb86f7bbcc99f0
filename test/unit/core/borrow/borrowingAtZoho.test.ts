import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { hour, minute, second } from "../../../../src/base/clock.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { fail, succeed } from "../../../../src/base/result.ts";
import type { RenewRequest } from "../../../../src/zoho/subscription.ts";
import { Borrowing } from "../../../../src/core/borrow/borrowing.ts";
import { LoanBook } from "../../../../src/core/borrow/loanBook.ts";
import { openAgreement } from "../../../support/agreeingWindows.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { TroubledVault } from "../../../support/troubledVault.ts";
import { valueOf } from "../../zoho/scriptedTransport.ts";
import { alive, channelId, id, openWindow } from "../subscriptions/openWindow.ts";
import { PlayedZoho, zohoProblem } from "../subscriptions/playedZoho.ts";

const here = "https://relay.example.com/in/here";
const team = "https://hooks.team.example/crm";
const request = { connectionId: id, channelId, notifyUrl: here };

const noAnswer = { kind: "offline", reason: "timeout", code: "DEADLINE", message: "", remedy: "retry" } as const;

/** One machine, and a channel of somebody else's that ends in four hours. */
class Machine {
  readonly clock = new FakeClock();
  readonly zoho = new PlayedZoho(this.clock);
  readonly vault = new TroubledVault();
  readonly end = this.clock.now() + 4 * hour;
  readonly #test: TestContext;
  readonly #file: string;

  constructor(test: TestContext) {
    this.#test = test;
    this.#file = join(temporaryFolder(test), "windows.sqlite");
    this.zoho.listed = [alive({ notifyUrl: team, token: "old", expiresAt: this.end })];
    this.zoho.onRenew = request => this.change(request);
  }

  /** Zoho does what a PATCH asks for. */
  change({ notifyUrl, token, events, expiresAt }: RenewRequest) {
    const changed = { notifyUrl, events, expiresAt, ...(token === undefined ? {} : { token }) };
    this.zoho.listed = this.zoho.listed.map(each => ({ ...each, ...changed }));
    return succeed({ granted: this.zoho.listed, refused: [] });
  }

  /** The first PATCH is done `after` so many milliseconds, or never; it is answered then, or at once by nobody. */
  delayChange(after: number, isAnswered: boolean): void {
    this.zoho.onRenew = async request => {
      this.zoho.onRenew = next => this.change(next);
      const done = Promise.withResolvers<ReturnType<Machine["change"]>>();
      this.clock.after(after, () => done.resolve(this.change(request)));
      return isAnswered ? done.promise : fail(noAnswer);
    };
  }

  get addresses(): readonly (string | undefined)[] {
    return this.zoho.listed.map(({ notifyUrl }) => notifyUrl);
  }

  async open(ownVault?: TroubledVault) {
    const { clock } = this;
    const window = await openWindow(ownVault, clock, this.zoho, this.#file);
    const agreement = openAgreement(clock, this.#file);
    const borrowing = new Borrowing({
      ...{ subscriptions: window.service, claims: agreement.claims, custody: agreement.notes },
      book: new LoanBook(agreement.notes, this.vault, silentLogger, clock),
      isKept: () => true,
      readyAccess: async () => Promise.resolve(),
      ...{ clock, random: () => 0.5, logger: silentLogger },
    });
    const close = (): void => {
      for (const each of [borrowing, window.service, agreement]) each.dispose();
    };
    this.#test.after(close);
    borrowing.start();
    await window.service.refresh(id);
    return { ...window, borrowing, close };
  }

  async pass(duration: number, step = second / 2): Promise<void> {
    for (let passed = 0; passed < duration; passed += step) {
      this.clock.advance(step);
      for (let turn = 0; turn < 8; turn++) await setImmediate();
    }
  }
}

describe("borrowing with a secret storage that asks somebody", () => {
  it("keeps what a colleague changed meanwhile, here and once it is given back", async test => {
    const machine = new Machine(test);
    const { borrowing } = await machine.open();
    machine.vault.hang();
    const borrowed = borrowing.borrow(request);
    await machine.pass(4 * minute, 10 * second);
    const theirs = { token: "theirs", expiresAt: machine.end + hour, events: ["Leads.create", "Leads.delete"] };
    machine.zoho.listed = machine.zoho.listed.map(each => ({ ...each, ...theirs }));
    machine.vault.recover();
    await machine.pass(10 * second);
    const { loan } = valueOf(await borrowed);
    assert.deepEqual(loan.original.events, theirs.events);
    const [lent] = machine.zoho.listed;
    assert.deepEqual(lent, { ...lent, ...theirs, notifyUrl: here });
    valueOf(await borrowing.giveBack(loan));
    assert.deepEqual(machine.zoho.listed[0], { ...lent, ...theirs, notifyUrl: team });
    assert.deepEqual(borrowing.loans, []);
  });
});

describe("a loan whose channel its owner took back and that ended, while Zoho goes on listing it", () => {
  it("makes no window ask another to look, nor this one look again and again", async test => {
    const machine = new Machine(test);
    const [{ borrowing, service }] = [await machine.open(), await machine.open()];
    const borrowed = borrowing.borrow(request);
    await machine.pass(2 * second);
    valueOf(await borrowed);
    machine.zoho.listed = machine.zoho.listed.map(each => ({ ...each, notifyUrl: team }));
    machine.zoho.onSubscribe = () => fail(zohoProblem("invalid"));
    machine.clock.jump(4 * hour);
    await machine.pass(second);
    machine.zoho.calls.length = 0;
    await service.refresh(id);
    await machine.pass(minute);
    assert.ok(machine.zoho.calls.length <= 7, `${machine.zoho.calls.length} calls in a minute`);
  });
});

describe("creating while the secret storage asks somebody", () => {
  const wanted = {
    modules: [{ module: "Leads", operations: ["all" as const] }],
    expiresInMs: hour,
    notifyUrl: here,
    returnAffectedFieldValues: true,
    notifyOnRelatedAction: false,
  };

  it("gives what was asked for once that is answered, and says so where it is not", async test => {
    for (const [wait, calls] of [
      [4 * minute, 1],
      [11 * minute, 0],
    ] as const) {
      const machine = new Machine(test);
      const { service } = await machine.open(machine.vault);
      machine.zoho.onSubscribe = ({ events, expiresAt }) =>
        succeed({ granted: [alive({ events, expiresAt })], refused: [] });
      machine.vault.hang();
      const creating = service.create(id, wanted);
      await machine.pass(wait, 10 * second);
      assert.equal(machine.zoho.subscribed.length, 0);
      machine.vault.recover();
      await machine.pass(minute, 10 * second);
      const created = await creating;
      assert.deepEqual([created.ok, machine.zoho.subscribed.length], [calls === 1, calls]);
    }
  });
});

describe("a loan whose address Zoho took for some modules only", () => {
  it("is not over before none of them sends here any more", async test => {
    for (const refused of ["Contacts", "Leads"]) {
      const machine = new Machine(test);
      machine.zoho.listed = ["Contacts", "Leads"].map(module =>
        alive({ module, events: [`${module}.create`], notifyUrl: team, token: "t", expiresAt: machine.end }),
      );
      const { borrowing, service } = await machine.open();
      let left = refused;
      machine.zoho.onRenew = ({ notifyUrl }) => {
        const take = machine.zoho.listed.map(each => (each.module === left ? each : { ...each, notifyUrl }));
        left = "";
        machine.zoho.listed = take;
        return succeed({ granted: take.filter(each => each.notifyUrl === notifyUrl), refused: [] });
      };
      const { loan } = valueOf(await borrowing.borrow(request));
      await service.refresh(id);
      await machine.pass(minute, 5 * second);
      assert.equal(borrowing.loans.length, 1);
      valueOf(await borrowing.giveBack(loan));
      assert.deepEqual([machine.addresses, borrowing.loans], [[team, team], []]);
    }
  });
});

describe("a channel that Zoho points here only after its loan was to end", () => {
  type Opened = Awaited<ReturnType<Machine["open"]>>;

  const ends: readonly (readonly [string, (here: Opened, other: Opened) => Promise<unknown>])[] = [
    ["given back", async ({ borrowing }) => borrowing.giveBack(borrowing.loans[0] ?? assert.fail())],
    [
      "given back in another window",
      async (_, { borrowing }) => borrowing.giveBack(borrowing.loans[0] ?? assert.fail()),
    ],
    ["given back with its connection", async ({ borrowing }) => borrowing.giveBackAll(id)],
  ];
  for (const [how, end] of ends) {
    it(`goes back, where it was ${how}`, async test => {
      const machine = new Machine(test);
      const [window, other] = [await machine.open(), await machine.open()];
      machine.delayChange(3 * second, true);
      const borrowed = window.borrowing.borrow(request);
      await machine.pass(second);
      const ended = end(window, other);
      await machine.pass(minute);
      assert.equal((await borrowed).ok, true);
      await ended;
      assert.deepEqual([machine.addresses, window.borrowing.loans], [[team], []]);
    });
  }

  it("goes back with the next start, where the only window closed", async test => {
    for (const isInOrder of [true, false]) {
      const machine = new Machine(test);
      const window = await machine.open();
      machine.delayChange(6 * second, true);
      const borrowed = window.borrowing.borrow(request);
      await machine.pass(second);
      const closed = isInOrder ? window.borrowing.shutDown() : undefined;
      await machine.pass(4 * second);
      await closed;
      window.close();
      await machine.pass(10 * second);
      await borrowed;
      assert.deepEqual(machine.addresses, [here]);
      const next = await machine.open();
      await machine.pass(3 * minute, 5 * second);
      assert.deepEqual([machine.addresses, next.borrowing.loans], [[team], []]);
    }
  });

  it("goes back, where nobody answered and it was looked for before", async test => {
    for (const after of [5 * second, 100 * second]) {
      const machine = new Machine(test);
      const { borrowing } = await machine.open();
      machine.delayChange(after, false);
      const borrowed = borrowing.borrow({ ...request, duration: hour });
      await machine.pass(second);
      assert.equal((await borrowed).ok, false);
      await machine.pass(after, 5 * second);
      assert.deepEqual([machine.addresses, borrowing.loans.length], [[here], 1]);
      await machine.pass(3 * minute, 5 * second);
      assert.deepEqual([machine.addresses, borrowing.loans], [[team], []]);
    }
  });

  it("is looked at again only when it can no longer come, and forgotten where it did not", async test => {
    const machine = new Machine(test);
    const { borrowing, service } = await machine.open();
    machine.delayChange(hour, false);
    const borrowed = borrowing.borrow(request);
    await machine.pass(second);
    assert.equal((await borrowed).ok, false);
    const [loan] = borrowing.loans;
    assert.equal(loan === undefined ? undefined : borrowing.statusOf(loan).kind, "returning");
    machine.zoho.calls.length = 0;
    await machine.pass(minute);
    assert.deepEqual([machine.zoho.calls, borrowing.loans.length], [[], 1]);
    // A list that has it at its owner's is of before, too.
    await service.refresh(id);
    await machine.pass(second);
    assert.equal(borrowing.loans.length, 1);
    await machine.pass(2 * minute, 5 * second);
    assert.deepEqual([machine.addresses, borrowing.loans], [[team], []]);
  });

  it("is not taken for its owner's by what Zoho said before, though the loan's answer came before that", async test => {
    const machine = new Machine(test);
    const [{ borrowing }, other] = [await machine.open(), await machine.open()];
    machine.delayChange(3 * second, true);
    const borrowed = borrowing.borrow(request);
    await machine.pass(second);
    machine.zoho.onList = async () => {
      machine.zoho.onList = () => succeed(machine.zoho.listed);
      const { listed } = machine.zoho;
      const slow = Promise.withResolvers<undefined>();
      machine.clock.after(5 * second, () => slow.resolve(undefined));
      await slow.promise;
      return succeed(listed);
    };
    const given = other.borrowing.giveBack(borrowing.loans[0] ?? assert.fail());
    await machine.pass(minute);
    for (const each of [await borrowed, await given]) assert.equal(each.ok, true);
    assert.deepEqual([machine.addresses, borrowing.loans], [[team], []]);
  });

  it("was not borrowed, and can be again, where Zoho says no", async test => {
    const machine = new Machine(test);
    const { borrowing } = await machine.open();
    machine.zoho.onRenew = () => fail(zohoProblem("invalid"));
    assert.equal((await borrowing.borrow(request)).ok, false);
    assert.deepEqual([machine.addresses, borrowing.loans], [[team], []]);
  });
});

describe("a borrowed channel that is over as a person deletes it in another window", () => {
  it("is not made again once that window is done", async test => {
    const machine = new Machine(test);
    const [{ borrowing }, { service }] = [await machine.open(), await machine.open()];
    const borrowed = borrowing.borrow(request);
    await machine.pass(second);
    valueOf(await borrowed);
    machine.zoho.onUnsubscribe = async ids => {
      machine.zoho.listed = [];
      const slow = Promise.withResolvers<undefined>();
      machine.clock.after(5 * second, () => slow.resolve(undefined));
      await slow.promise;
      return succeed(new Map(ids.map(each => [each, succeed(undefined)])));
    };
    machine.clock.jump(machine.end - 2 * minute - second - machine.clock.now());
    const deleted = service.delete(id, [channelId]);
    await machine.pass(minute);
    assert.deepEqual([(await deleted).get(channelId)?.ok, machine.zoho.subscribed, borrowing.loans], [true, [], []]);
  });
});
