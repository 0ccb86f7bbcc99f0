import { randomBytes } from "node:crypto";
import type { Problem } from "../../base/problem.ts";
import { type Result, succeed } from "../../base/result.ts";
import { relayPaths } from "../../protocol/relayApi.ts";
import { askOfChannel } from "./askOfChannel.ts";
import type { RelayChannel } from "./relayChannel.ts";

/** A key that reads a channel: 256 random bits. Made here, so that no answer can be lost that alone had it. */
export function newReadKey(): string {
  return randomBytes(32).toString("base64url");
}

/** Has `readKey` read the channel from now on, in place of the channel's own. Asking twice is no harm. */
export async function replaceReadKey(
  channel: RelayChannel,
  readKey: string,
  signal?: AbortSignal,
): Promise<Result<void, Problem>> {
  return done(await askOfChannel(channel, relayPaths.readKey(channel.channel), { ...put(readKey), signal }));
}

/** Whether the relay takes the channel's key. */
export async function holdsKey(channel: RelayChannel, signal?: AbortSignal): Promise<Result<boolean, Problem>> {
  const answer = await askOfChannel(channel, relayPaths.channel(channel.channel), { method: "GET", signal });
  if (answer.ok) return succeed(true);
  return answer.error.code === "RELAY_WRONG_KEY" ? succeed(false) : answer;
}

/** Lets `readKey` read the channel, too; `id` names it for {@link removeReader}. */
export async function addReader(channel: RelayChannel, id: string, readKey: string): Promise<Result<void, Problem>> {
  return done(await askOfChannel(channel, relayPaths.reader(channel.channel, id), put(readKey)));
}

/** The key of that name reads the channel no more, and its streams end. */
export async function removeReader(channel: RelayChannel, id: string): Promise<Result<void, Problem>> {
  return done(await askOfChannel(channel, relayPaths.reader(channel.channel, id), { method: "DELETE" }));
}

function put(readKey: string): { readonly method: "PUT"; readonly body: unknown } {
  return { method: "PUT", body: { readKey } };
}

function done(answer: Result<unknown, Problem>): Result<void, Problem> {
  return answer.ok ? succeed(undefined) : answer;
}
