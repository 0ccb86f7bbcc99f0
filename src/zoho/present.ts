/** A property that is there only when it has a value. */
export function present<K extends string, T>(name: K, value: T | undefined): Partial<Record<K, T>> {
  // The compiler cannot follow a computed name; the object has this one property and no other.
  return value === undefined ? {} : ({ [name]: value } as Record<K, T>);
}
