import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import { parseJson } from "../../base/json.ts";

const bundleSchema = v.record(
  v.string(),
  v.union([v.string(), v.object({ message: v.string(), comment: v.array(v.string()) })]),
);

/** Takes the bundle of the editor's language, as the host put it into the page; without one the words are English. */
export function loadStrings(text: string): void {
  const json = parseJson(text);
  const parsed = v.safeParse(bundleSchema, json.ok ? json.value : undefined);
  if (parsed.success) l10n.config({ contents: parsed.output });
}
