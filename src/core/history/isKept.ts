/** How many ids a row of the table `doomed` speaks of: as many bits as a number of JavaScript has. */
export const idsInSegment = 52;

/**
 * The condition that the entry whose id is in `column` was not taken away. Every query that reads for somebody has it, as
 * entries may still be in the tables then. While there are none of those, it costs next to nothing.
 */
export function isKept(column: string): string {
  return `(${column} > (SELECT cleared_through FROM past)
    AND (NOT EXISTS (SELECT 1 FROM doomed) OR NOT EXISTS (SELECT 1 FROM doomed WHERE ${isMarked(column)})))`;
}

/** The condition that a row of `doomed` names the id in `column`. */
export function isMarked(column: string): string {
  return `segment = ${column} / ${idsInSegment} AND mask >> (${column} % ${idsInSegment}) & 1`;
}
