import type { WithheldEvents } from "../history/withheldEvents.ts";
import { isGenuine } from "../events/verification.ts";
import { type ForwardRule, keyOf, targetsOf } from "./forwardRule.ts";
import type { ForwardedEvent } from "./forwardedEvent.ts";

/** How many events are looked at in one go. */
const readAtOnce = 200;

export interface LateTokensOptions {
  readonly withheld: WithheldEvents;
  readonly load: (id: number) => ForwardedEvent | undefined;
  /** The rule that sends the event, by what is known of its token now. */
  readonly ruleOf: (event: ForwardedEvent | undefined) => ForwardRule | undefined;
}

/**
 * Looks again at what was withheld, once its channel's token becomes known: what it proves to be Zoho's waits for a word
 * from then on, as it is late by then.
 */
export class LateTokens {
  readonly #options: LateTokensOptions;
  /** The channels still to be looked through, and the event up to which that is done. */
  readonly #channels = new Map<string, number>();

  constructor(options: LateTokensOptions) {
    this.#options = options;
  }

  /** A token became known for this channel. */
  note(channel: string): void {
    this.#channels.set(channel, 0);
  }

  /** The tokens of all channels may have become known while nobody was here. */
  noteAll(): void {
    for (const channel of this.#options.withheld.channels()) this.note(channel);
  }

  /** Looks through some of what is to be looked through. To be called often. */
  look(): void {
    for (const [channel, through] of this.#channels) {
      const ids = this.#options.withheld.of(channel, through, readAtOnce);
      this.#hold(ids);
      if (ids.length < readAtOnce) this.#channels.delete(channel);
      else this.#channels.set(channel, ids.at(-1) ?? through);
    }
  }

  #hold(ids: readonly number[]): void {
    const events = ids.flatMap(id => this.#options.load(id) ?? []).filter(isZohos);
    for (const [rule, chosen] of Map.groupBy(events, event => this.#options.ruleOf(event))) {
      if (rule === undefined) continue;
      const targets = targetsOf(rule);
      const jobs = chosen.map(({ id: eventId, lanes }) => ({ eventId, targets, lanes }));
      this.#options.withheld.hold(keyOf(rule), jobs);
    }
  }
}

/** That nothing is known of a token proves nothing here: tokens may not have been read yet. */
function isZohos({ notification }: ForwardedEvent): boolean {
  if (notification === undefined || notification.verification === "unknown") return false;
  return isGenuine(notification.verification, notification.operation);
}
