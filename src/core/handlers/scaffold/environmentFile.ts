import type { HandlerPlan } from "./handlerPlan.ts";

/** The environment variable that holds the token of a channel. */
export function tokenVariable(channelId: string): string {
  return `ZOHO_CHANNEL_TOKEN_${channelId}`;
}

/** A handler's environment: its port, and the tokens of the channels that it takes events of. Not for version control. */
export function environmentFile({ port, tokens }: Pick<HandlerPlan, "port" | "tokens">): string {
  const lines = [...tokens].flatMap(([channelId, token]) => {
    const value = quoted(token);
    return value === undefined ? [] : [`${tokenVariable(channelId)}=${value}`];
  });
  return [
    "# Read when the handler starts; what is set in the environment already wins. Keep it out of version control.",
    `PORT=${port}`,
    "# The token of each subscription by its channel id, which proves that an event comes from Zoho. The debugger passes",
    "# those that the editor knows, also of later subscriptions; for a terminal write them here: a token can be chosen",
    "# under Options when you subscribe.",
    ...(lines.length === 0 ? [`# ${tokenVariable("1234567890")}=token`] : lines),
    "",
  ].join("\n");
}

/** In quotes that the token does not have; undefined for one that no such file can hold. */
function quoted(token: string): string | undefined {
  if (/^[\w.~-]+$/.test(token)) return token;
  const quote = ["'", "`"].find(candidate => !token.includes(candidate));
  return quote === undefined || /[\r\n\0]/.test(token) ? undefined : quote + token + quote;
}
