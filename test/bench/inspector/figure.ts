import { median, quantile } from "../statistics.ts";

/** One line of the table. */
export interface Figure {
  readonly name: string;
  readonly unit: "ms" | "MB" | "events" | "nodes" | "/s";
  readonly inspector: number;
  /** The plain list's, where it can do the same. */
  readonly plain?: number | undefined;
  readonly target?: Target | undefined;
  /** What it was made of, for the file. */
  readonly values?: readonly number[] | undefined;
}

export interface Target {
  readonly atMost: number;
}

/** A figure from several measurements, which says what `of` makes of them. */
export function figureOf(
  name: string,
  of: "median" | "longest" | "p95",
  values: readonly number[],
  more: { readonly plain?: readonly number[]; readonly target?: Target } = {},
): Figure {
  const { plain, target } = more;
  return {
    name: `${name}, ${of}`,
    unit: "ms",
    inspector: summary[of](values),
    ...(plain === undefined ? {} : { plain: summary[of](plain) }),
    target,
    values: values.length > 2_000 ? undefined : values,
  };
}

const summary = {
  median,
  longest: (values: readonly number[]): number => values.reduce((longest, value) => Math.max(longest, value), 0),
  p95: (values: readonly number[]): number => quantile(values, 0.95),
} as const;

export function isMet({ target, inspector }: Figure): boolean | undefined {
  return target && inspector <= target.atMost;
}
