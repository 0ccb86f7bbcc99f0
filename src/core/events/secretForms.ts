import type { Findings } from "./secretSpan.ts";

/** Values that open something wherever they stand: OAuth's, Zoho's tokens, JWTs, and the password of an address. */
const secretForms: readonly RegExp[] = [
  /\b(?:Bearer|Basic)\s{1,20}([\w+/=.~-]{16,})/gi,
  /\bZoho-(?:oauth|auth)token\s{1,20}([^\s"'\\,;]+)/gi,
  /\b(1\d{3}\.[0-9a-f]{32}\.[0-9a-f]{32})\b/gi,
  // From the beginning of its letters on: where it could begin at each of them, a text of beginnings takes time by its square.
  /(?<![\w-])(?=[\w-]{11,}\.[\w-]{8,}\.)[\w-]*?\b(eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)/g,
  /:\/\/[^\s/:@"']{0,100}:([^\s/@"']+)(?=@)/g,
];

/** A name and a password that are shorter; a Basic plan has none. */
const shortCredentials = /\bBasic\s{1,20}([\w+/-]{4,15}={0,2})(?![\w+/=-])/g;

/** So many are found in one step. */
const findsInStep = 5_000;

/** What is secret by its form. */
export function* secretsByForm(text: string): Findings {
  let found = 0;
  for (const form of secretForms) {
    for (const { 0: all, 1: value = "", index } of text.matchAll(form)) {
      const end = index + all.length;
      yield { start: end - value.length, end, kind: "other" };
      if (++found % findsInStep === 0) yield undefined;
    }
    yield undefined;
  }
  for (const { 0: all, 1: value = "", index } of text.matchAll(shortCredentials)) {
    const end = index + all.length;
    if (Buffer.from(value, "base64").includes(":")) yield { start: end - value.length, end, kind: "other" };
  }
}
