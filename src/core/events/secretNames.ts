/** What opens something wherever the word stands in a name, in letters alone. */
const secretWords =
  "tokens?|secrets?|passwords?|passwd|passwort|passphrase|passcode|pwd|cookies?|authorization|credentials?|jwt|otp|totp|" +
  "hmac|signatures?|csrf|xsrf|bearer|apikeys?|zapikey|authkey|privatekey|accesskey|sessionids?|sessid";

/** Whole words, and words that others are glued to, as in `zcapikey` or `authtoken`. */
const secretWord = new RegExp(`^(?:${secretWords})$`);
const gluedWord =
  /(?:token|secret|password|passwd|cookie|signature|jwt|sessionid|sessid|credentials|csrf|(?:api|auth|access|private|client|secret)keys?)$/;

/** Words that say of what is secret only how long, of what kind, or until when it is. */
const harmlessEnd =
  /^(?:types?|expires?|expiry|expiration|count|length|size|status|limit|used|alg|algorithm|version|policy|consent|date|time|at|in|age|url|uri|endpoint)$/;

/** A key is secret by what it is a key to; people also have key accounts, primary keys and keywords. */
const keyOwner =
  /(?:api|private|access|auth|client|secret|encryption|signing|shared|webhook|master|subscription|functions|ssh)$/;

/**
 * Whether what stands under such a name opens something: the name of a header, a parameter, a field or a member, in camel
 * case, with underscores, dashes or blanks, in any letter case.
 */
export function isSecretName(name: string): boolean {
  const letters = name.normalize("NFKC").replace(/\p{Cf}/gu, "");
  const divided = letters.replace(/([a-z\d])([A-Z])/g, "$1 $2").replace(/([A-Z])([A-Z][a-z])/g, "$1 $2");
  return isSecret(wordsOf(divided)) || isSecret(wordsOf(letters)) || isSecret([wordsOf(letters).join("")]);
}

/** Whether it is the name of the token that Zoho repeats in each delivery. */
export function isTokenName(name: string): boolean {
  return name.toLowerCase() === "token";
}

/** Words in lower case; numbers at their ends say nothing. */
function wordsOf(name: string): readonly string[] {
  const words = name.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  return words.map(word => word.replace(/\d+$/, "")).filter(word => word !== "");
}

function isSecret(words: readonly string[]): boolean {
  const last = words.at(-1) ?? "";
  if (words.length > 1 && harmlessEnd.test(last)) return false;
  return words.some(word => secretWord.test(word) || gluedWord.test(word)) || endsSecretly(words, last);
}

/** Words that are secret at the end of a name only: `X-Auth` and `sid` are, an `auth_mode` and a `Session_Title` are not. */
function endsSecretly(words: readonly string[], last: string): boolean {
  const before = words.at(-2);
  if (/^keys?$/.test(last)) return before === undefined ? last === "key" : keyOwner.test(before);
  if (last === "id") return before === "session" || (before === "key" && words.at(-3) === "access");
  return /^(?:o?auth|session|sid|sig)$/.test(last) || (last === "pass" && before === undefined);
}
