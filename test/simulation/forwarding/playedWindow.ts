import { second } from "../../../src/base/clock.ts";
import { Emitter } from "../../../src/base/lifecycle.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { TokenBook } from "../../../src/core/events/tokenBook.ts";
import { keyOf } from "../../../src/core/forwarding/forwardRule.ts";
import { Forwarding } from "../../../src/core/forwarding/forwarding.ts";
import { EventHistory } from "../../../src/core/history/eventHistory.ts";
import { Claims } from "../../../src/core/windows/claims.ts";
import { SharedNotes } from "../../../src/core/windows/keeper.ts";
import { WindowDatabase } from "../world/playedDatabase.ts";
import { WindowClock } from "../world/windowClock.ts";
import { isDatabaseFault } from "./databaseFaults.ts";
import { mostTries } from "./forwardingOracle.ts";
import type { PlayedMachine } from "./playedMachine.ts";

/** One window of the simulation: the product's forwarding over the machine's history, until it ends. */
export class PlayedWindow {
  readonly name: string;
  readonly kind: number;
  readonly history: EventHistory;
  readonly forwarding: Forwarding;
  readonly #machine: PlayedMachine;
  readonly #tokens = new TokenBook();
  readonly #relayChanged = new Emitter<{ readonly kind: string }>();
  readonly #rulesChanged = new Emitter<void>();
  #relay = { kind: "connecting" };
  /** The newest event as the relay was connected to: all up to it is a backlog. */
  #newestBefore: number;
  #isOver = false;

  constructor(machine: PlayedMachine, name: string, kind: number) {
    this.#machine = machine;
    this.name = name;
    this.kind = kind;
    this.#newestBefore = machine.zoho.newest;
    const clock = new WindowClock(machine, this);
    this.learnTokens();
    this.history = EventHistory.open(machine.file, { clock, logger: silentLogger });
    this.history.onDidAppend(events => machine.noteStored(events));
    const shared = new WindowDatabase(machine.database, this, fault => machine.strikes(fault));
    this.forwarding = new Forwarding({
      history: this.history,
      relay: this.#feed(),
      tokens: this.#tokens,
      claims: new Claims(shared, clock),
      notes: new SharedNotes(shared),
      settings: {
        rules: () => machine.rules.of(kind),
        allowedHosts: () => [],
        timeout: () => 30 * second,
        retries: () => ({ tries: mostTries, backoff: { first: second, longest: 30 * second }, after: "passing" }),
      },
      onDidChangeRules: this.#rulesChanged.event,
      clock,
      random: machine.randomness.next,
      logger: machine.logger,
      sender: { send: machine.handler.sendFrom(this) },
    });
    this.connect();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Learns the tokens that the machine knows by now. */
  learnTokens(): void {
    for (const [channel, tokens] of this.#machine.zoho.known)
      for (const token of tokens) this.#tokens.learn(channel, token);
  }

  /** Its settings say something else about rules. */
  readRules(): void {
    this.#rulesChanged.fire();
  }

  /** The relay is lost: events come in again once it is connected to. */
  disconnect(): void {
    this.#become("connecting");
  }

  connect(): void {
    this.#newestBefore = this.#machine.zoho.newest;
    this.receive();
    this.#become("live");
  }

  /** Stores what the relay has and the history has not. What the disk does not take comes again. */
  receive(): void {
    if (this.#isOver) return;
    const sink = this.history.sinkFor("https://relay.example.com", "channel");
    const captures = this.#machine.zoho.sent.slice(sink.lastSequence()).map(({ sequence, capture }) => ({
      ...capture,
      ...(sequence <= this.#newestBefore ? { isBacklog: true as const } : {}),
    }));
    try {
      if (captures.length > 0) sink.store(captures);
    } catch (error) {
      if (!isDatabaseFault(error)) throw error;
      this.#machine.timeline.after(second, () => this.receive(), this.#machine);
    }
  }

  get isLive(): boolean {
    return this.#relay.kind === "live";
  }

  /** Ends without a word. Gives the keys of its rules of which nobody could write down that they are there. */
  kill(): readonly string[] {
    const { rules } = this.history.outbox;
    const keys = this.#machine.rules.of(this.kind).map(keyOf);
    const lost = keys.filter(key => rules.progress(key) === undefined);
    this.#isOver = true;
    this.history.close();
    return lost;
  }

  /** Ends in good order. */
  close(): readonly string[] {
    this.forwarding.dispose();
    return this.kill();
  }

  #feed(): {
    readonly state: { readonly kind: string };
    readonly onDidChangeState: Emitter<{ kind: string }>["event"];
  } {
    const current = (): { readonly kind: string } => this.#relay;
    return {
      get state() {
        return current();
      },
      onDidChangeState: this.#relayChanged.event,
    };
  }

  #become(kind: string): void {
    this.#relay = { kind };
    this.#relayChanged.fire(this.#relay);
  }
}
