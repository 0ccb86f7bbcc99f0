import { createHash, timingSafeEqual } from "node:crypto";
import { type Disposable, Emitter, type Event } from "../../base/lifecycle.ts";

/** See `Verification` of the inspector protocol. */
export type TokenVerdict = "verified" | "mismatch" | "absent" | "unknown";

/**
 * Knows which token each channel was given, and so which deliveries come from the subscription they name. A token that
 * was replaced stays good: deliveries of before may still be read.
 */
export class TokenBook implements Disposable {
  readonly #digests = new Map<string, Map<string, Buffer>>();
  readonly #changed = new Emitter<{ readonly channelId: string }>();

  /** A channel got a token that was not known for it. */
  readonly onDidChange: Event<{ readonly channelId: string }> = this.#changed.event;

  learn(channelId: string, token: string): void {
    const digests = this.#digests.get(channelId) ?? new Map<string, Buffer>();
    const digest = digestOf(token);
    const key = digest.toString("hex");
    if (digests.has(key)) return;
    this.#digests.set(channelId, digests.set(key, digest));
    this.#changed.fire({ channelId });
  }

  verify(channelId: string, token: string | undefined): TokenVerdict {
    const digests = this.#digests.get(channelId);
    if (digests === undefined) return "unknown";
    if (token === undefined) return "absent";
    const digest = digestOf(token);
    return [...digests.values()].some(known => timingSafeEqual(known, digest)) ? "verified" : "mismatch";
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

/** Digests are of one length whatever the token, as comparing in constant time wants it. */
function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
