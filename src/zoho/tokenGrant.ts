import * as v from "valibot";
import { type Clock, hour, minute, second } from "../base/clock.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { trustedApiDomain } from "./dataCentre.ts";
import type { HttpAnswer } from "./httpTransport.ts";
import { looseAmount, looseText } from "./looseValues.ts";
import type { ZohoProblem } from "./problem.ts";
import { readJson, unreadableProblem } from "./wire.ts";

/** What the accounts server gives for a code, a refresh token, or a client's own credentials. */
export interface TokenGrant {
  readonly accessToken: string;
  /** Only for a code, and there only when consent was given in this sign-in. */
  readonly refreshToken?: string;
  /** Origin of the API that the token is for, where the answer names one that may be trusted with it. */
  readonly apiDomain?: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Empty where the answer doesn't say. */
  readonly scopes: readonly string[];
}

/** Only the access token is needed. Whatever else is odd is as good as missing. */
const grantSchema = v.object({
  access_token: v.pipe(v.string(), v.minLength(1)),
  refresh_token: looseText,
  api_domain: looseText,
  /** Seconds. Very old clients of Zoho see milliseconds here and seconds in `expires_in_sec`. */
  expires_in: looseAmount,
  expires_in_sec: looseAmount,
  scope: looseText,
});

/** The grant in an answer of the accounts server at `accountsUrl`, item by item. */
export function readGrant(answer: HttpAnswer, accountsUrl: string, clock: Clock): Result<TokenGrant, ZohoProblem> {
  const body = readJson(answer);
  const parsed = body.ok ? v.safeParse(grantSchema, body.value) : undefined;
  if (parsed?.success !== true) return fail(unreadableProblem(answer.status));
  const grant = parsed.output;
  const apiDomain = grant.api_domain === undefined ? undefined : trustedApiDomain(grant.api_domain, accountsUrl);
  return succeed({
    accessToken: grant.access_token,
    expiresAt: clock.now() + lifetime(grant.expires_in_sec ?? grant.expires_in),
    scopes: (grant.scope ?? "").split(/[\s,]+/).filter(scope => scope !== ""),
    ...(grant.refresh_token === undefined ? {} : { refreshToken: grant.refresh_token }),
    ...(apiDomain === undefined ? {} : { apiDomain }),
  });
}

/** No access token lives for so many seconds, so that a larger number is one of milliseconds. */
const mostSeconds = 10_000;

/**
 * A token that lives no longer than this is of no use: none is handed out in its last minute, and Zoho gives ten in ten
 * minutes. One that is really over by then is refused, and replaced like any other.
 */
const leastLifetime = 2 * minute;

/** Milliseconds; an hour, as Zoho's tokens have, where the answer doesn't say or makes no sense. */
function lifetime(told: number | undefined): number {
  const milliseconds = told === undefined ? hour : told > mostSeconds ? told : told * second;
  return milliseconds > leastLifetime ? Math.min(milliseconds, hour) : hour;
}
