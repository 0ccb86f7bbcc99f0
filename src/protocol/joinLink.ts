import * as v from "valibot";
import { fromBase64Url, toBase64Url, utf8Decode, utf8Encode } from "../base/bytes.ts";
import { sealingKeyPairSchema } from "./sealing.ts";

/**
 * The links by which an editor joins a relay, `vscode://<extension>/join?relay=<address>#<secrets>` (docs/relay-protocol.md,
 * "Join links"). What is secret is in the fragment: no browser, proxy or server on the way is sent that.
 */
export interface JoinLink {
  /** The relay's address, without a slash at its end. */
  readonly relay: string;
  /** What the relay wants for a new channel. */
  readonly createKey: string | undefined;
  /** A channel of somebody else's to read; undefined: the editor makes one of its own. */
  readonly invitation: Invitation | undefined;
}

const keySchema = v.pipe(v.string(), v.regex(/^[\x21-\x7e]{8,256}$/));

const invitationSchema = v.object({
  channel: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{16,128}$/)),
  /** The key that reads the channel, and does nothing else. */
  readKey: v.pipe(v.string(), v.minLength(16), v.maxLength(256)),
  ingestUrl: v.pipe(v.string(), v.url(), v.regex(/^https?:\/\//)),
  /** What opens the events, the newest first. */
  keys: v.pipe(v.array(sealingKeyPairSchema), v.minLength(1), v.readonly()),
});
const wrappedInvitationSchema = v.optional(v.pipe(v.string(), v.parseJson(), invitationSchema));
export type Invitation = Readonly<v.InferOutput<typeof invitationSchema>>;

/**
 * What ends every link. An editor that asks whether to open one shows how it begins and ends: so the end has nothing of a
 * secret.
 */
const ending = "join-v1";

/** `extension` is its id, `publisher.name`. */
export function formatJoinLink(extension: string, { relay, createKey, invitation }: JoinLink): string {
  const secrets = new URLSearchParams();
  if (createKey !== undefined) secrets.set("createKey", wrap(createKey));
  if (invitation !== undefined) secrets.set("invitation", wrap(JSON.stringify(invitation)));
  secrets.set("format", ending);
  return `vscode://${extension}/join?${new URLSearchParams({ relay }).toString()}#${secrets.toString()}`;
}

/** Reads a link, also one that begins with the scheme of another editor; undefined where it is none. */
export function parseJoinLink(text: string): JoinLink | undefined {
  const url = URL.parse(text.trim());
  if (url === null || /^https?:$/.test(url.protocol)) return undefined;
  return /(^|\/)join$/.test(url.pathname) ? parseJoinParts(url.search.slice(1), url.hash.slice(1)) : undefined;
}

/** Reads what follows "?" and "#" in a link; undefined where something of it is missing or malformed. */
export function parseJoinParts(query: string, fragment: string): JoinLink | undefined {
  const relay = relayAddress(new URLSearchParams(query).get("relay") ?? "");
  const secrets = new URLSearchParams(fragment);
  const createKey = v.safeParse(v.optional(keySchema), unwrap(secrets.get("createKey")));
  const invitation = v.safeParse(wrappedInvitationSchema, unwrap(secrets.get("invitation")));
  if (relay === undefined || !createKey.success || !invitation.success) return undefined;
  return { relay, createKey: createKey.output, invitation: invitation.output };
}

/** A relay's address as it is kept; undefined where it is none, or has more in it than an address. */
export function relayAddress(text: string): string | undefined {
  const url = URL.parse(text.trim());
  const isPlain = url !== null && `${url.username}${url.password}${url.search}${url.hash}` === "";
  return isPlain && /^https?:$/.test(url.protocol) ? url.href.replace(/\/+$/, "") : undefined;
}

/** A create key as people hand it on; undefined where it cannot be one. */
export function createKeyIn(text: string): string | undefined {
  const parsed = v.safeParse(keySchema, text.trim());
  return parsed.success ? parsed.output : undefined;
}

/** Of characters that stay as they are, however often a link is taken apart and put together on its way. */
function wrap(text: string): string {
  return toBase64Url(utf8Encode(text));
}

/** The reverse of {@link wrap} for a part that may be absent; "" where it is malformed, which no schema here takes. */
function unwrap(text: string | null): string | undefined {
  if (text === null) return undefined;
  try {
    return utf8Decode(fromBase64Url(text));
  } catch {
    return "";
  }
}
