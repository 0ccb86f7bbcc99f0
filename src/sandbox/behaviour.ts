import * as v from "valibot";
import { minute } from "../base/clock.ts";
import { deliverySwitches } from "./deliverySwitches.ts";
import { watchSwitches } from "./watchSwitches.ts";

/**
 * What is not known about Zoho, or differs between its versions, and so can be switched. The defaults are the likeliest
 * answers; `POST /sandbox/behaviour` changes them while the sandbox runs.
 */
export const behaviourSchema = v.object({
  ...watchSwitches,
  ...deliverySwitches,
  /** What the body of a 429 says: one of the codes of Zoho's documents, or nothing. */
  tooManyRequestsBody: v.optional(
    v.picklist(["TOO_MANY_REQUESTS", "RATE_LIMIT_EXCEEDED", "empty"]),
    "TOO_MANY_REQUESTS",
  ),
  /** Which addresses a workflow webhook may have: Zoho refuses private hosts. */
  webhookHosts: v.optional(v.picklist(["any", "public"]), "any"),
  /** Access tokens per refresh token and ten minutes; 0 for no limit. */
  accessTokensPerTenMinutes: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 10),
  /** Status of the answer to a token call beyond that limit. */
  tokenThrottleStatus: v.optional(v.picklist([400, 200]), 400),
  /** Whether a picklist takes values that are not on its list. */
  picklistValues: v.optional(v.picklist(["enforce", "accept"]), "enforce"),
  /** Which of Zoho's data centres the sandbox calls itself, in the callback of consent and in `/oauth/serverinfo`. */
  location: v.optional(v.pipe(v.string(), v.regex(/^[a-z]+$/)), "local"),
  /** Calls per day; the header with the remainder appears when half is used, and 429 when none is left. */
  creditsPerDay: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1)), 50_000),

  // Sign-in
  /** Unit of `interval` and `expires_in` of a device code: documented in milliseconds, seen in seconds. */
  deviceTimeUnit: v.optional(v.picklist(["milliseconds", "seconds"]), "milliseconds"),
  /** How the answer names the page for device codes: `verification_url`, `verification_uri` with its filled-in sister, not. */
  devicePageAddress: v.optional(v.picklist(["verification_url", "verification_uri", "none"]), "verification_url"),
  /** When a poll is told to slow down: within the documented 30 seconds of the last, or only below the interval given. */
  deviceSlowDown: v.optional(v.picklist(["within-30-seconds", "within-interval"]), "within-30-seconds"),
  /** Status of what a poll is refused with. */
  deviceErrorStatus: v.optional(v.picklist([200, 400]), 200),
  /** What a poll with an old code is told: Zoho's word, or that of RFC 8628. */
  deviceExpiredError: v.optional(v.picklist(["expired", "expired_token"]), "expired"),
  /** The data centre of whoever enters a device code; another than `location` sends the polls there. */
  deviceUserLocation: v.optional(v.pipe(v.string(), v.regex(/^[a-z]+$/))),
  /** Which member names that data centre: documented, or seen. */
  deviceLocationMember: v.optional(v.picklist(["user_location", "dc"]), "user_location"),
  /** Whether the organisation lets a self client sign in by its credentials, or what it is refused with. */
  clientCredentials: v.optional(v.picklist(["allowed", "access_denied", "unauthorized_client"]), "allowed"),
});

export type SandboxBehaviour = v.InferOutput<typeof behaviourSchema>;

/** Every switch at its default. */
const defaultBehaviour: SandboxBehaviour = v.parse(behaviourSchema, {});

export const tokenThrottleWindow = 10 * minute;

/** The switches as they stand now, shared by everything that asks. */
export class BehaviourSwitches {
  #current: SandboxBehaviour;

  constructor(initial: Partial<SandboxBehaviour> = {}) {
    this.#current = { ...defaultBehaviour, ...initial };
  }

  get current(): SandboxBehaviour {
    return this.#current;
  }

  /** Changes some switches; the message says what is wrong with them where they cannot be understood. */
  change(changes: unknown): string | undefined {
    const parsed = v.safeParse(v.strictObject(v.partial(behaviourSchema).entries), changes);
    if (!parsed.success) return v.summarize(parsed.issues);
    const given = Object.keys(typeof changes === "object" && changes !== null ? changes : {});
    const entries = Object.entries(parsed.output).filter(([name]) => given.includes(name));
    this.#current = { ...this.#current, ...Object.fromEntries(entries) };
    return undefined;
  }
}
