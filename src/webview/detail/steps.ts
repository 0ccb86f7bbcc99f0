import type { Clock } from "../../base/clock.ts";
import { type Disposable, toDisposable } from "../../base/lifecycle.ts";

/** How long one step may take, in milliseconds: well under a frame, with room for what the page has to do besides. */
const stepTime = 8;

/**
 * Runs work that yields now and then, letting the page draw and listen in between; `done` gets what it returns. What
 * fits into one step is done when this returns. Disposing gives the work up.
 */
export function runInSteps<T>(work: Iterator<undefined, T>, clock: Clock, done: (value: T) => void): Disposable {
  let next: Disposable | undefined;
  const step = (): void => {
    const until = clock.now() + stepTime;
    let piece = work.next();
    while (piece.done !== true && clock.now() < until) piece = work.next();
    if (piece.done === true) done(piece.value);
    else next = clock.after(0, step);
  };
  step();
  return toDisposable(() => next?.dispose());
}
