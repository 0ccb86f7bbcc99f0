import type { Mutation } from "./mutation.ts";

/**
 * `count` mutations, evenly over all lines that can have one: the lines are cut into as many stretches, and each gives one
 * line and that line one mutation. The same seed gives the same.
 */
export function sampleMutations(mutations: readonly Mutation[], count: number, seed: number): Mutation[] {
  const lines = [...Map.groupBy(mutations, ({ file, line }) => `${file}:${line}`).values()];
  const random = seededRandom(seed);
  const wanted = Math.min(count, lines.length);
  const pick = <T>(some: readonly T[]): T | undefined => some[Math.floor(random() * some.length)];
  return Array.from({ length: wanted }, (_, index) => {
    const [start, end] = [index, index + 1].map(border => Math.floor((border * lines.length) / wanted));
    return pick(pick(lines.slice(start, end)) ?? []);
  }).filter(mutation => mutation !== undefined);
}

/** Numbers from 0 to 1, without 1: Mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
