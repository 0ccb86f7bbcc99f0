import type { HandlerPlan } from "./handlerPlan.ts";

/** The environment variable that holds the token of a channel. */
export function tokenVariable(channelId: string): string {
  return `ZOHO_CHANNEL_TOKEN_${channelId}`;
}

const firstLine =
  "# Read when the handler starts; what is set in the environment already wins. Keep it out of version control.";

/** A handler's environment: its port, and the tokens of the channels that it takes events of. Not for version control. */
export function environmentFile({ port, tokens }: Pick<HandlerPlan, "port" | "tokens">): string {
  const lines = [...tokens].flatMap(([channelId, token]) => tokenLine(channelId, token) ?? []);
  return [
    firstLine,
    `PORT=${port}`,
    "# The token of each subscription by its channel id, which proves that an event comes from Zoho. Starting the debugger",
    "# adds those of later subscriptions.",
    ...lines,
    "",
  ].join("\n");
}

/** The same with the tokens of channels that it has not, or has otherwise; undefined for a file of somebody else's. */
export function withTokens(text: string, tokens: HandlerPlan["tokens"]): string | undefined {
  if (!text.startsWith(firstLine)) return undefined;
  const isNew = (line: string): boolean => ![...tokens.keys()].some(id => line.startsWith(`${tokenVariable(id)}=`));
  const kept = text.replace(/\n*$/, "").split("\n").filter(isNew);
  const added = [...tokens].flatMap(([channelId, token]) => tokenLine(channelId, token) ?? []);
  return [...kept, ...added, ""].join("\n");
}

/** Undefined for a token that no such file can hold. */
function tokenLine(channelId: string, token: string): string | undefined {
  const value = quoted(token);
  return value === undefined ? undefined : `${tokenVariable(channelId)}=${value}`;
}

/** In quotes that the token does not have, where it needs any. */
function quoted(token: string): string | undefined {
  if (/^[\w.~-]+$/.test(token)) return token;
  const quote = ["'", "`"].find(candidate => !token.includes(candidate));
  return quote === undefined || /[\r\n\0]/.test(token) ? undefined : quote + token + quote;
}
