import * as v from "valibot";

const argumentSchema = v.object({ eventIds: v.array(v.pipe(v.number(), v.safeInteger())) });

/** The events that a command was called for, as the inspector's page passes them; undefined when it came from elsewhere. */
export function eventIdsIn(argument: unknown): readonly number[] | undefined {
  const parsed = v.safeParse(argumentSchema, argument);
  return parsed.success ? parsed.output.eventIds : undefined;
}
