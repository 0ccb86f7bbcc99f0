import type { Clock } from "../../base/clock.ts";
import type { HttpTransport } from "../../zoho/httpTransport.ts";

/** What every sign-in needs from outside. */
export interface SignInContext {
  readonly transport: HttpTransport;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}
