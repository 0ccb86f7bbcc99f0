import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { hour, minute, second } from "../../../../src/base/clock.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { fail, succeed } from "../../../../src/base/result.ts";
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
    this.zoho.onRenew = ({ notifyUrl, token, events, expiresAt }) => {
      const changed = { notifyUrl, events, expiresAt, ...(token === undefined ? {} : { token }) };
      this.zoho.listed = this.zoho.listed.map(each => ({ ...each, ...changed }));
      return succeed({ granted: this.zoho.listed, refused: [] });
    };
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
    this.#test.after(() => {
      for (const each of [borrowing, window.service, agreement]) each.dispose();
    });
    borrowing.start();
    await window.service.refresh(id);
    return { ...window, borrowing };
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
      assert.deepEqual([machine.zoho.listed.map(({ notifyUrl }) => notifyUrl), borrowing.loans], [[team, team], []]);
    }
  });
});
