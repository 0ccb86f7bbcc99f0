import assert from "node:assert/strict";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setImmediate } from "node:timers/promises";
import { hour, second } from "../../../../src/base/clock.ts";
import { Emitter } from "../../../../src/base/lifecycle.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { type Result, fail, succeed } from "../../../../src/base/result.ts";
import type { Problem } from "../../../../src/base/problem.ts";
import { Borrowing } from "../../../../src/core/borrow/borrowing.ts";
import type { Custody } from "../../../../src/core/borrow/caretaker.ts";
import { LoanBook } from "../../../../src/core/borrow/loanBook.ts";
import type { SecretVault } from "../../../../src/core/connections/connection.ts";
import { makeChannel } from "../../../../src/core/subscriptions/channel.ts";
import type { ChannelDetails } from "../../../../src/core/subscriptions/channelDetails.ts";
import type { ChangeOutcome } from "../../../../src/core/subscriptions/channelEditor.ts";
import type { ServerReading } from "../../../../src/core/subscriptions/serverChannels.ts";
import { Claims } from "../../../../src/core/windows/claims.ts";
import { SharedNotes } from "../../../../src/core/windows/keeper.ts";
import { type StatementSource, openSharedDatabase } from "../../../../src/core/windows/sharedDatabase.ts";
import { moduleOf } from "../../../../src/zoho/subscription.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { aSubscription } from "../subscriptions/aSubscription.ts";

export const here = "https://relay.example.com/in/here";
export const connectionId = "c1";

/** Somebody's channel as it was before anybody borrowed it. */
export const original: ChannelDetails = {
  channelId: "1105420521999070702",
  events: ["Leads.create", "Leads.edit"],
  notifyUrl: "https://hooks.example.com/crm?env=1",
  expiresAt: new FakeClock().now() + 3 * hour,
  token: "theirs",
  notifyOnRelatedAction: true,
  returnAffectedFieldValues: false,
  conditions: [],
};

/** Ends the process, as far as the code under test can tell: nothing that it does from then on has an effect. */
class Life {
  #left: number;

  constructor(writes = Infinity) {
    this.#left = writes;
  }

  get isOver(): boolean {
    return this.#left <= 0;
  }

  /** Writes, unless it is over; the last write is done, and nobody hears of it. */
  write(action: () => void): void {
    if (this.isOver) throw new Error("Dead");
    action();
    this.#left -= 1;
    if (this.#left === 0) throw new Error("Died");
  }
}

/** One machine with a CRM: what outlives a window, and windows on it, any of which can be cut off after a write. */
export class BorrowWorld {
  readonly clock = new FakeClock();
  readonly vault = new MemoryVault();
  readonly notes: SharedNotes;
  readonly claims: Claims;
  readonly database: StatementSource;
  /** What the CRM has; a test changes it as somebody else would. */
  channel: ChannelDetails | undefined = original;
  /** Answers instead of the CRM where it is set. */
  trouble: Problem | undefined;
  /** Whether the file that windows share could be opened. */
  isKept = true;
  /** Nothing that windows share can be read or written: the disk is full, or the file is locked. */
  isStuck = false;
  /** What the CRM takes its time for. */
  holdsUp: Promise<unknown> | undefined;
  /** What the secret storage takes its time for, after it has stored something. */
  vaultHoldsUp: Promise<unknown> | undefined;
  /** What it takes its time for before it gives anything. */
  vaultReadHoldsUp: Promise<unknown> | undefined;
  /** Nothing can be stored in it, or nothing deleted of what windows share. */
  isVaultLocked = false;
  keepsNotes = false;
  /** How far the CRM's clock is ahead of this machine's, in milliseconds. */
  ahead = 0;
  /** What Zoho takes its time for with a change that is sent. */
  changeHoldsUp: Promise<unknown> | undefined;
  /** What Zoho makes of a channel that is made again, whose answer gets lost. */
  losesAnswers: ((restored: ChannelDetails) => ChannelDetails) | undefined;
  /** What happens while a change waits for its turn. */
  onTurn: (() => void) | undefined;
  /** What happens right after a window has read when another was last open. */
  onLook: (() => void) | undefined;
  readonly written: string[] = [];
  /** Connections to which access was wanted at hand. */
  readonly ready: string[] = [];
  /** A person deleted the channel in one of the windows. */
  readonly deleted = new Emitter<{ readonly connectionId: string; readonly channelId: string }>();
  /** The connection's channels were read. */
  readonly read = new Emitter<ServerReading>();
  /** A change that is being sent: the next waits for its turn. */
  #sent: Promise<unknown> | undefined;
  readonly #test: TestContext;

  constructor(test: TestContext) {
    this.#test = test;
    const shared = openSharedDatabase(join(temporaryFolder(test), "windows.sqlite"), silentLogger);
    test.after(() => shared.dispose());
    this.database = shared.database;
    this.notes = new SharedNotes(shared.database);
    this.claims = new Claims(shared.database, this.clock);
  }

  /** A window that dies after so many writes. */
  open(writes?: number): Borrowing {
    const life = new Life(writes);
    const notes = this.#mortalNotes(life);
    const borrowing = new Borrowing({
      subscriptions: this.#mortalZoho(life),
      book: new LoanBook(notes, this.#mortalVault(life), silentLogger, this.clock),
      claims: this.#mortalClaims(life),
      custody: this.#mortalCustody(life),
      isKept: () => this.isKept,
      readyAccess: async id => Promise.resolve(this.ready.push(id)),
      clock: this.clock,
      random: () => 0.5,
      logger: silentLogger,
    });
    this.#test.after(() => borrowing.dispose());
    borrowing.start();
    return borrowing;
  }

  /** Lets time pass, with what it brings being done within at most half a minute of it. */
  async pass(duration: number): Promise<void> {
    const end = this.clock.now() + duration;
    while (this.clock.now() < end) {
      this.clock.advance(Math.min(30 * second, end - this.clock.now()));
      for (let turn = 0; turn < 10; turn++) await setImmediate();
    }
  }

  /** What the CRM has, but for its end. */
  get withoutEnd(): Omit<ChannelDetails, "expiresAt"> {
    const { expiresAt: _, ...rest } = this.channel ?? assert.fail("There is no channel.");
    return rest;
  }

  /** A window reads the list that the CRM gave at `askedAt`; what of it `isHidden` is not in it. */
  list(askedAt = this.clock.now(), isHidden: (module: string) => boolean = () => false): void {
    this.listAs(this.channel, askedAt, isHidden);
  }

  /** The same, of a channel as it is not now. */
  listAs(
    channel: ChannelDetails | undefined,
    askedAt: number,
    isHidden: (module: string) => boolean = () => false,
  ): void {
    const { events = [], conditions, ...rest } = channel ?? {};
    const byModule = Map.groupBy(events, moduleOf);
    const subscriptions = [...byModule].flatMap(([module, some]) =>
      isHidden(module)
        ? []
        : [aSubscription({ ...rest, module, events: some, ...(conditions && { notificationCondition: conditions }) })],
    );
    const channels =
      subscriptions.length === 0 ? [] : [makeChannel(connectionId, original.channelId, subscriptions, false)];
    this.read.fire({ connectionId, reading: { channels, unreadable: [], complete: true }, askedAt });
  }

  /** Nothing is kept any more, and the CRM has what it had. */
  assertRestored(expected: ChannelDetails = original): void {
    assert.deepEqual(this.channel, expected);
    assert.deepEqual(this.notes.keys("borrow/"), []);
    assert.ok(["[]", undefined].includes(this.vault.entries.get("zohoCrm.borrowedTokens")));
  }

  #share<T>(action: () => T): T {
    if (this.isStuck) throw new Error("database or disk is full");
    return action();
  }

  #mortalNotes(life: Life): ConstructorParameters<typeof LoanBook>[0] {
    const { notes } = this;
    return {
      get: key => this.#share(() => notes.get(key)),
      keys: prefix => this.#share(() => notes.keys(prefix)),
      set: (key, value) => {
        life.write(() => notes.set(key, value));
      },
      replace: (key, before, after) => {
        life.write(() => assert.ok(notes.replace(key, before, after)));
        return true;
      },
      delete: key => {
        if (this.keepsNotes) throw new Error("database is locked");
        life.write(() => notes.delete(key));
      },
    };
  }

  #mortalClaims(life: Life): Pick<Claims, "take"> {
    return {
      take: (key, milliseconds) => {
        const claim = life.isOver ? undefined : this.#share(() => this.claims.take(key, milliseconds));
        if (claim === undefined) return undefined;
        return {
          extend: longer => !life.isOver && claim.extend(longer),
          dispose: () => {
            if (!life.isOver) claim.dispose();
          },
        };
      },
    };
  }

  #mortalCustody(life: Life): Custody {
    const { notes } = this;
    return {
      get: key => {
        const seen = notes.get(key);
        this.onLook?.();
        return seen;
      },
      keys: prefix => notes.keys(prefix),
      set: (key, value) => {
        if (!life.isOver) notes.set(key, value);
      },
      delete: key => {
        if (!life.isOver) notes.delete(key);
      },
    };
  }

  #mortalVault(life: Life): SecretVault {
    const { vault } = this;
    return {
      get: async key => {
        await this.vaultReadHoldsUp;
        return vault.get(key);
      },
      store: async (key, value) => {
        await Promise.resolve();
        if (this.isVaultLocked) throw new Error("The keyring is locked.");
        life.write(() => void vault.store(key, value));
        await this.vaultHoldsUp;
      },
      delete: async key => {
        await Promise.resolve();
        life.write(() => void vault.delete(key));
      },
      onDidChange: vault.onDidChange,
    };
  }

  #mortalZoho(life: Life): ConstructorParameters<typeof Borrowing>[0]["subscriptions"] {
    const put = async (kind: string, after: ChannelDetails): Promise<Result<ChangeOutcome, Problem>> => {
      if (this.trouble !== undefined) return fail(this.trouble);
      const before = this.channel ?? after;
      life.write(() => {
        this.channel = after;
        this.written.push(kind);
      });
      return Promise.resolve(succeed({ before, after, warnings: [] }));
    };
    return {
      nowAt: () => this.clock.now() + this.ahead,
      onDidRead: this.read.event,
      onDidDelete: this.deleted.event,
      read: async () => {
        await this.holdsUp;
        return this.trouble === undefined ? succeed(this.channel) : fail(this.trouble);
      },
      change: async (_connection, _channel, towards) => {
        await this.#sent;
        this.onTurn?.();
        const before = this.channel ?? assert.fail("change of what is gone");
        const after = await towards(before);
        if (after === undefined) return succeed({ before, after: before, warnings: [] });
        this.#sent = this.changeHoldsUp;
        await this.#sent;
        return put("change", after);
      },
      restore: async (_connection, details) => {
        const made = this.losesAnswers?.(details);
        if (made === undefined) return put("restore", details);
        await put("restore", made);
        return fail({ code: "OFFLINE", message: "", remedy: "retry" });
      },
    };
  }
}
