/** A run of offsets, both ends included. */
export type OffsetRange = readonly [first: number, last: number];

/** Offsets as runs in order that neither touch nor overlap: a selection of any size in a few numbers. */
export type OffsetRanges = readonly OffsetRange[];

export function contains(ranges: OffsetRanges, offset: number): boolean {
  return ranges.some(([first, last]) => offset >= first && offset <= last);
}

export function countOffsets(ranges: OffsetRanges): number {
  return ranges.reduce((count, [first, last]) => count + last - first + 1, 0);
}

/** The run between two offsets, in either order. */
export function rangeBetween(one: number, other: number): OffsetRange {
  return one <= other ? [one, other] : [other, one];
}

export function withRange(ranges: OffsetRanges, [first, last]: OffsetRange): OffsetRanges {
  const apart = ranges.filter(([from, to]) => to < first - 1 || from > last + 1);
  const joined = ranges.filter(range => !apart.includes(range));
  const from = Math.min(first, ...joined.map(range => range[0]));
  const to = Math.max(last, ...joined.map(range => range[1]));
  return [...apart, [from, to] as const].sort((a, b) => a[0] - b[0]);
}

export function withoutOffset(ranges: OffsetRanges, offset: number): OffsetRanges {
  return ranges.flatMap(([first, last]): OffsetRange[] => {
    if (offset < first || offset > last) return [[first, last]];
    const halves: OffsetRange[] = [
      [first, offset - 1],
      [offset + 1, last],
    ];
    return halves.filter(([from, to]) => from <= to);
  });
}

/** All runs moved by so many offsets; what falls out of a list of `total` rows is gone. */
export function moveRanges(ranges: OffsetRanges, by: number, total: number): OffsetRanges {
  return ranges
    .map(([first, last]): OffsetRange => [Math.max(0, first + by), Math.min(total - 1, last + by)])
    .filter(([first, last]) => first <= last);
}

/** Single offsets, in any order, as runs. */
export function rangesOf(offsets: readonly number[]): OffsetRanges {
  return offsets.reduce<OffsetRanges>((ranges, offset) => withRange(ranges, [offset, offset]), []);
}
