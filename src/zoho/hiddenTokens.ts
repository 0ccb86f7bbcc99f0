/** The variable of the shell that stands for the token of the channel. */
export const channelTokenVariable = "ZOHO_CHANNEL_TOKEN";

/**
 * The text around the values of members called `token`, be they text or numbers, however they are written; the quotes of
 * the values stay with the text. One piece where there is no such member.
 */
export function splitAtTokens(json: string): readonly string[] {
  const pieces: string[] = [];
  let start = 0;
  for (const match of json.matchAll(/"token"\s*:\s*(?:"((?:[^"\\]|\\.)*)"|(-?\d[\d.eE+-]*))/g)) {
    const [whole, text, number] = match;
    const end = match.index + whole.length - (number === undefined ? 1 : 0);
    pieces.push(json.slice(start, end - (number ?? text ?? "").length));
    start = end;
  }
  return [...pieces, json.slice(start)];
}
