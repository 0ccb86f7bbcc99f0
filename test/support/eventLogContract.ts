import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { day, hour, minute } from "../../src/base/clock.ts";
import { plainPayload } from "../../src/protocol/relayFrames.ts";
import { generateSealingKeyPair } from "../../src/protocol/sealing.ts";
import type {
  ChannelRecord,
  EventLog,
  LoggedEvent,
  NewEvent,
  Retention,
  SequenceBounds,
} from "../../src/relay/eventLog.ts";
import type { ChosenAnswer } from "../../src/protocol/chosenAnswer.ts";
import { type Reader, holderOf } from "../../src/relay/channelAccess.ts";
import { hashKey, newChannelId } from "../../src/relay/channelKeys.ts";
import { FakeClock } from "./fakeClock.ts";
import { openText } from "./sealing.ts";

/** What a test wants of the log it opens. */
export interface ContractLogOptions {
  readonly clock: FakeClock;
  readonly retention: Retention;
}

/** Opens a log of the engine that is tested; the log goes with the test. */
export type OpenLog = (test: TestContext, options: ContractLogOptions) => Promise<EventLog>;

const roomy: Retention = { maxAge: 7 * day, maxEvents: 1_000, maxBytes: 100_000_000 };
const plenty = { events: 10_000, bytes: 100_000_000 };

/** What a relay may expect of every engine (src/relay/eventLog.ts), as tests. */
export function describeEventLog(engine: string, open: OpenLog): void {
  describe(`the event log in ${engine}`, () => {
    it("knows a channel by its record, and no other", async test => {
      const log = await openPlain(open, test);
      const record = await newChannel(log, "a-key");
      assert.deepEqual(plain(await log.findChannel(record.channel)), plain(record));
      assert.equal(await log.findChannel(newChannelId()), undefined);
      assert.equal(await log.bounds(newChannelId()), undefined);
      assert.deepEqual(await log.read(newChannelId(), 0, plenty), []);
    });

    it("gives a channel another public key, and keeps the rest of its record", async test => {
      const log = await openPlain(open, test);
      const record = await newChannel(log, "a-key");
      assert.equal(await log.setPublicKey(record.channel, "another-key"), true);
      assert.deepEqual(plain(await log.findChannel(record.channel)), plain({ ...record, publicKey: "another-key" }));
      assert.equal(await log.setPublicKey(newChannelId(), "another-key"), false);
    });

    it("keeps the answer that was chosen for a channel, beside a new public key, until it is taken back", async test => {
      const log = await openPlain(open, test);
      const record = await newChannel(log);
      const challenge = { from: "query", name: "hub.challenge" } as const;
      const answer: ChosenAnswer = { status: 202, headers: [["X-Kind", "none"]], body: "gracias, ñ\r\n", challenge };
      assert.equal(await log.setAnswer(record.channel, answer), true);
      assert.deepEqual(plain(await log.findChannel(record.channel)), plain({ ...record, answer }));
      assert.equal(await log.setPublicKey(record.channel, "another-key"), true);
      assert.deepEqual((await log.findChannel(record.channel))?.answer, answer);
      assert.equal(await log.setAnswer(record.channel, undefined), true);
      assert.deepEqual(plain(await log.findChannel(record.channel)), plain({ ...record, publicKey: "another-key" }));
      assert.equal(await log.setAnswer(newChannelId(), answer), false);
    });

    it("lets others read a channel, some no longer, and replaces its own key; each change keeps the rest", async test => {
      const log = await openPlain(open, test);
      const record = await newChannel(log);
      const { channel } = record;
      await appended(log, channel, event("kept"));
      const reader = (id: string): Reader => ({ id, readKeyHash: hashKey(`key of ${id}`), createdAt: 7 });
      const heard = new Heard();
      log.watch(channel, heard);
      // At once: none may undo another.
      const added = ["a", "b", "c"].map(reader);
      await Promise.all(added.map(async each => log.changeAccess(channel, { kind: "add-reader", reader: each })));
      await log.changeAccess(channel, { kind: "add-reader", reader: { ...reader("a"), readKeyHash: hashKey("new") } });
      await log.changeAccess(channel, { kind: "remove-reader", id: "b" });
      await log.changeAccess(channel, { kind: "read-key", readKeyHash: hashKey("another key") });
      assert.equal(await log.setPublicKey(channel, "another-public-key"), true);
      const found = await log.findChannel(channel);
      assert.ok(found !== undefined);
      assert.deepEqual([found.publicKey, found.createdAt], ["another-public-key", record.createdAt]);
      const holders = ["another key", "new", "key of c", "key of a", "key of b", "the key before"];
      assert.deepEqual(
        holders.map(key => holderOf(found, hashKey(key))),
        ["owner", "reader", "reader", undefined, undefined, undefined],
      );
      await heard.untilAccessChanged();
      assert.deepEqual(await sequencesOf(log, channel, 0, plenty), [1]);
      assert.equal(await log.changeAccess(newChannelId(), { kind: "remove-reader", id: "b" }), false);
    });

    it("numbers the events of each channel from 1, and gives them back as they were", async test => {
      const log = await openPlain(open, test);
      const [one, other] = [await newChannel(log), await newChannel(log)];
      assert.deepEqual(await log.bounds(one.channel), { oldest: 1, newest: 0 });
      assert.equal(await appended(log, one.channel, event("first", 1)), 1);
      assert.equal(await appended(log, other.channel, event("other", 2)), 1);
      assert.equal(await appended(log, one.channel, { ...event("second", 3), scheme: 7 }), 2);
      assert.equal(await appended(log, one.channel, event("", 4)), 3);
      assert.deepEqual((await log.read(one.channel, 0, plenty)).map(words), ["1 0 1 first", "2 7 3 second", "3 0 4 "]);
      assert.deepEqual((await log.read(other.channel, 0, plenty)).map(words), ["1 0 2 other"]);
      assert.deepEqual(await log.bounds(one.channel), { oldest: 1, newest: 3 });
    });

    it("gives each of many events that come at once a number of its own, in the order they came", async test => {
      const log = await openPlain(open, test);
      const { channel } = await newChannel(log);
      const sequences = await Promise.all(range(200).map(async index => appended(log, channel, event(`${index}`))));
      assert.deepEqual(sequences, range(200));
      assert.deepEqual(
        (await log.read(channel, 0, plenty)).map(({ payload }) => Buffer.from(payload).toString()),
        range(200).map(String),
      );
    });

    it("reads on after any sequence, no more than asked for, and at least one however large", async test => {
      const log = await openPlain(open, test);
      const { channel } = await newChannel(log);
      for (const size of [10, 20]) await Promise.all(range(40).map(async () => appended(log, channel, sized(size))));
      assert.deepEqual(await sequencesOf(log, channel, 37, { events: 5, bytes: 1_000_000 }), [38, 39, 40, 41, 42]);
      assert.deepEqual(await sequencesOf(log, channel, 5, { events: 10, bytes: 35 }), [6, 7, 8, 9]);
      assert.deepEqual(await sequencesOf(log, channel, 79, { events: 10, bytes: 1 }), [80]);
      assert.deepEqual(await sequencesOf(log, channel, 80, plenty), []);
      assert.deepEqual(await sequencesOf(log, channel, 9_000, plenty), []);
      const walked: number[] = [];
      for (let events = await log.read(channel, 0, { events: 7, bytes: 100 }); events.length > 0;) {
        walked.push(...events.map(({ sequence }) => sequence));
        events = await log.read(channel, walked.length, { events: 7, bytes: 100 });
      }
      assert.deepEqual(walked, range(80));
    });

    it("seals what is plain where the channel has a key, for its readers and its watchers alike", async test => {
      const log = await openPlain(open, test);
      const keys = await generateSealingKeyPair();
      const { channel } = await newChannel(log, keys.publicKey);
      const heard: LoggedEvent[] = [];
      const told = Promise.withResolvers<undefined>();
      log.watch(channel, {
        appended: events => {
          if (heard.push(...events) === 3) told.resolve(undefined);
        },
        accessChanged: () => undefined,
        deleted: () => undefined,
      });
      const texts = ["first", "", "third".repeat(10_000)];
      await Promise.all(texts.map(async text => appended(log, channel, event(text))));
      const kept = await log.read(channel, 0, plenty);
      await told.promise;
      for (const events of [kept, heard]) {
        assert.deepEqual(await Promise.all(events.map(async each => openText(channel, keys, each))), texts);
      }
    });

    it("seals to another key what is appended after it was given one", async test => {
      const log = await openPlain(open, test);
      const [first, second] = [await generateSealingKeyPair(), await generateSealingKeyPair()];
      const { channel } = await newChannel(log);
      await appended(log, channel, event("in the clear"));
      await log.setPublicKey(channel, first.publicKey);
      await appended(log, channel, event("to the first"));
      await log.setPublicKey(channel, second.publicKey);
      await appended(log, channel, event("to the second"));
      const [plainEvent, toFirst, toSecond] = await log.read(channel, 0, plenty);
      assert.ok(plainEvent && toFirst && toSecond);
      assert.equal(plainEvent.scheme, plainPayload);
      assert.equal(await openText(channel, first, toFirst), "to the first");
      assert.equal(await openText(channel, first, toSecond), "no-key");
      assert.equal(await openText(channel, second, toSecond), "to the second");
    });

    it("keeps nothing for a channel whose key seals nothing", async test => {
      const log = await openPlain(open, test);
      const [bad, good] = [
        await newChannel(log, Buffer.alloc(32).toString("base64url")),
        await newChannel(log, (await generateSealingKeyPair()).publicKey),
      ];
      const [refused] = await Promise.all([
        log.append(bad.channel, event("secret")),
        appended(log, good.channel, event("kept")),
      ]);
      assert.ok(!refused.ok && refused.error.kind === "storage");
      assert.deepEqual(await log.read(bad.channel, 0, plenty), []);
    });

    it("accepts nothing for a channel that is not there", async test => {
      const log = await openPlain(open, test);
      const outcome = await log.append(newChannelId(), event("lost"));
      assert.ok(!outcome.ok && outcome.error.kind === "unknown-channel");
    });

    it("tells a channel's watchers of its events in order, once, and no one else of them", async test => {
      const log = await openPlain(open, test);
      const [one, other] = [await newChannel(log), await newChannel(log)];
      const [mine, others] = [new Heard(), new Heard()];
      const [watching, watchingOther] = [log.watch(one.channel, mine), log.watch(other.channel, others)];
      for (const index of range(5)) await appended(log, one.channel, event(`${index}`));
      await appended(log, other.channel, event("other"));
      await Promise.all([mine.until(5), others.until(1)]);
      assert.deepEqual([mine.sequences, others.sequences], [range(5), [1]]);
      watching.dispose();
      await appended(log, one.channel, event("unheard"));
      await appended(log, other.channel, event("heard"));
      await others.until(2);
      assert.deepEqual(mine.sequences, range(5));
      watchingOther.dispose();
    });

    it("removes a channel with its events, tells its watchers, and knows it no more", async test => {
      const log = await openPlain(open, test);
      const { channel } = await newChannel(log);
      await appended(log, channel, event("gone"));
      const heard = new Heard();
      log.watch(channel, heard);
      assert.equal(await log.deleteChannel(channel), "deleted");
      await heard.untilDeleted();
      assert.equal(await log.findChannel(channel), undefined);
      assert.deepEqual(await log.read(channel, 0, plenty), []);
      const outcome = await log.append(channel, event("late"));
      assert.ok(!outcome.ok && outcome.error.kind === "unknown-channel");
      assert.equal(await log.deleteChannel(channel), "unknown-channel");
    });

    it("removes no channel that has events after the one that is named, and goes on with it", async test => {
      const log = await openPlain(open, test);
      const { channel } = await newChannel(log);
      assert.equal(await log.deleteChannel(newChannelId(), 0), "unknown-channel");
      for (const index of range(2)) await appended(log, channel, event(`${index}`));
      assert.equal(await log.deleteChannel(channel, 1), "newer-events");
      assert.equal(await appended(log, channel, event("3")), 3);
      assert.deepEqual(await sequencesOf(log, channel, 0, plenty), [1, 2, 3]);
      assert.equal(await log.deleteChannel(channel, 3), "deleted");
      assert.equal(await log.findChannel(channel), undefined);
      assert.deepEqual(await log.read(channel, 0, plenty), []);
      assert.equal(await log.deleteChannel(channel, 3), "unknown-channel");
    });

    it("either keeps a channel or refuses what comes in, when it is removed while events come in", async test => {
      const log = await openPlain(open, test);
      for (const before of range(8)) {
        const { channel } = await newChannel(log);
        const appending = range(16).map(async index => log.append(channel, event(`${index}`)));
        await Promise.all(appending.slice(0, before));
        const [deletion, ...outcomes] = await Promise.all([log.deleteChannel(channel, before), ...appending]);
        const accepted = outcomes.filter(({ ok }) => ok).length;
        if (deletion === "deleted") assert.ok(accepted <= before, `${accepted} were accepted and are gone`);
        else assert.equal((await boundsOf(log, channel)).newest, accepted);
      }
    });

    it("leaves sequences unused when told to, and only ahead", async test => {
      const log = await openPlain(open, test);
      const { channel } = await newChannel(log);
      await appended(log, channel, event("1"));
      await log.skipTo(channel, 7);
      assert.equal((await log.bounds(channel))?.newest, 7);
      await log.skipTo(channel, 3);
      assert.equal(await appended(log, channel, event("8")), 8);
      assert.deepEqual(await sequencesOf(log, channel, 0, { events: 1, bytes: 1_000 }), [1]);
      assert.deepEqual(await sequencesOf(log, channel, 1, plenty), [8]);
    });

    it("keeps as many events per channel as it is told, and removes the oldest of more", async test => {
      const log = await open(test, { clock: new FakeClock(), retention: { ...roomy, maxEvents: 8 } });
      const { channel } = await newChannel(log);
      const count = await appendUntil(log, channel, ({ oldest, newest }) => oldest > 10 && newest - oldest < 9);
      const { oldest, newest } = await boundsOf(log, channel);
      assert.equal(newest, count);
      assert.ok(newest - oldest + 1 >= 8, `${newest - oldest + 1} are kept`);
      assert.deepEqual(await sequencesOf(log, channel, 0, plenty), range(count).slice(oldest - 1));
    });

    it("counts events, not numbers, where some were skipped", async test => {
      const log = await open(test, { clock: new FakeClock(), retention: { ...roomy, maxEvents: 8 } });
      const { channel } = await newChannel(log);
      for (const index of range(4)) await appended(log, channel, event(`${index}`));
      await log.skipTo(channel, 1_000);
      for (const index of range(4)) await appended(log, channel, event(`${index}`));
      // Whoever removes the surplus later does so while others are appended to.
      const other = await newChannel(log);
      for (const index of range(30)) await appended(log, other.channel, event(`${index}`));
      assert.equal((await boundsOf(log, channel)).oldest, 1);
      await appendUntil(log, channel, ({ oldest }) => oldest > 1_002);
      const { oldest, newest } = await boundsOf(log, channel);
      assert.ok(newest - oldest + 1 >= 8, `${newest - oldest + 1} are kept`);
    });

    it("keeps as many bytes per channel as it is told, and removes the oldest of more", async test => {
      const log = await open(test, { clock: new FakeClock(), retention: { ...roomy, maxBytes: 1_000_000 } });
      const { channel } = await newChannel(log);
      await appendUntil(log, channel, ({ oldest }) => oldest > 1, sized(100_000));
      const { oldest, newest } = await boundsOf(log, channel);
      assert.ok(newest - oldest + 1 >= 9, `${newest - oldest + 1} are kept`);
    });

    it("removes what is too old, and goes on with the numbers all the same", async test => {
      const clock = new FakeClock();
      const log = await open(test, { clock, retention: { ...roomy, maxAge: hour } });
      const [old, mixed] = [await newChannel(log), await newChannel(log)];
      for (const { channel } of [old, mixed]) {
        for (const index of range(3)) await appended(log, channel, event(`${index}`, clock.now()));
      }
      await sweptOnce(log, clock, old.channel);
      clock.jump(hour);
      await appended(log, mixed.channel, event("recent", clock.now()));
      await swept(log, clock, old.channel, 4);
      await swept(log, clock, mixed.channel, 4);
      assert.deepEqual(await boundsOf(log, old.channel), { oldest: 4, newest: 3 });
      assert.deepEqual(await sequencesOf(log, old.channel, 0, plenty), []);
      assert.deepEqual(await sequencesOf(log, mixed.channel, 0, plenty), [4]);
      assert.equal(await appended(log, old.channel, event("next", clock.now())), 4);
      assert.deepEqual(await sequencesOf(log, old.channel, 0, plenty), [4]);
    });

    it("is ready until it is closed, and then accepts nothing", async test => {
      const log = await openPlain(open, test);
      const { channel } = await newChannel(log);
      assert.equal(await log.isReady(), true);
      const last = log.append(channel, event("last"));
      await log.close();
      await last;
      assert.equal(await log.isReady(), false);
      const outcome = await log.append(channel, event("late")).catch(() => undefined);
      assert.ok(outcome === undefined || (!outcome.ok && outcome.error.kind === "storage"));
      await log.close();
    });
  });
}

/** Gathers what a watcher is told. */
class Heard {
  readonly sequences: number[] = [];
  readonly #deleted = Promise.withResolvers<undefined>();
  readonly #accessChanged = Promise.withResolvers<undefined>();
  #wake: () => void = () => undefined;

  appended(events: readonly LoggedEvent[]): void {
    this.sequences.push(...events.map(({ sequence }) => sequence));
    this.#wake();
  }

  accessChanged(): void {
    this.#accessChanged.resolve(undefined);
  }

  deleted(): void {
    this.#deleted.resolve(undefined);
  }

  async until(count: number): Promise<void> {
    while (this.sequences.length < count) await new Promise<void>(resolve => (this.#wake = resolve));
  }

  async untilAccessChanged(): Promise<void> {
    await this.#accessChanged.promise;
  }

  async untilDeleted(): Promise<void> {
    await this.#deleted.promise;
  }
}

async function openPlain(open: OpenLog, test: TestContext): Promise<EventLog> {
  return open(test, { clock: new FakeClock(), retention: roomy });
}

async function newChannel(log: EventLog, publicKey?: string): Promise<ChannelRecord> {
  const record = { channel: newChannelId(), readKeyHash: Uint8Array.of(1, 2, 3), createdAt: 5, publicKey };
  await log.createChannel(record);
  return record;
}

/** Buffers and other byte arrays of the same content are equal here, and so are what is absent and what is undefined. */
function plain(record: ChannelRecord | undefined): unknown {
  if (record === undefined) return undefined;
  const { publicKey, readers = [], readKeyHash } = record;
  return { ...record, publicKey, readers, readKeyHash: [...readKeyHash] };
}

function event(text: string, receivedAt = new FakeClock().now()): NewEvent {
  return { receivedAt, scheme: 0, payload: Buffer.from(text) };
}

function sized(bytes: number): NewEvent {
  return { ...event(""), payload: new Uint8Array(bytes) };
}

function words({ sequence, scheme, receivedAt, payload }: LoggedEvent): string {
  return `${sequence} ${scheme} ${receivedAt} ${Buffer.from(payload).toString()}`;
}

async function appended(log: EventLog, channel: string, added: NewEvent): Promise<number> {
  const outcome = await log.append(channel, added);
  assert.ok(outcome.ok, outcome.ok ? "" : JSON.stringify(outcome.error));
  return outcome.value;
}

async function boundsOf(log: EventLog, channel: string): Promise<SequenceBounds> {
  const bounds = await log.bounds(channel);
  assert.ok(bounds);
  return bounds;
}

async function sequencesOf(
  log: EventLog,
  channel: string,
  after: number,
  limit: { events: number; bytes: number },
): Promise<number[]> {
  return (await log.read(channel, after, limit)).map(({ sequence }) => sequence);
}

/** An engine may remove the surplus some time after the append; so this goes on until it has. */
async function appendUntil(
  log: EventLog,
  channel: string,
  done: (bounds: SequenceBounds) => boolean,
  added: NewEvent = event("more"),
): Promise<number> {
  for (let count = 1; count <= 2_000; count++) {
    await appended(log, channel, added);
    if (done(await boundsOf(log, channel))) return count;
  }
  throw new Error("Nothing is removed");
}

/** Lets the log sweep, which is when it notes what has come in. */
async function sweptOnce(log: EventLog, clock: FakeClock, channel: string): Promise<void> {
  clock.advance(minute);
  for (let looks = 0; looks < 20; looks++) await log.bounds(channel);
}

/** Lets the log's clock run until the channel begins at `oldest`. */
async function swept(log: EventLog, clock: FakeClock, channel: string, oldest: number): Promise<void> {
  for (let round = 0; round < 500; round++) {
    if ((await boundsOf(log, channel)).oldest === oldest) return;
    if (round % 50 === 0) clock.advance(minute);
  }
  throw new Error(`The channel still begins at ${(await boundsOf(log, channel)).oldest}`);
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
