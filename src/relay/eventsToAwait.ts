/** Fewer senders than this are answered at once: a transaction for each costs less than their time. */
const leastAnswered = 4;
/** Where there are more senders than this, half of them are enough for a transaction. */
const mostAwaited = 48;

/**
 * How many events the next transaction is to wait for, when the last one has answered `answered` and `gathered` have come
 * in meanwhile. Senders that repeat themselves would else split into halves for good, each of which waits while the other
 * is written: twice the transactions, and with them twice what each costs to pass on and to flush.
 */
export function eventsToAwait(answered: number, gathered: number): number {
  const all = answered + gathered;
  return answered < leastAnswered || all > mostAwaited ? 0 : all;
}
