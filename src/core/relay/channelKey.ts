import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { relayPaths } from "../../protocol/relayApi.ts";
import { keyIdOf } from "../../protocol/sealing.ts";
import { askOfChannel } from "./askOfChannel.ts";
import type { RelayChannel } from "./relayChannel.ts";
import type { RelayAnswer } from "./relayRequest.ts";

const keyedSchema = v.object({ keyId: v.optional(v.string()) });

/**
 * Sees to it that the relay seals to the channel's newest key: asks, and sets it where it is another or none (the channel
 * was made without, the key was replaced, the relay was restored from an older copy). True when it had to be set.
 */
export async function ensureChannelKey(channel: RelayChannel, signal?: AbortSignal): Promise<Result<boolean, Problem>> {
  const [newest] = channel.keys;
  if (newest === undefined) return fail(cannotSeal(channel.relayUrl));
  const described = await askOfChannel(
    channel,
    relayPaths.channel(channel.channel),
    { method: "GET", signal },
    cannotSeal,
  );
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
  const answer = await askOfChannel(channel, path, { method: "PUT", body: { publicKey }, signal }, cannotSeal);
  if (!answer.ok) return answer;
  const taken = keyIdIn(answer.value) === (await hexKeyId(publicKey));
  return taken ? succeed(undefined) : fail(cannotSeal(channel.relayUrl));
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
    "The relay at {0} keeps events in the clear, because it is too old to seal them. Ask its operator to update it.",
    relayUrl,
  );
  return { code: "RELAY_CANNOT_SEAL", message, remedy: "configure-relay" };
}
