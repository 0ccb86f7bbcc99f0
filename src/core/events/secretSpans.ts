import { assignedSecrets } from "./assignedSecrets.ts";
import { secretParts } from "./formSecrets.ts";
import { secretsInJson } from "./jsonSecrets.ts";
import { markupSecrets } from "./markupSecrets.ts";
import { namedPairs } from "./namedPairs.ts";
import { secretsByForm } from "./secretForms.ts";
import type { Findings, SecretSpan } from "./secretSpan.ts";
import type { Spelling } from "./spellings.ts";
import { sectionEnds } from "./textSections.ts";

/** What is secret in one spelling of a text by the name that it stands under, or by its form: places are in that spelling. */
export function* secretsByNameAndForm({ text, isPlain, isJson }: Spelling): Findings {
  const ends = sectionEnds(text, isJson);
  for (const span of inText(text, isJson)) yield span && inWords(isJson ? upTo(ends.after(span.start), span) : span);
  if (isJson) for (const span of secretsInJson(text)) yield span && (isPlain ? span : inWords(span));
  else for (const span of inLooseText(text)) yield span && (isPlain ? span : inWords(span));
}

/** In the strings of JSON, as in any text. */
function* inText(text: string, isJson: boolean): Findings {
  if (isJson) yield* assignedSecrets(text, true);
  yield* markupSecrets(text, isJson);
  yield* secretsByForm(text);
}

function* inLooseText(text: string): Findings {
  yield* assignedSecrets(text, false);
  yield* namedPairs(text);
  yield* secretParts(text);
}

function upTo(most: number, { start, end, kind }: SecretSpan): SecretSpan {
  return { start, end: Math.min(end, most), kind };
}

/** Quotes around what had none would end the text that it is in. */
function inWords({ start, end, kind }: SecretSpan): SecretSpan {
  return { start, end, kind: kind === "bare-token" ? "token" : kind === "bare" ? "other" : kind };
}
