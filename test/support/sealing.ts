import { systemClock } from "../../src/base/clock.ts";
import { type Opened, Unsealer } from "../../src/core/relay/unsealer.ts";
import { type EventFrame, sealedPayload } from "../../src/protocol/relayFrames.ts";
import type { SealingKeyPair } from "../../src/protocol/sealing.ts";
import { EventSealer } from "../../src/relay/eventSealer.ts";

/** Frames of `requests`, sealed by one relay process, numbered from 1. */
export async function sealedFrames(
  channel: string,
  keys: SealingKeyPair,
  requests: readonly Uint8Array[],
): Promise<EventFrame[]> {
  const sealer = new EventSealer(systemClock);
  try {
    const frames: EventFrame[] = [];
    for (const [index, request] of requests.entries()) {
      const receivedAt = 1_000 + index;
      const payload = await sealer.seal(channel, keys.publicKey, receivedAt, request);
      frames.push({ sequence: index + 1, receivedAt, scheme: sealedPayload, payload });
    }
    return frames;
  } finally {
    sealer.dispose();
  }
}

/** What an editor that holds `known` makes of a frame. */
export async function openFrame(channel: string, known: readonly SealingKeyPair[], frame: EventFrame): Promise<Opened> {
  const unsealer = new Unsealer(channel, { known, reload: async () => Promise.resolve(known) });
  if (!unsealer.isReady(frame)) await unsealer.prepare(frame);
  return unsealer.open(frame);
}

/** The text that was sealed in a frame, as an editor with this key reads it, or why it has none. */
export async function openText(channel: string, keys: SealingKeyPair, frame: EventFrame): Promise<string> {
  const opened = await openFrame(channel, [keys], frame);
  if (typeof opened === "string") return opened;
  return opened.unreadable ?? Buffer.from(opened.payload).toString();
}
