/** The variable of the shell that stands for the token of the channel. */
export const channelTokenVariable = "ZOHO_CHANNEL_TOKEN";

/** What a fixture says where the token of the channel belongs: it is filled in when the fixture is sent. */
export const tokenPlaceholder = `\${${channelTokenVariable}}`;

/**
 * A quote in JSON itself, in JSON that is text in other JSON, in a page, and in an address. Backslashes are bounded, as
 * runs of them would be looked at again and again.
 */
const quote = String.raw`(?<quote>\\{0,15}"|\\{1,15}u0022|&quot;|&#34;|&#x22;|%22)`;

/** White space, which text in JSON has as escapes. */
const space = String.raw`(?:\s|\\[nrt])*`;

/** In JSON itself, which says exactly where the text ends. */
const plainText = String.raw`(?<!\\)"(?<plain>(?:[^"\\]|\\[^]?)*)`;

/** Anywhere else: to the next such quote that no backslash is before, which rather hides too much than too little. */
const repeatedText = String.raw`\k<quote>(?<repeated>[^]*?)(?=(?<!\\)\k<quote>|$)`;

const number = String.raw`(?<number>-?\d[\d.eE+-]*)`;

/** A member called `token` up to the end of its value, which is missing where only half a text is there. */
const tokenMember = new RegExp(
  String.raw`${quote}token\k<quote>${space}(?::|%3[Aa])${space}(?:${plainText}|${repeatedText}|${number})`,
  "dg",
);

/**
 * The text around the values of members called `token`, be they text or numbers, however they are written and in whatever
 * they are repeated; the quotes of the values stay with the text. One piece where there is no such member.
 */
export function splitAtTokens(text: string): readonly string[] {
  const pieces: string[] = [];
  let start = 0;
  for (const { indices } of text.matchAll(tokenMember)) {
    const { plain, repeated, number: digits } = indices?.groups ?? {};
    const value = plain ?? repeated ?? digits;
    if (value === undefined) continue;
    pieces.push(text.slice(start, value[0]));
    start = value[1];
  }
  return [...pieces, text.slice(start)];
}
