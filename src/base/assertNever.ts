/** Closes a switch over a union: the compiler refuses a forgotten member, and at run time an unforeseen one throws. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
