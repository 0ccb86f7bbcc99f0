import * as v from "valibot";
import { eventParts } from "./eventReport.ts";
import { ToolError } from "./toolError.ts";

/** Bounds of what the tools take and give; package.json says the same to models. */
export const toolBounds = {
  events: 50,
  usualEvents: 10,
  bodyCharacters: 20_000,
  usualBodyCharacters: 4_000,
  filterCharacters: 2_000,
  waitSeconds: 600,
  usualWaitSeconds: 60,
  replayedEvents: 20,
} as const;

const countUpTo = (most: number): v.GenericSchema<number> =>
  v.pipe(v.number(), v.integer("is a whole number"), v.minValue(1), v.maxValue(most));
const eventId = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const filter = v.optional(v.pipe(v.string(), v.maxLength(toolBounds.filterCharacters)), "");
const parts = v.optional(v.pipe(v.array(v.picklist(eventParts)), v.readonly()), []);
const maxBodyCharacters = v.optional(countUpTo(toolBounds.bodyCharacters), toolBounds.usualBodyCharacters);

/** What a model gives to each tool. The names are those of the input schemas in package.json. */
export const toolInputs = {
  listSubscriptions: v.strictObject({ refresh: v.optional(v.boolean(), false) }),
  readEvents: v.strictObject({
    filter,
    ids: v.optional(v.pipe(v.array(eventId), v.minLength(1), v.maxLength(toolBounds.events))),
    limit: v.optional(countUpTo(toolBounds.events), toolBounds.usualEvents),
    before: v.optional(eventId),
    include: parts,
    maxBodyCharacters,
  }),
  waitForEvent: v.strictObject({
    filter,
    after: v.optional(eventId),
    timeoutSeconds: v.optional(countUpTo(toolBounds.waitSeconds), toolBounds.usualWaitSeconds),
    include: parts,
    maxBodyCharacters,
  }),
  replayEvents: v.strictObject({
    ids: v.pipe(v.array(eventId), v.minLength(1), v.maxLength(toolBounds.replayedEvents)),
  }),
} as const;

export type ToolInput<Name extends keyof typeof toolInputs> = v.InferOutput<(typeof toolInputs)[Name]>;

/** Reads a tool's input. Throws an error whose message tells a model what to do better. */
export function parseToolInput<Name extends keyof typeof toolInputs>(name: Name, raw: unknown): ToolInput<Name> {
  const schema: v.GenericSchema<unknown, ToolInput<Name>> = toolInputs[name];
  const parsed = v.safeParse(schema, raw ?? {});
  if (parsed.success) return parsed.output;
  throw new ToolError(`The input does not fit the tool: ${v.summarize(parsed.issues)}`);
}
