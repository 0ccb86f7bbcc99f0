import { type TextParts, posixCommand, posixWord } from "../base/shell.ts";
import type { RecordedCall } from "./callRecorder.ts";
import { channelTokenVariable, hiddenMark } from "./channelToken.ts";

/** The variable of the shell that stands for the access token. */
const accessTokenVariable = "ZOHO_ACCESS_TOKEN";

/**
 * The call as a command for a POSIX shell that sends it again. Secrets are variables, so that the command can be put
 * into a ticket or a chat; whatever else the call holds is quoted and reaches curl as it is.
 */
export function curlOf({ request }: RecordedCall): string {
  const headers = Object.entries(request.headers).map(([name, value]) => [`${name}: ${value}`]);
  const words: readonly TextParts[] = [
    ["authorization: Zoho-oauthtoken ", { variable: accessTokenVariable }],
    ...headers,
  ];
  return posixCommand([
    `curl --request ${request.method} ${posixWord([request.url])}`,
    ...words.map(header => `--header ${posixWord(header)}`),
    ...(request.body === undefined ? [] : [`--data-raw ${posixWord(bodyParts(request.body))}`]),
  ]);
}

/** The body with the variable where the channel's token was. */
function bodyParts(body: string): TextParts {
  const [before = "", ...after] = body.split(`"${hiddenMark}"`);
  return [before, ...after.flatMap(text => ['"', { variable: channelTokenVariable }, `"${text}`])];
}
