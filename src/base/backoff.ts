/** How long to wait before the next try. Delays in milliseconds. */
export interface BackoffOptions {
  readonly first: number;
  readonly longest: number;
}

/**
 * The delay before try number `attempt` (1 is the first retry): doubles from `first` up to `longest`, with full jitter
 * over its upper half so that many clients of one relay do not return in step. `random` gives [0, 1).
 */
export function backoffDelay(attempt: number, options: BackoffOptions, random: () => number = Math.random): number {
  const ceiling = Math.min(options.longest, options.first * 2 ** Math.min(attempt - 1, 30));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
