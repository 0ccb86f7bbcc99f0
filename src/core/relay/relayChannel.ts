import * as v from "valibot";
import { second } from "../../base/clock.ts";
import { CancelledError, type Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { channelCreatedSchema, relayErrorSchema, relayPaths } from "../../protocol/relayApi.ts";

/** A channel of ours on a relay, with the key that reads it. To be kept as a secret. */
export const relayChannelSchema = v.object({
  /** Without a slash at its end. */
  relayUrl: v.pipe(v.string(), v.url()),
  ...channelCreatedSchema.entries,
});
export type RelayChannel = v.InferOutput<typeof relayChannelSchema>;

export interface CreateChannelOptions {
  /** For relays that do not give a channel to everybody. */
  readonly createKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const deadline = 10 * second;

/** Makes a new channel on the relay at `relayUrl`. Throws CancelledError when `signal` aborts. */
export async function createRelayChannel(
  relayUrl: string,
  options: CreateChannelOptions = {},
): Promise<Result<RelayChannel, Problem>> {
  const origin = relayUrl.replace(/\/+$/, "");
  const answer = await post(origin, options);
  if (!answer.ok) return answer;
  const { status, body } = answer.value;
  if (status === 401) return fail(wrongCreateKey(origin));
  const created = v.safeParse(channelCreatedSchema, body);
  if (status === 201 && created.success) return succeed({ relayUrl: origin, ...created.output });
  return fail(v.is(relayErrorSchema, body) ? declined(origin, status) : notARelay(origin));
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function post(origin: string, { createKey, signal }: CreateChannelOptions): Promise<Result<Answer, Problem>> {
  try {
    const response = await fetch(origin + relayPaths.channels, {
      method: "POST",
      redirect: "error",
      headers: createKey === undefined ? {} : { authorization: `Bearer ${createKey}` },
      signal: AbortSignal.any([AbortSignal.timeout(deadline), ...(signal === undefined ? [] : [signal])]),
    });
    return succeed({ status: response.status, body: parseOrNothing(await response.text()) });
  } catch (cause) {
    if (signal?.aborted === true) throw new CancelledError();
    return fail(unreachable(origin, cause));
  }
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreachable(origin: string, cause: unknown): Problem {
  const message = `The relay at ${origin} does not answer. Check that it runs and that the address is right.`;
  return { code: "RELAY_UNREACHABLE", message, remedy: "configure-relay", cause };
}

function wrongCreateKey(origin: string): Problem {
  const message = `The relay at ${origin} gives channels only to those who have its create key. Ask whoever runs it.`;
  return { code: "RELAY_WRONG_CREATE_KEY", message, remedy: "configure-relay" };
}

function declined(origin: string, status: number): Problem {
  const message = `The relay at ${origin} cannot make a channel now (status ${status}). Try again later.`;
  return { code: "RELAY_DECLINED", message, remedy: "retry" };
}

function notARelay(origin: string): Problem {
  const message = `What answers at ${origin} is not a relay. Check the address.`;
  return { code: "RELAY_NOT_A_RELAY", message, remedy: "configure-relay" };
}
