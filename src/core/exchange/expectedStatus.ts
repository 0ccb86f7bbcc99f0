/** A status, or a range of them such as `2xx`. */
export type ExpectedStatus = number | string;

/** What a handler should answer with when nobody said anything else. */
export const usualExpectation: readonly ExpectedStatus[] = ["2xx"];

/** Reads `2xx`, `204` or several of them with commas between; undefined for what is none. */
export function parseExpected(text: string): readonly ExpectedStatus[] | undefined {
  const parts = text.split(",").map(part => part.trim().toLowerCase());
  return parts.every(part => /^[1-5](?:xx|\d\d)$/.test(part)) ? parts : undefined;
}

export function isExpected(status: number, expected: readonly ExpectedStatus[]): boolean {
  return expected.some(each => String(status) === String(each).replace("xx", String(status).slice(1)));
}
