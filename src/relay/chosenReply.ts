import { utf8DecodeStrict } from "../base/bytes.ts";
import type { CapturedRequest } from "../protocol/capturedRequest.ts";
import { type Challenge, type ChosenAnswer, chosenAnswerHeader } from "../protocol/chosenAnswer.ts";

/** What goes over the wire to one sender. */
export interface ChosenReply {
  readonly status: number;
  /** Names and values in turn, as Node takes them to send them as they are. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** Longer ones are no challenge. The longest that is documented has some 200 characters. */
const longestChallenge = 1_024;
/** Bodies above this are not looked through for a challenge: those that have one have nothing else. */
const longestChallengeBody = 8 * 1_024;

/**
 * No browser runs or shows as a page what a stranger or the owner of a channel has put into an answer, under a name that
 * others trust; and no cache gives it in the relay's place, for an event that never came.
 */
const guards = [
  ...[chosenAnswerHeader, "chosen"],
  ...["x-content-type-options", "nosniff"],
  ...["content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"],
  ...["cache-control", "no-store"],
];
const plainText = "text/plain; charset=utf-8";

/** What the sender of `request` gets, whose event is durable: its own challenge, or what was chosen for all. */
export function replyTo({ query, body }: CapturedRequest, answer: ChosenAnswer): ChosenReply {
  const challenge = answer.challenge && challengeIn(query, body, answer.challenge);
  if (challenge !== undefined) return reply(200, ["content-type", plainText], challenge);
  const { status, headers } = answer;
  const typed = answer.body === "" || headers.some(([name]) => name.toLowerCase() === "content-type");
  return reply(status, [...(typed ? [] : ["content-type", plainText]), ...headers.flat()], answer.body);
}

function reply(status: number, headers: readonly string[], body: string): ChosenReply {
  return { status, headers: [...guards, ...headers, ...lengthOf(status, body)], body };
}

/** With 204 and 304 a length is none of the answer's own. */
function lengthOf(status: number, body: string): string[] {
  return status === 204 || status === 304 ? [] : ["content-length", String(Buffer.byteLength(body))];
}

function challengeIn(query: string, body: Uint8Array, { from, name }: Challenge): string | undefined {
  const value = from === "query" ? inQuery(query, name) : inBody(body, name);
  return value === undefined || value === "" || value.length > longestChallenge ? undefined : value;
}

function inQuery(query: string, name: string): string | undefined {
  return query === "" ? undefined : (new URLSearchParams(query).get(name) ?? undefined);
}

/** A member with a text, of the JSON object that the body is. What objects have besides is no text. */
function inBody(body: Uint8Array, name: string): string | undefined {
  if (body.byteLength > longestChallengeBody) return undefined;
  const value = parseOrNothing(utf8DecodeStrict(body) ?? "");
  if (typeof value !== "object" || value === null) return undefined;
  const member: unknown = Reflect.get(value, name);
  return typeof member === "string" ? member : undefined;
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
