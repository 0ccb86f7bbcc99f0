import * as v from "valibot";
import { utf8Encode } from "../base/bytes.ts";

/**
 * What a channel's senders are answered in place of `{"ok":true}`, once their event is durable (docs/relay-protocol.md).
 * Of these shape and limits; {@link faultOfAnswer} says whether a relay gives it.
 */
export const chosenAnswerSchema = v.object({
  status: v.pipe(v.number(), v.integer()),
  /** Name and value, in the order in which they are sent. */
  headers: v.optional(v.pipe(v.array(v.pipe(v.strictTuple([v.string(), v.string()]), v.readonly())), v.readonly()), []),
  /** Sent as UTF-8. */
  body: v.optional(v.string(), ""),
  /** Where senders put what they want to get back, to see that the address is one that means to hear from them. */
  challenge: v.optional(v.strictObject({ from: v.picklist(["query", "body"]), name: v.string() })),
});
export type ChosenAnswer = v.InferOutput<typeof chosenAnswerSchema>;
export type AnswerHeader = ChosenAnswer["headers"][number];
export type Challenge = NonNullable<ChosenAnswer["challenge"]>;

/** What `PUT …/answer` takes; null goes back to the relay's own answer. What the relay does not know, it cannot do. */
export const answerWantedSchema = v.strictObject({ answer: v.nullable(v.strictObject(chosenAnswerSchema.entries)) });

/** What `GET` and `PUT …/answer` give; null stands for the relay's own answer. */
export const answerShownSchema = v.object({ answer: v.nullable(chosenAnswerSchema) });

/**
 * A header of every chosen answer, with the value `chosen`: the event is durable, whatever the status says. It tells a
 * chosen 503 from a relay that is down.
 */
export const chosenAnswerHeader = "x-zoho-crm-notifications-answer";

/** Enough for an acknowledgement in any form; relays keep answers in memory. Bytes and characters. */
export const answerLimits = { bodyBytes: 4_096, headers: 16, nameLength: 64, valueLength: 256 } as const;

/** Why a relay does not give an answer. */
export type AnswerFault =
  /** Not from 200 to 599, or 206, which only answers who asked for a part. */
  | { readonly kind: "status" }
  /** HTTP has no body with this status. */
  | { readonly kind: "body-with-status"; readonly status: number }
  | { readonly kind: "body-too-large" }
  | { readonly kind: "too-many-headers" }
  | { readonly kind: "header-name" | "header-value" | "repeated-header"; readonly name: string }
  /** The relay sets it, or it would reach further than this answer. */
  | { readonly kind: "reserved-header"; readonly name: string }
  /** A browser might run what is of this type, under the relay's name. */
  | { readonly kind: "content-type"; readonly value: string }
  | { readonly kind: "challenge-name" };

/** The first reason why a relay does not give this answer; undefined when it does. */
export function faultOfAnswer({ status, headers, body, challenge }: ChosenAnswer): AnswerFault | undefined {
  return (
    faultOfStatus(status) ??
    faultOfBody(status, body) ??
    faultOfHeaders(headers) ??
    (challenge === undefined ? undefined : faultOfChallenge(challenge))
  );
}

export function faultOfStatus(status: number): AnswerFault | undefined {
  const possible = Number.isInteger(status) && status >= 200 && status <= 599 && status !== 206;
  return possible ? undefined : { kind: "status" };
}

export function faultOfBody(status: number, body: string): AnswerFault | undefined {
  if (body !== "" && !allowsBody(status)) return { kind: "body-with-status", status };
  return utf8Encode(body).byteLength > answerLimits.bodyBytes ? { kind: "body-too-large" } : undefined;
}

/** Whether HTTP has a body with this status. */
export function allowsBody(status: number): boolean {
  return status !== 204 && status !== 205 && status !== 304;
}

export function faultOfHeaders(headers: readonly AnswerHeader[]): AnswerFault | undefined {
  if (headers.length > answerLimits.headers) return { kind: "too-many-headers" };
  const names = new Set<string>();
  for (const header of headers) {
    const name = header[0].toLowerCase();
    if (names.has(name)) return { kind: "repeated-header", name: header[0] };
    const fault = faultOfHeader(header);
    if (fault !== undefined) return fault;
    names.add(name);
  }
  return undefined;
}

export function faultOfHeader([name, value]: AnswerHeader): AnswerFault | undefined {
  if (!token.test(name) || name.length > answerLimits.nameLength) return { kind: "header-name", name };
  if (reserved.test(name)) return { kind: "reserved-header", name };
  if (!fieldValue.test(value) || value.length > answerLimits.valueLength) return { kind: "header-value", name };
  if (name.toLowerCase() === "content-type" && !harmlessType.test(value)) return { kind: "content-type", value };
  return undefined;
}

export function faultOfChallenge({ name }: Challenge): AnswerFault | undefined {
  return challengeName.test(name) && name.length <= answerLimits.nameLength ? undefined : { kind: "challenge-name" };
}

/** RFC 9110: what a header's name is made of. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Visible ASCII with spaces in between: no line can be ended with it, and no bytes that programs read differently. */
const fieldValue = /^[!-~](?:[ -~]*[!-~])?$/;
const challengeName = /^[!-~]+$/;

/** Types that are data to a browser. It gets no charset to guess: the body is UTF-8. */
const harmlessType =
  /^(?:text\/(?:plain|csv|xml)|application\/(?:json|xml|x-www-form-urlencoded|[a-z0-9.-]+\+json))(?: *; *charset="?utf-8"?)?$/i;

const reservedNames = [
  // How the message is framed, and the connection: the relay's own business.
  "connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|content-length|content-encoding|content-range|upgrade",
  "http2-settings|date|via|age",
  // A cache that answers in the relay's place would say that an event is kept which never came here.
  ".*cache-control|expires|pragma|vary|etag|last-modified|surrogate-.*",
  // They hold for the relay's whole name, on which others have channels too, or lead a browser elsewhere.
  "set-cookie2?|set-login|clear-site-data|strict-transport-security|public-key-pins.*|expect-ct|alt-svc|nel|report-to",
  "reporting-endpoints|accept-ch|critical-ch|origin-trial|origin-agent-cluster|service-worker-allowed|speculation-rules",
  "www-authenticate|location|content-location|refresh|link|content-disposition",
  // They keep the answer harmless, or say whose it is.
  "content-security-policy.*|x-content-type-options|x-zoho-crm-notifications-.*",
  // To a proxy in front they are orders: send that file, ask that address.
  "x-accel-.*|x-sendfile.*|x-lighttpd-.*|x-litespeed-.*|x-reproxy-.*",
];
const reserved = new RegExp(`^(?:${reservedNames.join("|")})$`, "i");
