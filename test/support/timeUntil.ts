import { setImmediate } from "node:timers/promises";
import type { FakeClock } from "./fakeClock.ts";

/** Lets time pass in small steps until `work` has settled, however it does; how long that took, in milliseconds. */
export async function timeUntil(clock: FakeClock, work: Promise<unknown>): Promise<number> {
  const begin = clock.now();
  const state = { isSettled: false };
  const settle = (): void => {
    state.isSettled = true;
  };
  void work.then(settle, settle);
  await setImmediate();
  while (!state.isSettled) {
    clock.advance(10);
    await setImmediate();
  }
  return clock.now() - begin;
}
