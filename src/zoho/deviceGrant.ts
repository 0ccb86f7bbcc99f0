import * as v from "valibot";
import { type Clock, minute, second } from "../base/clock.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { dataCentreOfAccountsUrl } from "./dataCentre.ts";
import type { HttpAnswer } from "./httpTransport.ts";
import { looseAmount, looseText } from "./looseValues.ts";
import type { ZohoProblem } from "./problem.ts";
import type { TokenGrant } from "./tokenGrant.ts";
import { readJson, unreadableProblem } from "./wire.ts";

/** A code for a person to enter at Zoho, and what this machine asks with until they have. */
export interface DeviceCode {
  /** What the person enters. */
  readonly userCode: string;
  /** A secret: whoever has it gets the tokens. */
  readonly deviceCode: string;
  /** Where the person enters the code. */
  readonly verificationUrl: string;
  /** The same page with the code filled in; the plain page where Zoho names none. */
  readonly completeUrl: string;
  /** Milliseconds between two polls. */
  readonly interval: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Why there are no tokens yet. */
export type DeviceWait =
  | { readonly kind: "pending" }
  /** Polled too often: from now on once in 30 seconds. */
  | { readonly kind: "slow-down" }
  /** The account is in another data centre, which the following polls must ask. `location`: its short name, if told. */
  | { readonly kind: "other-centre"; readonly location: string | undefined };

/** What a poll found. Everything else ends the sign-in, or is a failure of the way there. */
export type DevicePoll = { readonly kind: "granted"; readonly grant: TokenGrant } | DeviceWait;

const deviceCodeSchema = v.object({
  user_code: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  device_code: v.pipe(v.string(), v.minLength(1)),
  interval: looseAmount,
  expires_in: looseAmount,
  verification_url: looseText,
  verification_uri: looseText,
  verification_uri_complete: looseText,
});

/** The device code in an answer of the accounts server at `accountsUrl`. */
export function readDeviceCode(answer: HttpAnswer, accountsUrl: string, clock: Clock): Result<DeviceCode, ZohoProblem> {
  const body = readJson(answer);
  const parsed = body.ok ? v.safeParse(deviceCodeSchema, body.value) : undefined;
  if (parsed?.success !== true) return fail(unreadableProblem(answer.status));
  const told = parsed.output;
  const verificationUrl =
    believedPage(told.verification_url ?? told.verification_uri, accountsUrl) ??
    new URL("/oauth/v3/device", accountsUrl).href;
  return succeed({
    userCode: told.user_code,
    deviceCode: told.device_code,
    verificationUrl,
    completeUrl: believedPage(told.verification_uri_complete, accountsUrl) ?? verificationUrl,
    interval: clamp(inMilliseconds(told.interval, second) ?? 5 * second, second, minute),
    expiresAt: clock.now() + clamp(inMilliseconds(told.expires_in, 10 * second) ?? 5 * minute, second, 30 * minute),
  });
}

/** Zoho documents milliseconds and has been seen to send seconds: a number from `least` on is one of milliseconds. */
function inMilliseconds(told: number | undefined, least: number): number | undefined {
  return told === undefined || told >= least ? told : told * second;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

/** A page is opened for the person only at the server that was asked, or at one of Zoho's. */
function believedPage(address: string | undefined, accountsUrl: string): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined;
  const { href, origin } = new URL(address);
  return origin === new URL(accountsUrl).origin || dataCentreOfAccountsUrl(origin) !== undefined ? href : undefined;
}

const pollErrorSchema = v.object({ error: v.string(), user_location: looseText, dc: looseText });

/** Why there are no tokens yet, where an answer says so in a way that goes on; undefined for every other answer. */
export function readDeviceWait(answer: HttpAnswer): DeviceWait | undefined {
  const body = readJson(answer);
  const parsed = body.ok ? v.safeParse(pollErrorSchema, body.value) : undefined;
  if (parsed?.success !== true) return undefined;
  const { error, user_location, dc } = parsed.output;
  switch (error) {
    case "authorization_pending":
      return { kind: "pending" };
    case "slow_down":
      return { kind: "slow-down" };
    case "other_dc":
      return { kind: "other-centre", location: (user_location ?? dc)?.toLowerCase() };
    default:
      return undefined;
  }
}
