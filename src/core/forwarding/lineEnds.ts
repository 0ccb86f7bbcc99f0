/** What editors take for the end of a line, the unusual ones too. */
const lineEnd = /\r\n|[\r\n\u0085\u2028\u2029]/g;

/** A line and what ends it; the last one is ended by nothing. */
interface Line {
  readonly text: string;
  readonly end: string;
}

/** A text whose lines end with line feeds alone, as all the same ends are kept by every editor. */
export function withLineFeeds(text: string): string {
  return text.replace(lineEnd, "\n");
}

/**
 * An edited text with the line ends of the original: editors have one kind in a whole document. A line that was changed or
 * added ends as the one before it, the first of all as the first of the original.
 */
export function withLineEndsOf(original: string, edited: string): string {
  const before = linesOf(original);
  const after = linesOf(edited);
  const matches = matchedLines(before, after);
  const result: string[] = [];
  let end = before[0]?.end ?? "";
  for (const [index, line] of after.entries()) {
    const own = matches.get(index)?.end ?? "";
    if (own !== "") end = own;
    result.push(line.text, index === after.length - 1 ? "" : end === "" ? "\n" : end);
  }
  return result.join("");
}

function linesOf(text: string): readonly Line[] {
  const lines: Line[] = [];
  let from = 0;
  for (const { 0: end, index } of text.matchAll(lineEnd)) {
    lines.push({ text: text.slice(from, index), end });
    from = index + end.length;
  }
  return [...lines, { text: text.slice(from), end: "" }];
}

/** The original of each line that is still there, by its place: what is alike at both ends, then in order between. */
function matchedLines(before: readonly Line[], after: readonly Line[]): ReadonlyMap<number, Line> {
  const matches = new Map<number, Line>();
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head]?.text === after[head]?.text) matchAt(matches, before[head], head++);
  let tail = 1;
  while (tail <= most - head && before.at(-tail)?.text === after.at(-tail)?.text)
    matchAt(matches, before.at(-tail), after.length - tail++);
  matchBetween(matches, before.slice(head, before.length - tail + 1), after.slice(head, after.length - tail + 1), head);
  return matches;
}

function matchAt(matches: Map<number, Line>, line: Line | undefined, place: number): void {
  if (line !== undefined) matches.set(place, line);
}

function matchBetween(
  matches: Map<number, Line>,
  before: readonly Line[],
  after: readonly Line[],
  place: number,
): void {
  const places = Map.groupBy(before.keys(), index => before[index]?.text);
  let next = 0;
  for (const [index, { text }] of after.entries()) {
    const found = places.get(text)?.find(each => each >= next);
    if (found === undefined) continue;
    matchAt(matches, before[found], place + index);
    next = found + 1;
  }
}
