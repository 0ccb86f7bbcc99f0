/**
 * What a relay that is told nothing else allows of an HTTP request (docs/relay-protocol.md). Whatever stands in front of
 * it, and is to answer as it does, allows the same. Durations in milliseconds.
 */
export const httpLimits = {
  /** Request line and headers. */
  maxHeadBytes: 32 * 1024,
  /** A whole head, and a whole request, must be there by then. */
  headTimeout: 10_000,
  requestTimeout: 60_000,
  /** For a connection between two requests. */
  idleTimeout: 75_000,
} as const;
