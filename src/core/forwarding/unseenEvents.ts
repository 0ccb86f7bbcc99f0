import type { RuleProgress } from "../history/outboxRules.ts";
import type { Outbox } from "../history/outbox.ts";
import type { NewJob } from "../history/outboxJob.ts";
import { absence } from "../history/outboxTurns.ts";
import type { StoredEvent } from "../events/storedEvent.ts";
import { type ForwardRule, keyOf, targetsOf } from "./forwardRule.ts";
import type { Chosen, RunHistory } from "./ruleRun.ts";

/** How many events are looked at in one go. */
const readAtOnce = 200;

/** An event that the former rule would have had, for the one that has its place. */
export type UnseenEvent = NewJob & { readonly owner: string };

/** A rule that is in no window any more, and what came in its place. */
export interface ReplacedRule {
  readonly rule: ForwardRule;
  readonly rules: readonly ForwardRule[];
  readonly progress: RuleProgress;
  /** No window has had it for longer than an absence. */
  readonly isAway: boolean;
}

export interface UnseenEventsOptions {
  readonly outbox: Pick<Outbox, "rules">;
  readonly history: Pick<RunHistory, "after">;
  /** What these rules make of an event that nothing has become of yet. */
  readonly chosenBy: (event: StoredEvent, rules: readonly ForwardRule[]) => Chosen | undefined;
  /** Whether what a rule chooses is held. */
  readonly isPaused: (key: string) => boolean;
}

/**
 * What came in for a rule that was replaced before any window had looked at it: it goes by the rule that has its place.
 * That one began after it, so that nobody else ever looks at it.
 */
export function unseenEvents(replaced: ReplacedRule, options: UnseenEventsOptions): readonly UnseenEvent[] {
  const jobs: UnseenEvent[] = [];
  let { seenThrough } = replaced.progress;
  for (;;) {
    const events = options.history.after(seenThrough, readAtOnce);
    jobs.push(...events.flatMap(event => jobOf(event, replaced, options) ?? []));
    seenThrough = events.at(-1)?.id ?? seenThrough;
    if (events.length < readAtOnce) return jobs;
  }
}

function jobOf(
  event: StoredEvent,
  { rule, rules, progress, isAway }: ReplacedRule,
  { outbox, chosenBy, isPaused }: UnseenEventsOptions,
): UnseenEvent | undefined {
  const [before, chosen] = [chosenBy(event, [rule]), chosenBy(event, rules)];
  if (before === undefined || chosen === undefined) return undefined;
  const owner = keyOf(chosen.rule);
  // What that one has still to look at, it chooses itself.
  if ((outbox.rules.progress(owner)?.seenThrough ?? Infinity) < event.id) return undefined;
  const isBacklog = event.kind === "request" && event.isBacklog === true;
  const isLate = isAway || isBacklog || event.storedAt < progress.aliveAt - absence;
  const isHeld = isLate || isPaused(keyOf(rule)) || isPaused(owner);
  const standing = before.isWithheld || chosen.isWithheld ? "withheld" : isHeld ? "held" : "queued";
  return { eventId: event.id, owner, targets: targetsOf(chosen.rule), lanes: chosen.event.lanes, standing };
}
