import { given } from "../../base/given.ts";
import type { EventRow } from "../../protocol/inspector.ts";
import { contentOf } from "../events/content.ts";
import { type ReadEvent, bodyOf, readEvent } from "../events/readEvent.ts";
import type { StoredEvent } from "../events/storedEvent.ts";
import { type TokenVerifier, verificationOf } from "../events/verification.ts";

/** The event as a row of the inspector's list. */
export function presentRow(event: StoredEvent, tokens: TokenVerifier): EventRow {
  return rowOf(readEvent(event), tokens);
}

/** An event that was read, as a row of the inspector's list. */
export function rowOf(read: ReadEvent, tokens: TokenVerifier): EventRow {
  const { id, receivedAt, source, pinned, handling } = read.event;
  const content = contentOf(read, verificationOf(read, tokens));
  return { id, receivedAt, bytes: bodyOf(read).byteLength, content, source, ...given({ pinned, handling }) };
}
