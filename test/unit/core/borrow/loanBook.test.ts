import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { hour, minute } from "../../../../src/base/clock.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import type { Loan } from "../../../../src/core/borrow/loan.ts";
import { LoanBook } from "../../../../src/core/borrow/loanBook.ts";
import type { SecretVault } from "../../../../src/core/connections/connection.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";
import { TroubledVault } from "../../../support/troubledVault.ts";
import { BorrowWorld, connectionId, here, original } from "./borrowWorld.ts";

const { channelId, expiresAt } = original;
const loan: Loan = { id: "one", connectionId, channelId, original, borrowedUrl: here, expiresAt, seenAt: 1 };
const next: Loan = { ...loan, id: "two", seenAt: 2 };

describe("what is written about a loan", () => {
  it("changes no more than it says, and nothing of the next one of the same channel", async test => {
    const { notes, clock } = new BorrowWorld(test);
    const book = new LoanBook(notes, new MemoryVault(), silentLogger, clock);
    await book.keep(loan, undefined, () => true);
    book.revise(loan, { expiresAt: expiresAt + hour });
    book.revise(loan, { seenAt: 5 });
    assert.deepEqual(book.list(), [
      { ...loan, original: book.list()[0]?.original, expiresAt: expiresAt + hour, seenAt: 5 },
    ]);
    await book.drop(loan);
    book.revise(loan, { seenAt: 6 });
    assert.deepEqual(book.list(), []);
    await book.keep(next, "t", () => true);
    book.revise(loan, { wasDeleted: true });
    await book.drop(loan);
    assert.deepEqual([book.find(loan), book.find(next)?.seenAt], [undefined, 2]);
    assert.deepEqual([book.find(next)?.wasDeleted, (await book.tokensOf(next)).token], [undefined, "t"]);
    book.dispose();
  });

  it("keeps the token with which somebody changed the channel, as long as the loan is there", async test => {
    const { notes, clock } = new BorrowWorld(test);
    const vault = new MemoryVault();
    const book = new LoanBook(notes, vault, silentLogger, clock);
    await book.keep(loan, undefined, () => true);
    await book.noteChanged(loan, { ...original, token: "another" }, 1);
    await book.noteChanged(next, { ...original, token: "of the next loan" }, 1);
    assert.equal((await book.tokensOf(loan)).changed, "another");
    await book.drop(loan);
    await book.noteChanged(loan, { ...original, token: "late" }, 1);
    assert.equal((await book.tokensOf(loan)).changed, undefined);
    assert.ok(!notes.keys("").some(key => (notes.get(key) ?? "").includes("another")));
    book.dispose();
  });

  it("takes nothing from what another window writes at the same time", async test => {
    const { notes, clock } = new BorrowWorld(test);
    const other = new LoanBook(notes, new MemoryVault(), silentLogger, clock);
    await other.keep(loan, undefined, () => true);
    let isFirst = true;
    const book = new LoanBook(
      {
        get: key => {
          const text = notes.get(key);
          if (isFirst) other.revise(loan, { until: 7 });
          isFirst = false;
          return text;
        },
        set: (key, value) => notes.set(key, value),
        replace: (key, before, after) => notes.replace(key, before, after),
        delete: key => notes.delete(key),
        keys: start => notes.keys(start),
      },
      new MemoryVault(),
      silentLogger,
      clock,
    );
    book.revise(loan, { wasDeleted: true });
    assert.deepEqual([book.find(loan)?.until, book.find(loan)?.wasDeleted], [7, true]);
    for (const each of [book, other]) each.dispose();
  });

  it("is of a loan of a former version too, which has no name of its own", async test => {
    const { notes, clock } = new BorrowWorld(test);
    const book = new LoanBook(notes, new MemoryVault(), silentLogger, clock);
    const { id: _, ...former } = loan;
    await book.keep(former, undefined, () => true);
    book.revise(former, { seenAt: 7 });
    assert.equal(book.find(former)?.seenAt, 7);
    assert.equal(book.find(loan), undefined);
    book.dispose();
  });
});

describe("a secret storage that cannot be read", () => {
  it("leaves the tokens that a window knows, unless another window has noted a change since", async test => {
    const { notes, clock } = new BorrowWorld(test);
    const vault = new MemoryVault();
    const [book, other] = [0, 1].map(() => new LoanBook(notes, vault, silentLogger, clock));
    assert.ok(book !== undefined && other !== undefined);
    await book.keep(loan, "theirs", () => true);
    vault.get = async () => Promise.reject(new Error("The keyring is locked."));
    assert.deepEqual(await book.tokensOf(loan), { token: "theirs" });
    await assert.rejects(other.tokensOf(loan), { name: "ProblemError" });
    await assert.rejects(book.noteChanged(loan, { ...original, token: "another" }, 1), { name: "ProblemError" });
    assert.deepEqual(await book.tokensOf(loan), { token: "theirs", changed: "another" });
    await assert.rejects(other.noteChanged(loan, { ...original, token: "a third" }, 2), { name: "ProblemError" });
    await assert.rejects(book.tokensOf(loan), { name: "ProblemError" });
    for (const each of [book, other]) each.dispose();
  });

  it("says so in time where it does not answer, and nothing of another loan of the same channel", async test => {
    const { notes, clock } = new BorrowWorld(test);
    const vault = new MemoryVault();
    const book = new LoanBook(notes, vault, silentLogger, clock);
    await book.keep(loan, "theirs", () => true);
    await book.drop(loan);
    await new LoanBook(notes, vault, silentLogger, clock).keep(next, "t", () => true);
    vault.get = async () => new Promise(() => undefined);
    const tokens = book.tokensOf(next);
    clock.advance(minute);
    await assert.rejects(tokens, { message: /doesn't answer/ });
    book.dispose();
  });
});

describe("a token that is left over", () => {
  it("is forgotten while nobody else may borrow its channel", async test => {
    const { notes, clock } = new BorrowWorld(test);
    const vault = new MemoryVault();
    const key = `${connectionId}/${channelId}`;
    await vault.store("zohoCrm.borrowedTokens", JSON.stringify([{ key, token: "t" }]));
    const held: string[] = [];
    const store = vault.store.bind(vault);
    vault.store = async (name, value) => {
      assert.deepEqual(held, [key]);
      await store(name, value);
    };
    const book = new LoanBook(notes, vault, silentLogger, clock);
    await book.sweep(each => {
      held.push(each);
      return { dispose: () => void held.pop() };
    });
    assert.deepEqual([held, vault.entries.get("zohoCrm.borrowedTokens")], [[], "[]"]);
    book.dispose();
  });

  it("is never that of the next loan of its channel, however late the secret storage comes to forget it", async test => {
    const { notes, clock } = new BorrowWorld(test);
    const vault = new MemoryVault();
    const answers = Promise.withResolvers<undefined>();
    let isSlow = false;
    const slow: SecretVault = {
      get: async key => {
        if (isSlow) await answers.promise;
        return vault.get(key);
      },
      store: async (key, value) => vault.store(key, value),
      delete: async key => vault.delete(key),
      onDidChange: vault.onDidChange,
    };
    const book = new LoanBook(notes, slow, silentLogger, clock);
    const other = new LoanBook(notes, vault, silentLogger, clock);
    await book.keep(loan, "first", () => true);
    isSlow = true;
    const dropped = book.drop(loan);
    clock.advance(minute);
    await dropped;
    // The token is there before the loan is noted.
    await other.keep(next, "second", () => true);
    notes.delete(`borrow/${connectionId}/${channelId}`);
    answers.resolve(undefined);
    await setImmediate();
    assert.match(vault.entries.get("zohoCrm.borrowedTokens") ?? "", /second/);
    for (const each of [book, other]) each.dispose();
  });

  it("is swept with claims of its own turn at the secret storage, also where the first was lost", async test => {
    const { notes, clock } = new BorrowWorld(test);
    const vault = new MemoryVault();
    const key = `${connectionId}/${channelId}`;
    // Of two loans that were never made.
    const tokens = ["one", "two"].map(each => ({ key, loan: each, token: each }));
    await vault.store("zohoCrm.borrowedTokens", JSON.stringify(tokens));
    let turns = 0;
    const exclusive: SecretVault["exclusive"] = async (_, work) => {
      const turn = turns++;
      return work(() => turn > 0);
    };
    const shared = {
      get: vault.get.bind(vault),
      store: vault.store.bind(vault),
      delete: vault.delete.bind(vault),
      onDidChange: vault.onDidChange,
      exclusive,
    };
    const book = new LoanBook(notes, shared, silentLogger, clock);
    const held = new Set<string>();
    await book.sweep(each => {
      if (held.has(each)) return undefined;
      held.add(each);
      return { dispose: () => void held.delete(each) };
    });
    assert.deepEqual([turns, [...held], vault.entries.get("zohoCrm.borrowedTokens")], [2, [], "[]"]);
    book.dispose();
  });

  it("is swept with no claim of before the secret storage answered", async test => {
    const { notes, clock } = new BorrowWorld(test);
    const vault = new TroubledVault();
    await vault.store("zohoCrm.borrowedTokens", JSON.stringify([{ key: `${connectionId}/${channelId}`, token: "t" }]));
    const book = new LoanBook(notes, vault, silentLogger, clock);
    vault.hang();
    const taken: string[] = [];
    const swept = book.sweep(key => {
      taken.push(key);
      return undefined;
    });
    await setImmediate();
    assert.deepEqual(taken, []);
    vault.recover();
    await swept;
    assert.equal(taken.length, 1);
    book.dispose();
  });
});

describe("a secret storage that is put away before the window closes", () => {
  it("is not needed by a window that read ahead, as long as no other has noted a change since", async test => {
    const { notes, clock } = new BorrowWorld(test);
    const vault = new MemoryVault();
    const [book, other] = [0, 1].map(() => new LoanBook(notes, vault, silentLogger, clock));
    assert.ok(book !== undefined && other !== undefined);
    await book.keep(loan, "theirs", () => true);
    await other.readAhead();
    await book.noteChanged(loan, { ...original, token: "another" }, 1);
    await other.readAhead();
    const known = vault.get.bind(vault);
    vault.get = async () => new Promise(() => undefined);
    assert.deepEqual(await other.tokensOf(loan, "known"), { token: "theirs", changed: "another" });
    vault.get = known;
    await book.noteChanged(loan, { ...original, token: "a third" }, 2);
    assert.deepEqual(await other.tokensOf(loan, "known"), { token: "theirs", changed: "a third" });
    for (const each of [book, other]) each.dispose();
  });

  it("keeps nobody waiting who reads ahead, and is read again once it answers", async test => {
    const { notes, clock } = new BorrowWorld(test);
    const vault = new MemoryVault();
    const [book, other] = [0, 1].map(() => new LoanBook(notes, vault, silentLogger, clock));
    assert.ok(book !== undefined && other !== undefined);
    await book.keep(loan, "theirs", () => true);
    const works = vault.get.bind(vault);
    vault.get = async () => Promise.reject(new Error("The keyring is locked."));
    await other.readAhead();
    vault.get = works;
    await other.readAhead();
    vault.get = async () => Promise.reject(new Error("Canceled"));
    assert.equal((await other.tokensOf(loan)).token, "theirs");
    for (const each of [book, other]) each.dispose();
  });
});
