import { second } from "../../../src/base/clock.ts";
import { Emitter } from "../../../src/base/lifecycle.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import type { Capture } from "../../../src/core/events/capture.ts";
import { TokenBook } from "../../../src/core/events/tokenBook.ts";
import { type ForwardRule, parseRules } from "../../../src/core/forwarding/forwardRule.ts";
import { Forwarding } from "../../../src/core/forwarding/forwarding.ts";
import { EventHistory } from "../../../src/core/history/eventHistory.ts";
import type { Outbox } from "../../../src/core/history/outbox.ts";
import { Claims } from "../../../src/core/windows/claims.ts";
import { SharedNotes } from "../../../src/core/windows/keeper.ts";
import { openSharedDatabase } from "../../../src/core/windows/sharedDatabase.ts";
import { WindowClock } from "../world/windowClock.ts";
import type { PlayedMachine } from "./playedMachine.ts";

/** Windows differ by their rules, and two of them share one. */
const ruleSets: readonly (readonly ForwardRule[])[] = [
  [{ operation: "create", url: "http://localhost:1" }, { url: "http://localhost:2" }],
  [{ operation: "edit", url: ["http://localhost:3", "http://localhost:4"] }],
  [{ operation: "create", url: "http://localhost:1" }],
].map(rules => parseRules(rules).rules);

/** What is written to the outbox, and may find it locked or the disk full. */
const writes = [
  "choose",
  "claim",
  "finish",
  "addByHand",
  "stay",
  "hold",
  "release",
  "callOff",
  "leave",
  "reap",
] as const;

/** One window of the simulation: the product's forwarding over the machine's history, until it ends. */
export class PlayedWindow {
  readonly name: string;
  readonly history: EventHistory;
  readonly forwarding: Forwarding;
  readonly #machine: PlayedMachine;
  readonly #shared: ReturnType<typeof openSharedDatabase>;
  #isOver = false;

  constructor(machine: PlayedMachine, kind: number) {
    this.#machine = machine;
    const { timeline, randomness } = machine;
    this.name = `window ${kind}`;
    const clock = new WindowClock({ timeline, slept: 0, now: () => timeline.now }, this);
    const { events, windows } = machine.files;
    this.history = EventHistory.open(events, { clock, logger: silentLogger });
    this.#shared = openSharedDatabase(windows, silentLogger, clock);
    this.#strike(this.history.outbox);
    this.forwarding = new Forwarding({
      history: this.history,
      relay: { state: { kind: "live" }, onDidChangeState: new Emitter<{ readonly kind: string }>().event },
      tokens: new TokenBook(),
      claims: new Claims(this.#shared.database, clock),
      notes: new SharedNotes(this.#shared.database),
      settings: {
        rules: () => ruleSets[kind] ?? [],
        allowedHosts: () => [],
        timeout: () => 30 * second,
        retries: () => ({ tries: 3, backoff: { first: second, longest: 30 * second }, after: "passing" }),
      },
      onDidChangeRules: new Emitter<void>().event,
      clock,
      random: randomness.next,
      logger: silentLogger,
      sender: { send: machine.send(this) },
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  store(captures: readonly Capture[]): void {
    this.history.sinkFor("https://relay.example.com", "channel").store(captures);
  }

  /** Ends without a word. */
  kill(): void {
    this.#isOver = true;
    this.#shared.dispose();
    this.history.close();
  }

  /** Ends in good order. */
  close(): void {
    this.forwarding.dispose();
    this.kill();
  }

  #strike(outbox: Outbox): void {
    for (const name of writes) {
      const original = Reflect.get(outbox, name);
      Reflect.defineProperty(outbox, name, {
        value: (...args: unknown[]): unknown => {
          if (!this.#machine.isCalm && this.#machine.randomness.chance(0.03)) throw new Error("database is locked");
          return Reflect.apply(original, outbox, args);
        },
      });
    }
  }
}
