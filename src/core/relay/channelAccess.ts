import { randomBytes } from "node:crypto";
import * as v from "valibot";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { relayPaths } from "../../protocol/relayApi.ts";
import { askOfChannel } from "./askOfChannel.ts";
import type { ChannelReader, RelayChannel } from "./relayChannel.ts";
import { strangersAnswer } from "./relayRequest.ts";

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
export async function removeReader(
  channel: RelayChannel,
  id: string,
  signal?: AbortSignal,
): Promise<Result<void, Problem>> {
  return done(await askOfChannel(channel, relayPaths.reader(channel.channel, id), { method: "DELETE", signal }));
}

const readersSchema = v.object({ readers: v.array(v.object({ id: v.string(), createdAt: v.number() })) });

/** Whom the relay lets read the channel besides its owner, whether this editor knows of them or not. */
export async function listReaders(
  channel: RelayChannel,
): Promise<Result<readonly Pick<ChannelReader, "id" | "createdAt">[], Problem>> {
  const answer = await askOfChannel(channel, relayPaths.readers(channel.channel), { method: "GET" });
  if (!answer.ok) return answer;
  const parsed = v.safeParse(readersSchema, answer.value.body);
  return parsed.success ? succeed(parsed.output.readers) : fail(strangersAnswer(channel.relayUrl, answer.value));
}

function put(readKey: string): { readonly method: "PUT"; readonly body: unknown } {
  return { method: "PUT", body: { readKey } };
}

function done(answer: Result<unknown, Problem>): Result<void, Problem> {
  return answer.ok ? succeed(undefined) : answer;
}
