import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { relayPaths } from "../../protocol/relayApi.ts";
import { keyIdOf } from "../../protocol/sealing.ts";
import type { RelayChannel } from "./relayChannel.ts";
import { type RelayAnswer, type RelayRequest, askRelay, strangersAnswer } from "./relayRequest.ts";

const keyedSchema = v.object({ keyId: v.optional(v.string()) });

/**
 * Sees to it that the relay seals to the channel's newest key: asks, and sets it where it is another or none (the channel
 * was made without, the key was replaced, the relay was restored from an older copy). True when it had to be set.
 */
export async function ensureChannelKey(channel: RelayChannel, signal?: AbortSignal): Promise<Result<boolean, Problem>> {
  const [newest] = channel.keys;
  if (newest === undefined) return fail(cannotSeal(channel.relayUrl));
  const described = await ask(channel, relayPaths.channel(channel.channel), { method: "GET", signal });
  if (!described.ok) return described;
  if (keyIdIn(described.value) === (await hexKeyId(newest.publicKey))) return succeed(false);
  const set = await setChannelKey(channel, newest.publicKey, signal);
  return set.ok ? succeed(true) : set;
}

/** Has the relay seal what comes in from now on to `publicKey`. */
export async function setChannelKey(
  channel: RelayChannel,
  publicKey: string,
  signal?: AbortSignal,
): Promise<Result<void, Problem>> {
  const path = relayPaths.channelKey(channel.channel);
  const answer = await ask(channel, path, { method: "PUT", body: { publicKey }, signal });
  if (!answer.ok) return answer;
  const taken = keyIdIn(answer.value) === (await hexKeyId(publicKey));
  return taken ? succeed(undefined) : fail(cannotSeal(channel.relayUrl));
}

/** An answer with status 200. */
async function ask(
  { relayUrl, readKey }: RelayChannel,
  path: string,
  request: RelayRequest,
): Promise<Result<RelayAnswer, Problem>> {
  const answer = await askRelay(relayUrl, path, { ...request, key: readKey });
  if (!answer.ok || answer.value.status === 200) return answer;
  return fail(refusal(relayUrl, answer.value));
}

/** What a relay says that does not know of keys. */
const tooOldCodes: readonly string[] = ["UNKNOWN_PATH", "METHOD_NOT_ALLOWED"];

function refusal(relayUrl: string, answer: RelayAnswer): Problem {
  if (answer.code === undefined) return strangersAnswer(relayUrl, answer);
  return tooOldCodes.includes(answer.code) ? cannotSeal(relayUrl) : declined(relayUrl, answer.status);
}

function keyIdIn({ body }: RelayAnswer): string | undefined {
  const parsed = v.safeParse(keyedSchema, body);
  return parsed.success ? parsed.output.keyId : undefined;
}

async function hexKeyId(publicKey: string): Promise<string> {
  return Buffer.from(await keyIdOf(publicKey)).toString("hex");
}

function cannotSeal(relayUrl: string): Problem {
  const message = l10n.t(
    "The relay at {0} keeps events in the clear, because it is too old to seal them. Update it.",
    relayUrl,
  );
  return { code: "RELAY_CANNOT_SEAL", message, remedy: "configure-relay" };
}

function declined(relayUrl: string, status: number): Problem {
  const message = l10n.t(
    "The relay at {0} did not take the channel's key (status {1}). It is tried again when the editor connects.",
    relayUrl,
    status,
  );
  return { code: "RELAY_KEY_DECLINED", message, remedy: "retry" };
}
