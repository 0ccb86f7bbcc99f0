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

/** Of every secret name one of these is a part, however it is divided. */
const stem = /token|secret|pass|pwd|cookie|auth|credential|jwt|otp|hmac|sig|csrf|xsrf|bearer|key|sess|sid/i;

/** Names come again and again; those of anybody's making are many. */
const judged = new Map<string, boolean>();
const mostJudged = 5_000;
const longestJudged = 200;

/**
 * Whether what stands under such a name opens something: the name of a header, a parameter, a field or a member, in camel
 * case, with underscores, dashes or blanks, in any letter case.
 */
export function isSecretName(name: string): boolean {
  if (!mayBeSecret(name)) return false;
  const known = judged.get(name);
  if (known !== undefined) return known;
  const isSecretOne = judge(name);
  if (judged.size >= mostJudged) judged.clear();
  if (name.length <= longestJudged) judged.set(name, isSecretOne);
  return isSecretOne;
}

function mayBeSecret(name: string): boolean {
  if (stem.test(name) || /[^\0-\x7f]/.test(name)) return true;
  return /[^A-Za-z]/.test(name) && stem.test(name.replace(/[^A-Za-z]+/g, ""));
}

function judge(name: string): boolean {
  const letters = name.normalize("NFKC").replace(/\p{Cf}/gu, "");
  const divided = letters.replace(/([a-z\d])([A-Z])/g, "$1 $2").replace(/([A-Z])([A-Z][a-z])/g, "$1 $2");
  return isSecret(wordsOf(divided)) || isSecret(wordsOf(letters)) || isSecret([wordsOf(letters).join("")]);
}

/** Whether it is the name of the token that Zoho repeats in each delivery. */
export function isTokenName(name: string): boolean {
  return name.toLowerCase() === "token";
}

/** Members, attributes and elements whose value says what stands beside them under {@link isValueName}. */
const labelName =
  /^(?:(?:field|header|key|param|parameter|property|attribute|variable|column|api|display|var|cookie)[_-]?)?(?:name|key|label|id)$|^(?:field|header|param|parameter|property|attribute|variable|column|question|type|val|k|n)$/i;

/** Whether a value under such a name may be the name of what stands beside it. */
export function isLabelName(name: string): boolean {
  return labelName.test(name);
}

/** What a name says of its value. */
export interface NameRole {
  readonly isSecret: boolean;
  readonly isLabel: boolean;
  readonly isValue: boolean;
}

const roles = new Map<string, NameRole>();

/** What a name says of its value, at the cost of looking it up where names are often the same. */
export function roleOf(name: string): NameRole {
  const known = roles.get(name);
  if (known !== undefined) return known;
  const role = { isSecret: isSecretName(name), isLabel: isLabelName(name), isValue: isValueName(name) };
  if (roles.size >= mostJudged) roles.clear();
  if (name.length <= longestJudged) roles.set(name, role);
  return role;
}

/** Longer texts, and texts of more words, are sentences that speak of something secret. */
const longestLabel = 60;

/** Whether a value is itself the name of something secret, as in `{"name":"password","value":"…"}`. */
export function isSecretLabel(value: string): boolean {
  return value.length <= longestLabel && isSecretName(value) && value.trim().split(/\s+/).length <= 3;
}

/** Whether a value reads as a name, in words with numbers at their ends, and not as what somebody made up to be secret. */
export function mayBeName(value: string): boolean {
  return value.length <= longestLabel && /^\p{L}+\d{0,3}(?:[ _.:/-]{1,3}(?:\p{L}+\d{0,3}|\d{1,3}))*$/u.test(value);
}

/** Whether a value under such a name is what another beside it names. */
export function isValueName(name: string): boolean {
  return /(?:value|values|content|text|data|default|answer)$|^v(?:al)?$/i.test(name);
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
