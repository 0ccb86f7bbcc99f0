import { existsSync, mkdirSync, renameSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TestContext } from "node:test";
import { Emitter } from "../../../../src/base/lifecycle.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { parseRules, type WrittenRule } from "../../../../src/core/forwarding/forwardRule.ts";
import { Forwarding } from "../../../../src/core/forwarding/forwarding.ts";
import { EventHistory } from "../../../../src/core/history/eventHistory.ts";
import { joinHistory } from "../../../../src/core/history/joinHistory.ts";
import type { StoredEvent } from "../../../../src/core/events/storedEvent.ts";
import type { RelayState } from "../../../../src/core/relay/relaySession.ts";
import { TokenBook } from "../../../../src/core/events/tokenBook.ts";
import { Claims } from "../../../../src/core/windows/claims.ts";
import { SharedNotes } from "../../../../src/core/windows/keeper.ts";
import { openSharedDatabase } from "../../../../src/core/windows/sharedDatabase.ts";
import type { CapturedRequest } from "../../../../src/protocol/capturedRequest.ts";
import type { Handling } from "../../../../src/protocol/event.ts";
import { capturedPost, notificationBody } from "../../../support/eventBodies.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { PlayedHandler, settled } from "./playedHandler.ts";

/** The machine: one history and one handler, for any number of windows at one time. */
export class World {
  readonly clock = new FakeClock();
  readonly handler = new PlayedHandler();
  readonly #folder: string;
  readonly #test: TestContext;
  #sequence = 0;

  constructor(test: TestContext) {
    this.#test = test;
    this.#folder = temporaryFolder(test);
  }

  file(name: string): string {
    return join(this.#folder, name);
  }

  /** Opens a window that is live, unless told otherwise. */
  open(
    rules: readonly WrittenRule[] = [{ url: "http://localhost:3000" }],
    kind: RelayState["kind"] = "live",
  ): WorldWindow {
    const window = new WorldWindow(this, rules, kind);
    this.#test.after(() => window.close());
    return window;
  }

  /** Another process writes to this file, until the function that this gives is called. */
  lock(name: string): () => void {
    const database = new DatabaseSync(this.file(name));
    database.exec("BEGIN IMMEDIATE");
    return () => database.close();
  }

  /** No window that opens can use this file, until the function that this gives is called. */
  bar(name: string): () => void {
    const file = this.file(name);
    const parts = ["", "-wal", "-shm"].map(end => file + end).filter(part => existsSync(part));
    for (const part of parts) renameSync(part, `${part}.away`);
    mkdirSync(file);
    return () => {
      rmdirSync(file);
      for (const part of parts) renameSync(`${part}.away`, part);
    };
  }

  nextSequence(): number {
    return ++this.#sequence;
  }
}

/** One window of the editor: what it has in hand is its own, what is written down is the machine's. */
export class WorldWindow {
  readonly history: EventHistory;
  readonly forwarding: Forwarding;
  readonly tokens = new TokenBook();
  readonly #world: World;
  readonly #shared: ReturnType<typeof openSharedDatabase>;
  readonly #relayChanged = new Emitter<RelayState>();
  readonly #rulesChanged = new Emitter<void>();
  #relay: RelayState;
  #rules: readonly WrittenRule[];
  #isOpen = true;

  constructor(world: World, rules: readonly WrittenRule[], kind: RelayState["kind"]) {
    this.#world = world;
    this.#rules = rules;
    this.#relay = relayState(kind);
    const { clock, handler } = world;
    const loadJoin = async (): Promise<typeof joinHistory> => Promise.resolve(joinHistory);
    this.history = EventHistory.open(world.file("events.sqlite"), { clock, logger: silentLogger, loadJoin });
    this.#shared = openSharedDatabase(world.file("windows.sqlite"), silentLogger);
    const currentRelay = (): RelayState => this.#relay;
    this.forwarding = new Forwarding({
      history: this.history,
      relay: {
        get state() {
          return currentRelay();
        },
        onDidChangeState: this.#relayChanged.event,
      },
      tokens: this.tokens,
      claims: new Claims(this.#shared.database, clock),
      notes: new SharedNotes(this.#shared.database),
      settings: {
        rules: () => parseRules(this.#rules).rules,
        allowedHosts: () => [],
        timeout: () => 30_000,
        retries: () => ({ tries: 3, backoff: { first: 1_000, longest: 30_000 }, after: "passing" }),
      },
      onDidChangeRules: this.#rulesChanged.event,
      clock,
      random: () => 1,
      logger: silentLogger,
      sender: handler,
    });
  }

  get state(): Forwarding["forwarder"]["state"] {
    return this.forwarding.forwarder.state;
  }

  become(kind: RelayState["kind"]): void {
    this.#relay = relayState(kind);
    this.#relayChanged.fire(this.#relay);
  }

  setRules(rules: readonly WrittenRule[]): void {
    this.#rules = rules;
    this.#rulesChanged.fire();
  }

  /** Events arrive over the relay; gives their ids. `age`: how many milliseconds ago the relay had them. */
  async arrive(
    bodies: readonly (Readonly<Record<string, unknown>> | Partial<CapturedRequest>)[],
    age = 0,
  ): Promise<number[]> {
    const before = this.history.newestId();
    this.history.sinkFor("https://relay.example.com", "channel").store(
      bodies.map(each => ({
        sequence: this.#world.nextSequence(),
        receivedAt: this.#world.clock.now() - age,
        ...(this.#relay.kind === "live" ? {} : { isBacklog: true as const }),
        payload: "method" in each ? capturedPost("not a notification", each) : capturedPost(notificationBody(each)),
      })),
    );
    await settled();
    return this.history.after(before, 1_000).map(({ id }) => id);
  }

  event(id: number | undefined): StoredEvent | undefined {
    return id === undefined ? undefined : this.history.get(id);
  }

  /** With what is known only. */
  handling(id: number | undefined): Handling | undefined {
    const handling = this.event(id)?.handling;
    if (handling === undefined) return undefined;
    const { state, attempts, ...others } = handling;
    return {
      state,
      attempts,
      ...Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined)),
    };
  }

  states(ids: readonly number[]): readonly (string | undefined)[] {
    return ids.map(id => this.handling(id)?.state);
  }

  /** Time goes by, and what is due runs. */
  async wait(milliseconds: number): Promise<void> {
    this.#world.clock.advance(milliseconds);
    await settled();
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.forwarding.dispose();
    this.#shared.dispose();
    this.history.close();
  }

  /** Ends without a word, as when its process is killed: nothing is written any more. */
  crash(): void {
    this.#isOpen = false;
    this.#shared.dispose();
    this.history.close();
  }
}

function relayState(kind: RelayState["kind"]): RelayState {
  if (kind === "live") return { kind, since: 0 };
  if (kind === "catching-up") return { kind, behind: 1 };
  return kind === "connecting" ? { kind } : { kind: "off" };
}

/** The part of a delivery that says which record it is about. */
export const about = (record: string): Readonly<Record<string, unknown>> => ({ ids: [record] });
