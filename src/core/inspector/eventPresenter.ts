import { utf8Decode } from "../../base/bytes.ts";
import { given } from "../../base/given.ts";
import type { EventDetail, EventRow } from "../../protocol/inspector.ts";
import { contentOf } from "../events/content.ts";
import { type ReadEvent, bodyOf, notificationOf, readEvent, requestOf, textOf } from "../events/readEvent.ts";
import type { StoredEvent } from "../events/storedEvent.ts";
import { type TokenVerifier, verificationOf } from "../events/verification.ts";
import { explain, warningAbout } from "./explanation.ts";

/** Of a larger body the inspector gets the first part only, in bytes: a page that stalls shows nothing at all. */
export const detailBodyLimit = 1024 * 1024;

/** The event as a row of the inspector's list. */
export function presentRow(event: StoredEvent, tokens: TokenVerifier): EventRow {
  return rowOf(readEvent(event), tokens);
}

/** The event as the inspector's detail pane shows it. */
export function presentDetail(event: StoredEvent, tokens: TokenVerifier): EventDetail {
  return detailOf(readEvent(event), tokens);
}

/** An event that was read, as a row of the inspector's list. */
export function rowOf(read: ReadEvent, tokens: TokenVerifier): EventRow {
  const { id, receivedAt, source, pinned, handling } = read.event;
  const content = contentOf(read, verificationOf(read, tokens));
  return { id, receivedAt, bytes: bodyOf(read).byteLength, content, source, ...given({ pinned, handling }) };
}

/** An event that was read, as the inspector's detail pane shows it. */
export function detailOf(read: ReadEvent, tokens: TokenVerifier): EventDetail {
  const { event } = read;
  const row = rowOf(read, tokens);
  const parentId = event.kind === "request" ? event.parentId : undefined;
  return {
    row,
    sequence: event.sequence,
    storedAt: event.storedAt,
    ...given({ parentId, serverTime: serverTimeOf(read), warning: warningAbout(row.content) }),
    explanation: explain(row.content),
    request: shownRequest(read),
    body: shownBody(read),
  };
}

function serverTimeOf(read: ReadEvent): number | undefined {
  return read.kind === "recovered" ? read.event.changedAt : notificationOf(read)?.serverTime;
}

/** Empty where there was no request. */
function shownRequest(read: ReadEvent): EventDetail["request"] {
  const { method = "", path = "", query = "", headers = [] } = requestOf(read) ?? {};
  return { method, path, query, headers: headers.map(([name, value]) => [name, value]) };
}

function shownBody(read: ReadEvent): EventDetail["body"] {
  const body = bodyOf(read);
  const text = textOf(read);
  const truncated = body.byteLength > detailBodyLimit;
  const shown = truncated ? body.subarray(0, detailBodyLimit) : body;
  if (text === undefined) return { base64: Buffer.from(shown).toString("base64"), truncated };
  return { text: truncated ? withoutSplitCharacter(utf8Decode(shown)) : text, truncated };
}

/** A cut through the bytes of one character leaves replacement characters at the end. */
function withoutSplitCharacter(text: string): string {
  return text.replace(/\uFFFD{1,3}$/, "");
}
