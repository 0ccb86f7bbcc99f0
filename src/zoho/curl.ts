import { type RecordedCall, hiddenToken } from "./callRecorder.ts";

/** The variable of the shell that stands for the access token. */
export const accessTokenVariable = "ZOHO_ACCESS_TOKEN";

/** The variable of the shell that stands for the token of the channel. */
export const channelTokenVariable = "ZOHO_CHANNEL_TOKEN";

/**
 * The call as a command for a POSIX shell that sends it again. Secrets are variables, so that the command can be put
 * into a ticket or a chat; whatever else the call holds is quoted and reaches curl as it is.
 */
export function curlOf({ request }: RecordedCall): string {
  const headers = Object.entries(request.headers).map(([name, value]) => quote(`${name}: ${value}`));
  return [
    `curl --request ${request.method} ${quote(request.url)}`,
    `--header "authorization: Zoho-oauthtoken $${accessTokenVariable}"`,
    ...headers.map(header => `--header ${header}`),
    ...(request.body === undefined ? [] : [`--data-raw ${quoteBody(request.body)}`]),
  ].join(" \\\n  ");
}

/** Within single quotes a shell takes every character as it is but the quote itself. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The body with the variable where the channel's token was: out of the single quotes, and into double ones. */
function quoteBody(body: string): string {
  const [before = "", ...after] = body.split(`"${hiddenToken}"`);
  return [quote(before), ...after.map(text => quote(text))].join(`'"'"$${channelTokenVariable}"'"'`);
}
