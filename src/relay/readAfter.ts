/** The sequence up to which the editor says that it has everything; undefined where it does not say. */
export function readAfter(query: string): number | "malformed" | undefined {
  const text = new URLSearchParams(query).get("after");
  if (text === null) return undefined;
  const after = /^\d{1,16}$/.test(text) ? Number(text) : undefined;
  return after !== undefined && Number.isSafeInteger(after) ? after : "malformed";
}
