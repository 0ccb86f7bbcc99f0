import { utf8Encode } from "../../base/bytes.ts";
import { type FormField, boundaryOf, partsBetween } from "./formFields.ts";
import { isSecretName } from "./secretNames.ts";
import { type Findings, type SecretSpan, namedSpan } from "./secretSpan.ts";
import { withoutEscapes } from "./spellings.ts";

/** So many fields are looked at in one step. */
const fieldsInStep = 10_000;

/** The values of secret fields of a query or a form, as they are written. */
export function* secretFields(text: string): Findings {
  let [at, fields] = [0, 0];
  for (const pair of text.split("&")) {
    if (++fields % fieldsInStep === 0) yield undefined;
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
  let from = 0;
  // Texts that have nothing to do with each other may be in one.
  for (const section of partHead.test(text) ? text.split("\0") : []) {
    const { boundary, at } = boundaryIn(section);
    const fields = boundary === "" ? [] : fieldsBetween(section.slice(at), boundary);
    for (const { field, span } of fields)
      if (isSecretField(field)) yield { ...span, start: span.start + from + at, end: span.end + from + at };
    yield undefined;
    from += section.length + 1;
  }
}

/** The first boundary, and where it stands; an empty one where there is none. */
function boundaryIn(text: string): { readonly boundary: string; readonly at: number } {
  const head = Math.max(0, text.search(partHead));
  const from = Math.max(0, head - longestHead);
  const found = /--([^\r\n]{1,200}?)[ \t]*\r?\n(?:[^\r\n]+\r?\n)*$/.exec(text.slice(from, head));
  return { boundary: found?.[1] ?? "", at: from + (found?.index ?? 0) };
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
