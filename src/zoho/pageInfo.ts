import * as v from "valibot";
import { flagSchema, optionalPart } from "./wire.ts";

/** What a page says of the list that it belongs to; null, missing or odd: it says nothing. */
export const pageInfoSchema = v.fallback(
  v.object({
    more_records: v.fallback(flagSchema, undefined),
    next_page_token: optionalPart(v.pipe(v.string(), v.nonEmpty())),
  }),
  { more_records: undefined, next_page_token: undefined },
);
