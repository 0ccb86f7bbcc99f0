import * as v from "valibot";
import { parseJson } from "../../../base/json.ts";
import { stringLiteral } from "./sourceText.ts";

const sourceSchema = v.object({ organization: v.string(), modules: v.array(v.string()) });

/** What a file of generated types was generated for. */
export type EventTypesSource = Readonly<v.InferOutput<typeof sourceSchema>>;

const mark = "// zoho-crm-events ";

/** The line of the file that {@link readEventTypesSource} reads. */
export function sourceLine({ organization, modules }: EventTypesSource): string {
  return `${mark}{"organization":${stringLiteral(organization)},"modules":[${modules.map(stringLiteral).join(",")}]}`;
}

/** What a file was generated for; undefined for a file that was not generated. */
export function readEventTypesSource(text: string): EventTypesSource | undefined {
  const line = text.split(/\r?\n/, 20).find(candidate => candidate.startsWith(mark));
  const json = line === undefined ? undefined : parseJson(line.slice(mark.length));
  const parsed = json?.ok === true ? v.safeParse(sourceSchema, json.value) : undefined;
  return parsed?.success === true ? parsed.output : undefined;
}
