/** More matches than this are not counted. */
export const mostMatches = 10_000;

/** How many characters are searched in one piece. */
const pieceLength = 200_000;

/** Where `query` occurs in `text`, letter case aside, in order; at most {@link mostMatches}. */
export function* findAll(text: string, query: string): Generator<undefined, readonly number[]> {
  const matches: number[] = [];
  if (query === "") return matches;
  const pattern = new RegExp(query.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), "gi");
  for (let from = 0; from < text.length && matches.length < mostMatches; from += pieceLength) {
    const last = matches.at(-1) ?? -query.length;
    const start = Math.max(from, last + query.length);
    const piece = text.slice(start, from + pieceLength + query.length - 1);
    for (const match of piece.matchAll(pattern)) {
      if (matches.length === mostMatches) break;
      matches.push(start + match.index);
    }
    yield undefined;
  }
  return matches;
}

/** The first match at or after `position`, as its number; 0 when there is none after it, undefined when there is none. */
export function firstMatchFrom(matches: readonly number[], position: number): number | undefined {
  if (matches.length === 0) return undefined;
  const found = lowerBound(matches, position);
  return found === matches.length ? 0 : found;
}

/** How many of the numbers, which are in order, are below `limit`. */
export function lowerBound(numbers: readonly number[], limit: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
