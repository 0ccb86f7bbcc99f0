import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter, type Event } from "../../base/lifecycle.ts";
import { SleepDetector } from "../../base/sleepDetector.ts";
import { absence } from "../history/outboxTurns.ts";

/** How far the relay's clock may be from this machine's before events of the first moments are taken for older ones. */
const clockTolerance = 5 * second;

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
    return this.#since;
  }

  dispose(): void {
    this.#store.dispose();
  }

  #follow({ kind }: LiveFeed["state"]): void {
    const now = this.#clock.now();
    if (kind === "live") this.#since ??= now;
    else if (this.#isLive) this.#lostAt = now;
    else if (this.#lostAt !== undefined && now - this.#lostAt > absence) this.#break();
    this.#isLive = kind === "live";
  }

  #break(): void {
    this.#lostAt = undefined;
    this.#since = this.#isLive ? this.#clock.now() : undefined;
    this.#broken.fire();
  }
}

/** Whether an event that the relay had at `receivedAt` came in while somebody was here. */
export function cameWhilePresent(receivedAt: number, since: number | undefined): boolean {
  return since !== undefined && receivedAt >= since - clockTolerance;
}
