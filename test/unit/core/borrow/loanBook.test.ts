import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hour } from "../../../../src/base/clock.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import type { Loan } from "../../../../src/core/borrow/loan.ts";
import { LoanBook } from "../../../../src/core/borrow/loanBook.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";
import { BorrowWorld, connectionId, here, original } from "./borrowWorld.ts";

const { channelId, expiresAt } = original;
const loan: Loan = { id: "one", connectionId, channelId, original, borrowedUrl: here, expiresAt, seenAt: 1 };
const next: Loan = { ...loan, id: "two", seenAt: 2 };

describe("what is written about a loan", () => {
  it("changes no more than it says, and nothing of the next one of the same channel", async test => {
    const { notes } = new BorrowWorld(test);
    const book = new LoanBook(notes, new MemoryVault(), silentLogger);
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
    const { notes } = new BorrowWorld(test);
    const vault = new MemoryVault();
    const book = new LoanBook(notes, vault, silentLogger);
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
    const { notes } = new BorrowWorld(test);
    const other = new LoanBook(notes, new MemoryVault(), silentLogger);
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
    );
    book.revise(loan, { wasDeleted: true });
    assert.deepEqual([book.find(loan)?.until, book.find(loan)?.wasDeleted], [7, true]);
    for (const each of [book, other]) each.dispose();
  });

  it("is of a loan of a former version too, which has no name of its own", async test => {
    const { notes } = new BorrowWorld(test);
    const book = new LoanBook(notes, new MemoryVault(), silentLogger);
    const { id: _, ...former } = loan;
    await book.keep(former, undefined, () => true);
    book.revise(former, { seenAt: 7 });
    assert.equal(book.find(former)?.seenAt, 7);
    assert.equal(book.find(loan), undefined);
    book.dispose();
  });
});

describe("a token that is left over", () => {
  it("is forgotten while nobody else may borrow its channel", async test => {
    const { notes } = new BorrowWorld(test);
    const vault = new MemoryVault();
    const key = `${connectionId}/${channelId}`;
    await vault.store("zohoCrm.borrowedTokens", JSON.stringify([{ key, token: "t" }]));
    const held: string[] = [];
    const store = vault.store.bind(vault);
    vault.store = async (name, value) => {
      assert.deepEqual(held, [key]);
      await store(name, value);
    };
    const book = new LoanBook(notes, vault, silentLogger);
    await book.sweep(each => {
      held.push(each);
      return { dispose: () => void held.pop() };
    });
    assert.deepEqual([held, vault.entries.get("zohoCrm.borrowedTokens")], [[], "[]"]);
    book.dispose();
  });
});
