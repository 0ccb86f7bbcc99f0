/** The members that are there: without those whose value is undefined. */
export function given<T extends object>(members: T): { [Key in keyof T]?: NonNullable<T[Key]> } {
  const known: { [Key in keyof T]?: NonNullable<T[Key]> } = {};
  for (const name of Object.keys(members) as (keyof T)[]) {
    const value = members[name];
    if (value !== undefined) known[name] = value as NonNullable<T[typeof name]>;
  }
  return known;
}
