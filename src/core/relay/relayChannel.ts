import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { channelCreatedSchema, relayErrorSchema, relayPaths } from "../../protocol/relayApi.ts";
import { generateSealingKeyPair, sealingKeyPairSchema } from "../../protocol/sealing.ts";
import { askRelay } from "./relayRequest.ts";

/** A channel of ours on a relay, with the keys that read it. To be kept as a secret. */
export const relayChannelSchema = v.object({
  /** Without a slash at its end. */
  relayUrl: v.pipe(v.string(), v.url()),
  ...v.omit(channelCreatedSchema, ["keyId"]).entries,
  /** The newest first: events are sealed to that one, older ones open what came before. */
  keys: v.optional(v.pipe(v.array(sealingKeyPairSchema), v.readonly()), []),
});
export type RelayChannel = v.InferOutput<typeof relayChannelSchema>;

export interface CreateChannelOptions {
  /** For relays that do not give a channel to everybody. */
  readonly createKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a new channel on the relay at `relayUrl`, with a key pair of which the relay gets the public half. Throws
 * CancelledError when `signal` aborts.
 */
export async function createRelayChannel(
  relayUrl: string,
  { createKey, signal }: CreateChannelOptions = {},
): Promise<Result<RelayChannel, Problem>> {
  const origin = relayUrl.replace(/\/+$/, "");
  const keys = await generateSealingKeyPair();
  const body = { publicKey: keys.publicKey };
  const answer = await askRelay(origin, relayPaths.channels, { method: "POST", key: createKey, body, signal });
  return answer.ok ? toChannel(origin, keys, answer.value.status, answer.value.body) : answer;
}

function toChannel(
  relayUrl: string,
  keys: RelayChannel["keys"][number],
  status: number,
  body: unknown,
): Result<RelayChannel, Problem> {
  if (status === 401) return fail(wrongCreateKey(relayUrl));
  const created = v.safeParse(channelCreatedSchema, body);
  if (status !== 201 || !created.success) {
    return fail(v.is(relayErrorSchema, body) ? declined(relayUrl, status) : notARelay(relayUrl));
  }
  const { channel, readKey, ingestUrl } = created.output;
  return succeed({ relayUrl, channel, readKey, ingestUrl, keys: [keys] });
}

function wrongCreateKey(origin: string): Problem {
  const message = l10n.t(
    "The relay at {0} gives channels only to those who have its create key. Ask whoever runs it.",
    origin,
  );
  return { code: "RELAY_WRONG_CREATE_KEY", message, remedy: "configure-relay" };
}

function declined(origin: string, status: number): Problem {
  const message = l10n.t("The relay at {0} cannot make a channel now (status {1}). Try again later.", origin, status);
  return { code: "RELAY_DECLINED", message, remedy: "retry" };
}

function notARelay(origin: string): Problem {
  const message = l10n.t("What answers at {0} is not a relay. Check the address.", origin);
  return { code: "RELAY_NOT_A_RELAY", message, remedy: "configure-relay" };
}
