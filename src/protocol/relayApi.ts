import * as v from "valibot";

/**
 * The relay's HTTP interface (docs/relay-protocol.md). Ingest is `ANY /in/<channel>[suffix][?query]`; everything under
 * `/v1/` is JSON and, but for creating a channel, wants `Authorization: Bearer <readKey>`.
 */
export const relayPaths = {
  ingest: (channel: string) => `/in/${channel}`,
  channels: "/v1/channels",
  channel: (channel: string) => `/v1/channels/${channel}`,
  channelKey: (channel: string) => `/v1/channels/${channel}/key`,
  channelAnswer: (channel: string) => `/v1/channels/${channel}/answer`,
  readKey: (channel: string) => `/v1/channels/${channel}/read-key`,
  readers: (channel: string) => `/v1/channels/${channel}/readers`,
  reader: (channel: string, id: string) => `/v1/channels/${channel}/readers/${id}`,
  stream: (channel: string) => `/v1/channels/${channel}/stream`,
  health: "/healthz",
  ready: "/readyz",
} as const;

/** The WebSocket subprotocol that names the version of the frames below; offered by the client, echoed by the relay. */
export const relaySubprotocol = "zcn.relay.v1";

/** The answer to `POST /v1/channels`. The read key is shown this once; the relay keeps only its hash. */
export const channelCreatedSchema = v.object({
  /** Unguessable, URL-safe; part of the ingest address. Knowing it lets nobody read. */
  channel: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{16,128}$/)),
  readKey: v.pipe(v.string(), v.minLength(16)),
  /** The full address to hand to the sender. */
  ingestUrl: v.pipe(v.string(), v.url()),
  /** Names the public key that events are sealed to (in hex); absent where they are kept in the clear. */
  keyId: v.optional(v.string()),
});
export type ChannelCreated = v.InferOutput<typeof channelCreatedSchema>;

/** A read key that an editor has made: 32 random bytes in base64url without padding. */
export const newKeySchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/));

/** A name for somebody with whom a channel is shared. Only the owner's editor knows who that is. */
export const readerIdPattern = /^[A-Za-z0-9_-]{1,32}$/;

/** Any non-2xx answer under `/v1/` and from ingest. `code` is stable; `message` is for people. */
export const relayErrorSchema = v.object({
  error: v.object({ code: v.string(), message: v.string() }),
});
export type RelayErrorBody = v.InferOutput<typeof relayErrorSchema>;

/** The relay's own code in the body of an answer; undefined in what somebody else answered. */
export function relayErrorCode(body: unknown): string | undefined {
  const parsed = v.safeParse(relayErrorSchema, body);
  return parsed.success ? parsed.output.error.code : undefined;
}

/** The answer of `GET /healthz`: who is listening there. Lets a window recognise a relay that another window started. */
export const healthSchema = v.object({
  service: v.literal("relay"),
  version: v.string(),
  /** Random for each start of the process. */
  instance: v.string(),
});
export type Health = v.InferOutput<typeof healthSchema>;
