/**
 * Pieces of TypeScript made from names and labels that people of an organisation chose, and that may hold anything: what
 * comes out is always one token, or stays within its comment.
 */

/** A string literal. Beyond JSON's escapes it has those for characters that end a line or hide what is written. */
export function stringLiteral(text: string): string {
  return JSON.stringify(text).replace(
    unseen,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The name of a property: as it is where that is an identifier, else quoted. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : stringLiteral(name);
}

/** Text of one line for a comment, which it cannot end. */
export function commentText(text: string): string {
  const line = text.replace(unseen, " ").replace(/\s+/g, " ").replaceAll("*/", "*\u200a/").trim();
  return line.length <= longestComment ? line : `${line.slice(0, longestComment).toWellFormed()}…`;
}

/** Names of types in the order of asking, none twice: "Site_Visits" is `SiteVisits`. */
export class TypeNames {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  /** A name of which none of its forms with `endings` is taken, and takes them. */
  take(apiName: string, endings: readonly string[]): string {
    const base = pascalCase(apiName);
    for (let number = 1; ; number++) {
      const name = number === 1 ? base : `${base}${number}`;
      const forms = endings.map(ending => name + ending);
      if (forms.some(form => this.#taken.has(form))) continue;
      for (const form of forms) this.#taken.add(form);
      return name;
    }
  }
}

const longestComment = 200;

/** Controls, the line ends that JSON lets pass, invisible and direction-changing characters, halves of surrogate pairs. */
const unseen =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Zoho marks its own names with "__s", which says nothing to people. */
function pascalCase(apiName: string): string {
  const words = apiName.replace(/__s$/, "").match(/[A-Za-z0-9]+/g) ?? [];
  const name = words.map(word => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
  return /^[A-Z]/.test(name) ? name : `Module${name}`;
}
