import { median } from "../statistics.ts";
import { type ContenderName, type Rounds, contenderNames } from "./contender.ts";

/** A bound on what a figure says of the relay, sealed or not: on itself, or on its ratio to the floor's. */
export type Target =
  | { readonly ratioAtLeast: number }
  | { readonly ratioAtMost: number }
  | { readonly atLeast: number }
  | { readonly atMost: number };

/** One line of the table. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  /** Medians over the rounds. */
  readonly medians: Readonly<Partial<Record<ContenderName, number>>>;
  /** The relay's divided by the floor's, within each round; the median of that. */
  readonly ratios: Readonly<Partial<Record<ContenderName, number>>>;
  readonly target?: Target | undefined;
  /** Whether the target is met by the relay, with channels in the clear and sealed, as far as both were measured. */
  readonly met?: boolean | undefined;
  readonly rounds: Rounds<number>;
}

/** Sums the rounds up. */
export function toFigure(label: Pick<Figure, "name" | "unit">, rounds: Rounds<number>, target?: Target): Figure {
  const medians: Partial<Record<ContenderName, number>> = {};
  const ratios: Partial<Record<ContenderName, number>> = {};
  for (const name of contenderNames) {
    const values = rounds[name] ?? [];
    if (values.length === 0) continue;
    medians[name] = median(values);
    if (name !== "floor") ratios[name] = median(values.map((value, round) => value / (rounds.floor?.[round] ?? NaN)));
  }
  const met = target && meets(target, medians, ratios);
  return { ...label, medians, ratios, target, met, rounds };
}

/** The worst round of each as its only one: `choose` takes the smallest or the largest. */
export function worst(rounds: Rounds<number>, choose: (...values: number[]) => number): Rounds<number> {
  const { floor = [], clear = [], sealed = [] } = rounds;
  const only = (values: readonly number[]): number[] => (values.length === 0 ? [] : [choose(...values)]);
  return { floor: only(floor), clear: only(clear), sealed: only(sealed) };
}

function meets(target: Target, medians: Figure["medians"], ratios: Figure["ratios"]): boolean {
  const relays = (["clear", "sealed"] as const).filter(name => medians[name] !== undefined);
  return relays.every(name => {
    const [value, ratio] = [medians[name] ?? NaN, ratios[name] ?? NaN];
    if ("ratioAtLeast" in target) return ratio >= target.ratioAtLeast;
    if ("ratioAtMost" in target) return ratio <= target.ratioAtMost;
    return "atLeast" in target ? value >= target.atLeast : value <= target.atMost;
  });
}
