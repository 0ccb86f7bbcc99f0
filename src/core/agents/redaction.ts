/** What stands where a secret was. */
export const redacted = "[redacted]";

/** Names of headers, members and parameters whose values open something. Words are divided by `_`, see isSecretName. */
const secretName = new RegExp(
  "(?:^|_)(?:tokens?|secrets?|password|passwd|pwd|cookies?|authorization|credentials?|jwt|otp|sid|sig)(?:_|$)" +
    "|(?:^|_)(?:api|private|access|auth)_?key(?:_|$)|session_?id|^(?:auth|key)$|_auth$",
);

/** Values that open something wherever they stand: OAuth's in headers and texts, Zoho's tokens and JWTs by their form. */
const secretValues = [
  /\b(Bearer|Basic)\s+[\w+/=.~-]{16,}/gi,
  /\b(Zoho-oauthtoken|Zoho-authtoken)\s+[^\s"'\\,;]+/gi,
  /\b1\d{3}\.[0-9a-f]{32}\.[0-9a-f]{32}\b/gi,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
];

/** Shorter secrets are left out by name only: not every “1” of a text is the token “1”. */
const shortestLiteral = 6;

/** A member whose value is neither object nor list, as those have members of their own; a cut text may end in it. */
const memberPattern = /"((?:[^"\\]|\\.){0,200})"(\s*:\s*)("(?:[^"\\]|\\.)*(?:"|\\?$)|[-\w.+]+)/g;

/** The same within a string of JSON, where quotes are escaped once. */
const nestedMemberPattern = /\\"([\w.-]{1,200})\\"(\s*:\s*)\\"(?:[^"\\]|\\[^"])*(?:\\"|\\?$)/g;

const parameterPattern = /(^|[&?;\s])([^=&?;\s]{1,200})=([^&;\s]*)/g;

/** A header, with what stands for its value where that is a secret. */
export function redactHeader([name, value]: readonly [string, string], known: readonly string[]): [string, string] {
  return [name, isSecretName(name) ? redacted : redactText(value, known)];
}

/** A query, or the body of a form, without the values of secret parameters. */
export function redactParameters(text: string, known: readonly string[]): string {
  const named = text.replace(parameterPattern, (all, start: string, name: string) =>
    isSecretName(decodeLeniently(name)) ? `${start}${name}=${redacted}` : all,
  );
  return redactText(named, known);
}

/**
 * JSON, or text with JSON in it, to the character but for the values of secret members. Works on the text, so that
 * digits of ids, depth of nesting and what is broken make no difference.
 */
export function redactJson(json: string, known: readonly string[]): string {
  const named = json.replace(memberPattern, (all, name: string, colon: string, value: string) =>
    isSecretName(unescapeName(name)) && value !== "null" ? `"${name}"${colon}"${redacted}"` : all,
  );
  const nested = named.replace(nestedMemberPattern, (all, name: string, colon: string) =>
    isSecretName(name) ? `\\"${name}\\"${colon}\\"${redacted}\\"` : all,
  );
  return redactText(nested, known);
}

/** Text without what is secret by its form, or is one of the secrets that are `known`. */
export function redactText(text: string, known: readonly string[]): string {
  const shaped = secretValues.reduce(
    (rest, pattern) =>
      rest.replace(pattern, (_all, scheme: unknown) =>
        typeof scheme === "string" ? `${scheme} ${redacted}` : redacted,
      ),
    text,
  );
  const literals = known.filter(secret => secret.length >= shortestLiteral);
  return literals.reduce((rest, secret) => rest.replaceAll(secret, redacted), shaped);
}

/** `accessToken`, `access_token` and `Access-Token` read the same. */
function isSecretName(name: string): boolean {
  const words = name.replace(/([a-z\d])([A-Z])/g, "$1_$2").replace(/[^A-Za-z\d]+/g, "_");
  return secretName.test(words.toLowerCase());
}

function unescapeName(name: string): string {
  return name.replace(/\\u([\da-f]{4})/gi, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

function decodeLeniently(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
