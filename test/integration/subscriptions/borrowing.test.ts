import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { hour, minute, second } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { Borrowing } from "../../../src/core/borrow/borrowing.ts";
import { LoanBook } from "../../../src/core/borrow/loanBook.ts";
import { Claims } from "../../../src/core/windows/claims.ts";
import { SharedNotes } from "../../../src/core/windows/keeper.ts";
import { openSharedDatabase } from "../../../src/core/windows/sharedDatabase.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { MemoryVault } from "../../support/memoryVault.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { valueOf } from "../../unit/zoho/scriptedTransport.ts";
import { signedIn } from "../zoho/editorWindow.ts";
import { RawWatch } from "./rawWatch.ts";

const channelId = "9007199254740995003";
const here = "http://127.0.0.1:9/in/here";

/** A machine with windows on it, somebody's channel, and what a plain GET said of it before anybody borrowed it. */
async function setUp(test: TestContext) {
  const window = await signedIn(test);
  const raw = await RawWatch.connect(window.sandbox);
  await raw.subscribe(channelId, window.clock.now());
  const before = await raw.get(channelId);
  const file = join(temporaryFolder(test), "windows.sqlite");
  const vault = new MemoryVault();
  const open = (clock = new FakeClock(window.clock.now())): Borrowing => {
    const shared = openSharedDatabase(file, silentLogger);
    const notes = new SharedNotes(shared.database);
    const borrowing = new Borrowing({
      ...{ subscriptions: window.service, custody: notes, clock, random: () => 0.5, logger: silentLogger },
      book: new LoanBook(notes, vault, silentLogger, clock),
      claims: new Claims(shared.database, clock),
      isKept: () => shared.isShared,
      readyAccess: async () => Promise.resolve(),
    });
    test.after(() => {
      borrowing.dispose();
      shared.dispose();
    });
    borrowing.start();
    return borrowing;
  };
  const request = { connectionId: window.id, channelId, notifyUrl: here };
  return { ...window, raw, before, open, request, vault };
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    assert.ok(performance.now() < deadline, "it did not happen within ten seconds");
    await setImmediate();
  }
}

describe("borrowing somebody's channel of a sandbox", () => {
  it("changes nothing but the address, and gives back byte for byte what a plain GET said", async test => {
    const { raw, before, open, request } = await setUp(test);
    const borrowing = open();
    const { loan } = valueOf(await borrowing.borrow(request));
    assert.deepEqual(
      await raw.get(channelId),
      before.map(item => ({ ...item, notify_url: here })),
    );
    valueOf(await borrowing.giveBack(loan));
    assert.equal(JSON.stringify(await raw.get(channelId)), JSON.stringify(before));
  });

  it("is undone by the next window when the one that did it is killed", async test => {
    const { raw, before, open, request, clock } = await setUp(test);
    // Its clock stands still from here on: no timer, no dispose, as after a kill.
    valueOf(await open().borrow({ ...request, duration: hour }));
    const later = new FakeClock(clock.now() + second);
    const next = open(later);
    assert.equal(next.loans.length, 1);
    later.advance(minute);
    await until(() => next.loans.length === 0);
    assert.equal(JSON.stringify(await raw.get(channelId)), JSON.stringify(before));
  });

  it("makes it again with everything it had when it expired meanwhile", async test => {
    const { before, open, request, sandbox, clock } = await setUp(test);
    const borrowing = open(clock);
    const { loan } = valueOf(await borrowing.borrow(request));
    // The sandbox has the same time.
    clock.jump(3 * 24 * hour);
    // The sign-in of before is over too.
    const raw = await RawWatch.connect(sandbox);
    assert.deepEqual(await raw.get(channelId), []);
    valueOf(await borrowing.giveBack(loan));
    const again = await raw.get(channelId);
    const timeless = (items: typeof before): unknown[] => items.map(item => ({ ...item, channel_expiry: "" }));
    assert.deepEqual(timeless(again), timeless(before));
  });

  it("asks when its owner changed it meanwhile, and puts back what is wanted", async test => {
    const { raw, before, open, request } = await setUp(test);
    const borrowing = open();
    const { loan } = valueOf(await borrowing.borrow(request));
    const { channel_expiry, notification_condition } = before[0] ?? {};
    const theirs = { channel_id: channelId, events: ["Deals.edit", "Tasks.all"], token: "theirs", channel_expiry };
    const { status } = await raw.zoho.watch("PATCH", { ...theirs, notify_url: here, notification_condition });
    assert.equal(status, 200);
    const asked = await borrowing.giveBack(loan);
    assert.ok(!asked.ok && asked.error.code === "CHANGED_MEANWHILE");
    assert.match(asked.error.message, /Events of Leads: create, edit, delete → none/);
    valueOf(await borrowing.giveBack(loan, "everything"));
    assert.equal(JSON.stringify(await raw.get(channelId)), JSON.stringify(before));
  });
});
