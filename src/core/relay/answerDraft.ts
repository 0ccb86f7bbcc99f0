import { type AnswerHeader, type Challenge, type ChosenAnswer, allowsBody } from "../../protocol/chosenAnswer.ts";

/** An answer while a person chooses it: the type apart from the other headers. */
export interface AnswerDraft {
  readonly status: number;
  readonly body: string;
  /** Of the body; undefined: not chosen yet. */
  readonly contentType: string | undefined;
  /** Without the type. */
  readonly headers: readonly AnswerHeader[];
  readonly challenge: Challenge | undefined;
}

/** Types to choose from; the first is what a relay says when none is chosen. */
export const contentTypes = [
  "text/plain",
  "application/json",
  "application/xml",
  "text/xml",
  "application/x-www-form-urlencoded",
] as const;

/** How services that verify an address send their challenge. Each takes it back as plain text. */
export const challengesOfServices = {
  slack: { from: "body", name: "challenge" },
  dropbox: { from: "query", name: "challenge" },
  meta: { from: "query", name: "hub.challenge" },
  microsoftGraph: { from: "query", name: "validationToken" },
} as const satisfies Readonly<Record<string, Challenge>>;
export type ChallengingService = keyof typeof challengesOfServices;

/** Where to begin: with what is in force, or with what comes close to the relay's own answer. */
export function toDraft(answer: ChosenAnswer | undefined): AnswerDraft {
  const { status, headers, body, challenge } = answer ?? { status: 200, headers: [], body: "" };
  const contentType = headers.find(isType)?.[1];
  return { status, body, contentType, headers: headers.filter(header => !isType(header)), challenge };
}

/** The answer as a relay takes it. */
export function toAnswer(draft: AnswerDraft): ChosenAnswer {
  const { status, contentType, headers, challenge } = draft;
  const body = allowsBody(status) ? draft.body : "";
  const typed: readonly AnswerHeader[] =
    body === "" || contentType === undefined ? headers : [["Content-Type", contentType], ...headers];
  return { status, headers: typed, body, ...(challenge && { challenge }) };
}

/** The type that a body seems to be of. */
export function likelyType(body: string): string {
  if (/^\s*</.test(body)) return "application/xml";
  return isJson(body) ? "application/json" : contentTypes[0];
}

/** A header as people write it, `Name: value`; undefined when it is none. */
export function parseHeader(text: string): AnswerHeader | undefined {
  const colon = text.indexOf(":");
  return colon === -1 ? undefined : [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
}

export function formatHeader([name, value]: AnswerHeader): string {
  return `${name}: ${value}`;
}

export function isSameChallenge(one: Challenge | undefined, other: Challenge | undefined): boolean {
  return one?.from === other?.from && one?.name === other?.name;
}

function isType([name]: AnswerHeader): boolean {
  return name.toLowerCase() === "content-type";
}

/** Objects and lists only: a word or a number alone is more likely meant as text. */
function isJson(body: string): boolean {
  if (!/^\s*[[{]/.test(body)) return false;
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}
