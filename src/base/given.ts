/** The members that are there: without those whose value is undefined. */
export function given<T extends object>(members: T): { [Key in keyof T]?: NonNullable<T[Key]> } {
  const known = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as { [Key in keyof T]?: NonNullable<T[Key]> };
}
