import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { channelCreatedSchema, relayPaths } from "../../protocol/relayApi.ts";
import { generateSealingKeyPair, sealingKeyPairSchema } from "../../protocol/sealing.ts";
import { type RelayAnswer, askRelay, strangersAnswer } from "./relayRequest.ts";

const readerSchema = v.object({
  id: v.string(),
  name: v.string(),
  createdAt: v.number(),
  /** Nobody was given its key, and the relay may know it all the same: it is to be removed there. */
  isGivenUp: v.exactOptional(v.boolean()),
});

/** A channel of ours on a relay, with the keys that read it. To be kept as a secret. */
export const relayChannelSchema = v.object({
  /** Without a slash at its end. */
  relayUrl: v.pipe(v.string(), v.url()),
  ...v.omit(channelCreatedSchema, ["keyId"]).entries,
  /** The newest first: events are sealed to that one, older ones open what came before. */
  keys: v.optional(v.pipe(v.array(sealingKeyPairSchema), v.readonly()), []),
  /** The key before, as long as it is not certain that the relay knows the present one. */
  formerReadKey: v.exactOptional(v.string()),
  /** Somebody else's, shared with this editor: its read key reads, and does nothing else. */
  isGuest: v.exactOptional(v.boolean()),
  /** With whom this editor shares it. Their names are known here alone. */
  readers: v.exactOptional(v.pipe(v.array(readerSchema), v.readonly())),
});
export type RelayChannel = v.InferOutput<typeof relayChannelSchema>;
/** Somebody with whom a channel of this editor's is shared. `createdAt` in milliseconds since 1970. */
export type ChannelReader = NonNullable<RelayChannel["readers"]>[number];

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
  if (!answer.ok) return answer;
  const created = v.safeParse(channelCreatedSchema, answer.value.body);
  if (answer.value.status !== 201 || !created.success) return fail(refusal(origin, answer.value, createKey));
  const { channel, readKey, ingestUrl } = created.output;
  return succeed({ relayUrl: origin, channel, readKey, ingestUrl, keys: [keys] });
}

/** Whether the relay wants another create key, or one at all: a person has to get it. */
export function isForWantOfCreateKey({ code }: Problem): boolean {
  return code === "RELAY_NEEDS_CREATE_KEY" || code === "RELAY_WRONG_CREATE_KEY";
}

function refusal(origin: string, answer: RelayAnswer, createKey: string | undefined): Problem {
  switch (answer.code) {
    case undefined:
      return strangersAnswer(origin, answer);
    case "WRONG_CREATE_KEY":
      return createKey === undefined ? needsCreateKey() : wrongCreateKey(origin);
    case "CREATE_RATE":
      return tooManyChannels(origin);
    default:
      return declined(origin, answer.status);
  }
}

function needsCreateKey(): Problem {
  const message = l10n.t("This relay needs a create key. Ask its operator for a join link.");
  return { code: "RELAY_NEEDS_CREATE_KEY", message, remedy: "join-relay" };
}

function wrongCreateKey(origin: string): Problem {
  const message = l10n.t(
    "The relay at {0} doesn't accept this create key, which may have been replaced. Ask the relay's operator for a new join link.",
    origin,
  );
  return { code: "RELAY_WRONG_CREATE_KEY", message, remedy: "join-relay" };
}

function tooManyChannels(origin: string): Problem {
  const message = l10n.t(
    "The relay at {0} has reached its hourly limit of new channels for this network. Try again later, or ask its operator to raise the limit.",
    origin,
  );
  return { code: "RELAY_CREATE_RATE", message, remedy: "retry" };
}

function declined(origin: string, status: number): Problem {
  const message = l10n.t("The relay at {0} cannot make a channel now (status {1}). Try again later.", origin, status);
  return { code: "RELAY_DECLINED", message, remedy: "retry" };
}
