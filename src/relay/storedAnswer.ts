import * as v from "valibot";
import { chosenAnswerSchema, faultOfAnswer } from "../protocol/chosenAnswer.ts";

const givenAnswerSchema = v.pipe(
  chosenAnswerSchema,
  v.check(answer => faultOfAnswer(answer) === undefined),
);

/**
 * An answer as it is kept with its channel. One that this relay would not take (a later one may have written it, or
 * somebody who can write where it is kept) counts as none: senders get the relay's own.
 */
export const storedAnswerSchema = v.fallback(v.optional(givenAnswerSchema), undefined);

/** The same from a column: JSON, or null. */
export const storedAnswerTextSchema = v.fallback(
  v.nullable(v.pipe(v.string(), v.parseJson(), givenAnswerSchema)),
  null,
);
