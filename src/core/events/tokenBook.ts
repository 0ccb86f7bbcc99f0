import { timingSafeEqual } from "node:crypto";
import { type Disposable, Emitter, type Event } from "../../base/lifecycle.ts";
import type { Verification } from "../../protocol/event.ts";
import { tokenDigest } from "./tokenDigest.ts";
import type { TokenVerifier } from "./verification.ts";

/** A token that a channel was given, by its digest. */
export interface KnownToken {
  readonly channelId: string;
  readonly digest: string;
}

/**
 * Knows which token each channel was given, and so which deliveries come from the subscription they name. A token that
 * was replaced stays good: deliveries of before may still be read.
 */
export class TokenBook implements TokenVerifier, Disposable {
  readonly #digests = new Map<string, Map<string, Buffer>>();
  readonly #changed = new Emitter<{ readonly channelId: string }>();

  /** A channel got a token that was not known for it. */
  readonly onDidChange: Event<{ readonly channelId: string }> = this.#changed.event;

  learn(channelId: string, token: string): void {
    const digests = this.#digests.get(channelId) ?? new Map<string, Buffer>();
    const digest = tokenDigest(token);
    if (digests.has(digest)) return;
    this.#digests.set(channelId, digests.set(digest, Buffer.from(digest)));
    this.#changed.fire({ channelId });
  }

  verify(channelId: string, token: string | undefined): Verification {
    const digests = this.#digests.get(channelId);
    if (digests === undefined) return "unknown";
    if (token === undefined) return "absent";
    const digest = Buffer.from(tokenDigest(token));
    return [...digests.values()].some(known => timingSafeEqual(known, digest)) ? "verified" : "mismatch";
  }

  /** What is known of each channel, as digests (tokenDigest.ts), for looking through many deliveries at once. */
  known(): KnownToken[] {
    return [...this.#digests].flatMap(([channelId, digests]) =>
      [...digests.keys()].map(digest => ({ channelId, digest })),
    );
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
