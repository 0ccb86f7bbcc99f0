import type { Clock } from "../../src/base/clock.ts";
import { succeed } from "../../src/base/result.ts";
import { AxiosTransport } from "../../src/zoho/axiosTransport.ts";
import type { HttpTransport } from "../../src/zoho/httpTransport.ts";
import { ZohoClient } from "../../src/zoho/zohoClient.ts";
import { requestGrant } from "./rawZoho.ts";

/** This project's client of a sandbox, signed in; its token lasts as long as the sandbox lets it. */
export async function openClient(
  url: string,
  clock: Clock,
  transport: HttpTransport = new AxiosTransport(),
): Promise<ZohoClient> {
  const value = String((await requestGrant(url))["access_token"]);
  const token = succeed({ value, expiresAt: Number.MAX_SAFE_INTEGER });
  const tokens = { get: async () => Promise.resolve(token), invalidate: () => undefined, isFresh: () => true };
  return new ZohoClient({ apiDomain: url, tokens, transport, clock });
}
