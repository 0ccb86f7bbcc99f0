/**
 * Hears of what Zoho sent in a form that the parsers do not know. Whoever listens may keep the form, which is names and
 * types, and never the values.
 */
export interface ShapeObserver {
  /** `where`: the call or the delivery, such as "GET /actions/watch", without ids. `value`: parsed JSON, or text. */
  note(where: string, value: unknown): void;
}
