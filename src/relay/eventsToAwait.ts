/** Fewer senders than this are answered at once: a transaction for each costs less than their time. */
const leastAnswered = 4;
/** As many as this are enough for one transaction: more would save little, and leave nobody to be read meanwhile. */
const enoughEvents = 128;

/**
 * How many events the next transaction is to wait for, when the last one has answered `answered` and `gathered` have come
 * in meanwhile. Senders that repeat themselves would else split into halves for good, each of which waits while the other
 * is written: twice the transactions, and with them twice what each costs to pass on and to flush.
 */
export function eventsToAwait(answered: number, gathered: number): number {
  return answered < leastAnswered ? 0 : Math.min(answered + gathered, enoughEvents);
}
