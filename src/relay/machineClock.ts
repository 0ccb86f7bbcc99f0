import { uptime } from "node:os";
import { type SteadyClock, second, systemClock } from "../base/clock.ts";

/** The machine's clock, of which `elapsed` includes the time in which the machine was asleep. */
export const machineClock: SteadyClock = {
  ...systemClock,
  elapsed: elapsedWithSleep(
    () => performance.now(),
    () => uptime() * second,
  ),
};

/**
 * `awake` may leave out what the machine slept, which `sinceBoot` has; that is read at most once a second, as it takes
 * longer. All in milliseconds; what it gives never falls.
 */
export function elapsedWithSleep(awake: () => number, sinceBoot: () => number): () => number {
  let ahead = -Infinity;
  let readAt = -Infinity;
  return () => {
    const now = awake();
    if (now - readAt >= second) {
      readAt = now;
      ahead = Math.max(ahead, sinceBoot() - now);
    }
    return now + ahead;
  };
}
