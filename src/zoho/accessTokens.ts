import type { Result } from "../base/result.ts";
import type { ZohoProblem } from "./problem.ts";

/** What opens the API for about an hour. */
export interface AccessToken {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Where the client gets its access tokens. */
export interface TokenSource {
  get(signal?: AbortSignal): Promise<Result<AccessToken, ZohoProblem>>;
  /** Zoho refused this token: the next `get` brings another. */
  invalidate(token: AccessToken): void;
}
