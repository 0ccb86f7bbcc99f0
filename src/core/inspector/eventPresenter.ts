import { utf8Decode } from "../../base/bytes.ts";
import { given } from "../../base/given.ts";
import type { EventDetail, EventRow } from "../../protocol/inspector.ts";
import { decodedSentence } from "../events/decodedSentence.ts";
import { isLikeJson } from "../events/form.ts";
import { faultSentence } from "../events/content.ts";
import { type ReadEvent, notificationOf, plainOf, readEvent, requestOf, textOf } from "../events/readEvent.ts";
import type { StoredEvent } from "../events/storedEvent.ts";
import type { TokenVerifier } from "../events/verification.ts";
import { explain, warningAbout } from "./explanation.ts";
import { rowOf } from "./presentRow.ts";

/** Of a larger body the inspector gets the first part only, in bytes: a page that stalls shows nothing at all. */
export const detailBodyLimit = 1024 * 1024;

/** The event as the inspector's detail pane shows it. */
export function presentDetail(event: StoredEvent, tokens: TokenVerifier): EventDetail {
  return detailOf(readEvent(event), tokens);
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
    ...given({ parentId, serverTime: serverTimeOf(read), warning: warningOf(read, row) }),
    explanation: explain(row.content),
    request: shownRequest(read),
    body: shownBody(read),
  };
}

/** What could not be read, unless the row itself says it. */
function warningOf(read: ReadEvent, { content }: EventRow): string | undefined {
  const fault = read.kind === "request" && content.kind !== "unreadable" ? read.reading.body.fault : undefined;
  const sentences = [warningAbout(content), fault && faultSentence(fault)].filter(sentence => sentence !== undefined);
  return sentences.length === 0 ? undefined : sentences.join(" ");
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
  const body = plainOf(read);
  const text = textOf(read);
  const truncated = body.byteLength > detailBodyLimit;
  const shown = truncated ? body.subarray(0, detailBodyLimit) : body;
  const decoded = read.kind === "request" ? decodedSentence(read.reading.body) : undefined;
  const common = { truncated, ...given({ decoded, bytes: decoded === undefined ? undefined : body.byteLength }) };
  if (text === undefined) return { base64: Buffer.from(shown).toString("base64"), ...common };
  return { text: truncated ? withoutSplitCharacter(utf8Decode(shown)) : text, form: formOf(read, text), ...common };
}

/** What was recovered is a record, in JSON. */
function formOf(read: ReadEvent, text: string): "json" | "other" {
  const contentType = read.kind === "request" ? read.reading.body.contentType : "";
  return isLikeJson(contentType, text) ? "json" : "other";
}

/** A cut through the bytes of one character leaves replacement characters at the end. */
function withoutSplitCharacter(text: string): string {
  return text.replace(/\uFFFD{1,3}$/, "");
}
