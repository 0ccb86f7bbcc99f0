import type { Clock } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter, type Event } from "../../base/lifecycle.ts";
import { SleepDetector } from "../../base/sleepDetector.ts";
import type { StoredEvent } from "../events/storedEvent.ts";
import { absence } from "../history/outboxTurns.ts";

/** What is told of how events come in: `live` where they come at once. */
export interface LiveFeed {
  readonly state: { readonly kind: string };
  readonly onDidChangeState: Event<{ readonly kind: string }>;
}

/** Since when somebody has been here to see events as they come in. */
export class Presence implements Disposable {
  readonly #clock: Clock;
  readonly #store = new DisposableStore();
  readonly #broken = this.#store.add(new Emitter<void>());
  #since: number | undefined;
  #caughtUpSince: number | undefined;
  /** When the relay was lost last, until that counts as an absence. */
  #lostAt: number | undefined;
  #isLive = false;

  /** The window was away: what comes in until it is live again is a backlog. */
  readonly onDidBreak: Event<void> = this.#broken.event;

  constructor(relay: LiveFeed, clock: Clock) {
    this.#clock = clock;
    this.#follow(relay.state);
    this.#store.add(relay.onDidChangeState(state => this.#follow(state)));
    this.#store.add(
      new SleepDetector(clock, missed => {
        if (missed > absence) this.#break();
      }),
    );
  }

  /** Milliseconds since 1970; undefined before the relay was live, and after an absence. */
  get since(): number | undefined {
    return (this.#since = asOfNow(this.#since, this.#clock.now()));
  }

  /** The same for what is caught up with: after an absence not before the relay is live again. */
  get caughtUpSince(): number | undefined {
    return (this.#caughtUpSince = asOfNow(this.#caughtUpSince, this.#clock.now()));
  }

  dispose(): void {
    this.#store.dispose();
  }

  #follow({ kind }: LiveFeed["state"]): void {
    const now = this.#clock.now();
    if (kind === "live") this.#begin(now);
    else if (this.#isLive) this.#lostAt = now;
    else if (this.#lostAt !== undefined && now - this.#lostAt > absence) this.#break();
    this.#isLive = kind === "live";
  }

  #begin(now: number): void {
    this.#since ??= now;
    this.#caughtUpSince ??= now;
  }

  #break(): void {
    this.#lostAt = undefined;
    this.#caughtUpSince = undefined;
    this.#since = this.#isLive ? this.#clock.now() : undefined;
    this.#broken.fire();
  }
}

/**
 * A time since which somebody is here, as the clock goes now: one that is yet to come was noted before the clock was set
 * back.
 */
export function asOfNow(since: number | undefined, now: number): number | undefined {
  return since === undefined || since <= now ? since : now - absence;
}

/** Whether an event came in while somebody was here, as by this machine's clock: the relay's may be another's. */
export function cameWhilePresent({ storedAt }: Pick<StoredEvent, "storedAt">, since: number | undefined): boolean {
  return since !== undefined && storedAt >= since;
}
