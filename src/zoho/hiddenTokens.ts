/** The variable of the shell that stands for the token of the channel. */
export const channelTokenVariable = "ZOHO_CHANNEL_TOKEN";

/**
 * The text around the values of members called `token`, however they are written; the quotes of the values stay with the
 * text. One piece where there is no such member.
 */
export function splitAtTokens(json: string): readonly string[] {
  const pieces: string[] = [];
  let start = 0;
  for (const match of json.matchAll(/"token"\s*:\s*"((?:[^"\\]|\\.)*)"/g)) {
    const end = match.index + match[0].length - 1;
    pieces.push(json.slice(start, end - (match[1]?.length ?? 0)));
    start = end;
  }
  return [...pieces, json.slice(start)];
}
