import * as v from "valibot";
import { relayErrorCode } from "../../protocol/relayApi.ts";
import type { LossReason, RefusalReason, StreamEnding } from "./relayProblems.ts";

/** What came back in place of a stream. It may be of the relay, or of anything on the way there. */
export interface UpgradeAnswer {
  readonly status: number;
  /** The relay's own code (docs/relay-protocol.md); undefined for whatever the relay did not say. */
  readonly code?: string | undefined;
  /** Whether it is a web page. */
  readonly isPage?: boolean | undefined;
  /** The origin that a redirect leads to. */
  readonly leadsTo?: string | undefined;
}

/** The parts of an answer as HTTP has them. */
export interface RawAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly location: string | undefined;
  /** As much of the body as the relay's own answers need. */
  readonly body: string;
}

const json = v.pipe(v.string(), v.parseJson());

/** Reads an answer: the relay's own has its code in JSON, and nothing else counts as the relay's word. */
export function readUpgradeAnswer({ status, contentType = "", location, body }: RawAnswer): UpgradeAnswer {
  const parsed = v.safeParse(json, body);
  return {
    status,
    code: parsed.success ? relayErrorCode(parsed.output) : undefined,
    isPage: /^(text\/html|application\/xhtml\+xml)\b/i.test(contentType) || /^\s*<(!doctype|html)\b/i.test(body),
    leadsTo: location === undefined ? undefined : URL.parse(location)?.origin,
  };
}

/** The codes that end a stream: trying again would be answered the same. */
const refusingCodes: Readonly<Record<string, RefusalReason>> = {
  WRONG_KEY: "wrong-key",
  UNKNOWN_CHANNEL: "unknown-channel",
  WRONG_PROTOCOL: "not-understood",
  MALFORMED_RESUME: "not-understood",
};

/** What else the relay says that has a sentence of its own. */
const losingCodes: Readonly<Record<string, LossReason>> = {
  UPGRADE_REQUIRED: "no-upgrade",
  TOO_MANY_STREAMS: "channel-full",
  FULL: "relay-full",
};

/** What an answer means for the stream: only the relay's own word ends it, and all else is tried again. */
export function answeredEnding(answer: UpgradeAnswer): StreamEnding {
  const { status, code } = answer;
  const cause = code === undefined ? `status ${status}` : `status ${status}, ${code}`;
  if (code === undefined) return { kind: "lost", ...strangersLoss(answer), cause };
  const refused = ownEntry(refusingCodes, code);
  if (refused !== undefined) return { kind: "refused", reason: refused };
  return { kind: "lost", reason: ownEntry(losingCodes, code) ?? "error-answer", cause };
}

function ownEntry<T>(table: Readonly<Record<string, T>>, code: string): T | undefined {
  return Object.hasOwn(table, code) ? table[code] : undefined;
}

/** What a gateway answers that does not reach the relay behind it. */
const gatewayStatuses: readonly number[] = [502, 503, 504];

function strangersLoss({ status, isPage, leadsTo }: UpgradeAnswer): { reason: LossReason; detail: string } {
  const detail = String(status);
  if (status === 403) return { reason: "forbidden", detail };
  if (status === 407) return { reason: "proxy-password", detail };
  if (status >= 300 && status < 400 && leadsTo !== undefined) return { reason: "redirected", detail: leadsTo };
  if (gatewayStatuses.includes(status)) return { reason: "gateway", detail };
  return { reason: isPage === true ? "web-page" : "not-the-relay", detail };
}
