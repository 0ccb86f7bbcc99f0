import { utf8Encode } from "../../base/bytes.ts";
import { type FormField, boundaryOf, partsBetween } from "./formFields.ts";
import { isSecretName } from "./secretNames.ts";
import { type Findings, type SecretSpan, namedSpan } from "./secretSpan.ts";
import { withoutEscapes } from "./spellings.ts";

/** The values of secret fields of a query or a form, as they are written. */
export function* secretFields(text: string): Iterable<SecretSpan> {
  let at = 0;
  for (const pair of text.split("&")) {
    const equals = pair.indexOf("=");
    const name = equals > 0 && equals + 1 < pair.length ? withoutEscapes(pair.slice(0, equals)) : "";
    if (isSecretName(name)) yield namedSpan(at + equals + 1, at + pair.length, name);
    at += pair.length + 1;
  }
}

/** A field of a form in parts, and where what it has in it stands in the text of the form. */
export interface PlacedField {
  readonly field: FormField;
  readonly span: SecretSpan;
}

/** The fields of a form in parts, as they are shown to people; of all that it has, however many. */
export function placedFields(form: string, contentType: string): readonly PlacedField[] {
  const boundary = boundaryOf(contentType);
  return boundary === undefined ? [] : fieldsBetween(form, boundary);
}

/** Whether the name of a field says that it is secret. */
export function isSecretField({ name }: Pick<FormField, "name">): boolean {
  return isSecretName(withoutEscapes(name));
}

const partHead = /^content-disposition[ \t]*:/im;
const longestHead = 8 * 1024;

/** The secret fields of a form in parts in a text that does not say that it is one: a boundary stands before its first head. */
export function* secretParts(text: string): Findings {
  const head = text.search(partHead);
  if (head === -1) return;
  const before = text.slice(Math.max(0, head - longestHead), head);
  const boundary = /(?:^|\n)--([^\r\n]{1,200}?)[ \t]*\r?\n(?:[^\r\n]+\r?\n)*$/.exec(before)?.[1];
  if (boundary === undefined) return;
  yield undefined;
  for (const { field, span } of fieldsBetween(text, boundary)) if (isSecretField(field)) yield span;
}

function fieldsBetween(text: string, boundary: string): readonly PlacedField[] {
  const bytes = Buffer.from(utf8Encode(text));
  const fields = partsBetween(bytes, boundary, Infinity)?.fields ?? [];
  let [at, from] = [0, 0];
  return fields.flatMap(field => {
    const { place, name } = field;
    if (place === undefined) return [];
    const start = at + bytes.toString("utf8", from, place.start).length;
    at = start + bytes.toString("utf8", place.start, place.end).length;
    from = place.end;
    return [{ field, span: namedSpan(start, at, name) }];
  });
}
