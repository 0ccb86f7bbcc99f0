/** Work that can be interrupted wherever it yields; what it returns is its result. */
export type Steps<T> = Generator<undefined, T>;

/** Does such work in one go. */
export function finished<T>(work: Steps<T>): T {
  let step = work.next();
  while (step.done !== true) step = work.next();
  return step.value;
}
