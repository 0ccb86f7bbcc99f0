import type { DecodedBody } from "./decodedBody.ts";

type Typed = Pick<DecodedBody, "contentType">;

/** Whether a request says that its body is JSON. */
export function claimsJson({ contentType }: Typed): boolean {
  return /[/+]json\b/i.test(contentType);
}

/** Whether a request says that its body is a form of `a=1&b=2`. */
export function isUrlencoded({ contentType }: Typed): boolean {
  return /^\s*application\/x-www-form-urlencoded\b/i.test(contentType);
}

/** Whether a request says that its body is a form in parts. */
export function isMultipart({ contentType }: Typed): boolean {
  return /^\s*multipart\/form-data\b/i.test(contentType);
}

/** Whether a body is to be looked at as JSON: it claims to be it, or says nothing else and begins like it. */
export function isLikeJson(contentType: string, text: string): boolean {
  if (claimsJson({ contentType })) return true;
  return !isUrlencoded({ contentType }) && beginsLikeJson(text.slice(0, 1_000));
}

/** Whether a text begins like JSON: a brace alone may be a placeholder that somebody wrote. */
export function beginsLikeJson(text: string): boolean {
  return /^\s*(?:\{\s*["}]|\[\s*(?:["{[\]\d-]|true\b|false\b|null\b)|\{\s*$|\[\s*$)/.test(text);
}
