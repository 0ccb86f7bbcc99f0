import { type Disposable, toDisposable } from "./lifecycle.ts";

/** Time as the product sees it, so that tests can own it. All durations and instants are milliseconds. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Runs `action` once after `delay`; disposing first cancels it. */
  after(delay: number, action: () => void): Disposable;
}

/** A clock that also tells how much time has passed, whatever the time of day was set to meanwhile. */
export interface SteadyClock extends Clock {
  /** Milliseconds since some moment; never falls. */
  elapsed(): number;
}

/** The machine's own clock. Delays beyond what a timer can hold (24.8 days) are waited for in steps. */
export const systemClock: SteadyClock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (delay, action) => {
    const longest = 2 ** 31 - 1;
    let timer: ReturnType<typeof setTimeout>;
    const wait = (left: number): void => {
      timer = setTimeout(() => (left > longest ? wait(left - longest) : action()), Math.min(left, longest));
    };
    wait(delay);
    return toDisposable(() => clearTimeout(timer));
  },
};

/** Resolves after `delay` milliseconds, or at once when `signal` aborts; never rejects, and leaves no timer behind. */
export async function sleep(clock: Clock, delay: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return;
  await new Promise<void>(resolve => {
    const done = (): void => {
      timer.dispose();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = clock.after(delay, done);
    signal?.addEventListener("abort", done);
  });
}

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;
