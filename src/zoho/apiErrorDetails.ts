import * as v from "valibot";
import { looseText, optionalPart } from "./wire.ts";

/** The number, which may come as text. */
const numberSchema = v.union([
  v.pipe(v.number(), v.safeInteger()),
  v.pipe(v.string(), v.regex(/^\d{1,9}$/), v.transform(Number)),
]);

/** A list, or the text of one: "or,and". */
const valuesSchema = v.union([
  v.array(v.unknown()),
  v.pipe(
    v.string(),
    v.transform((text): unknown[] => text.split(",").map(word => word.trim())),
  ),
]);

const partSchema = v.object({ api_name: looseText, json_path: looseText, param_name: looseText });
type Part = v.InferOutput<typeof partSchema>;

const partsSchema = v.fallback(v.optional(v.array(v.fallback(optionalPart(partSchema), undefined)), []), []);

/** What Zoho says about an error beside its code: names, never values that somebody typed. */
export const detailsSchema = v.object({
  api_name: looseText,
  json_path: looseText,
  param_name: looseText,
  expected_data_type: looseText,
  maximum_length: optionalPart(numberSchema),
  supported_values: optionalPart(valuesSchema),
  /** Any of these would do. */
  expected_fields: partsSchema,
  /** These contradict each other. */
  ambiguity_due_to: partsSchema,
  /** What makes the missing field necessary. */
  dependee: optionalPart(partSchema),
});
export type Details = v.InferOutput<typeof detailsSchema>;

/** Nothing is said about the error. */
export const noDetails: Details = {
  api_name: undefined,
  json_path: undefined,
  param_name: undefined,
  expected_data_type: undefined,
  maximum_length: undefined,
  supported_values: undefined,
  expected_fields: [],
  ambiguity_due_to: [],
  dependee: undefined,
};

/** The name by which the API calls what is wrong, in quotes; never its value. */
export function nameOf(details: Details): string | undefined {
  return quoted(details.api_name ?? details.param_name ?? details.json_path);
}

/** The names of several things, in quotes, each once. */
export function namesOf(parts: readonly (Part | undefined)[]): readonly string[] {
  return [...new Set(parts.flatMap(part => (part === undefined ? [] : (partName(part) ?? []))))];
}

/** With the name of what it belongs to: "id" alone could be anybody's. */
function partName({ api_name, json_path, param_name }: Part): string | undefined {
  const owned = /\.([\w$]+)(?:\[\d+\])?\.([\w$]+)$/.exec(json_path ?? "");
  return quoted(owned === null ? (api_name ?? param_name ?? json_path) : `${owned[1]}.${owned[2]}`);
}

function quoted(name: string | undefined): string | undefined {
  return name !== undefined && /^[\w$.[\]-]{1,100}$/.test(name) ? `“${name}”` : undefined;
}

/** The values where all are words and there are few; else none. */
export function wordsIn(values: readonly unknown[]): readonly string[] {
  const words = values.filter((value): value is string => typeof value === "string" && /^[\w .-]{1,40}$/.test(value));
  return words.length === values.length && words.length <= 10 ? words : [];
}
