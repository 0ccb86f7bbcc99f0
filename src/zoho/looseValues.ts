import * as v from "valibot";

/** Text with something in it; null, empty or of another kind: undefined. */
export const looseText = v.fallback(v.optional(v.pipe(v.string(), v.minLength(1))), undefined);

/** A number above zero, also as text; null, zero or of another kind: undefined. */
export const looseAmount = v.fallback(
  v.optional(
    v.pipe(
      v.union([v.number(), v.pipe(v.string(), v.trim(), v.regex(/^\d+(\.\d+)?$/), v.transform(Number))]),
      v.finite(),
      v.gtValue(0),
    ),
  ),
  undefined,
);
