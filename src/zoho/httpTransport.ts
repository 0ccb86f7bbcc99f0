import type { Result } from "../base/result.ts";
import type { ZohoProblem } from "./problem.ts";

/** One HTTP request. `body` is sent as it is; `headers` must say what it is. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Whatever came back, whatever its status; header names in lower case. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Carries requests to Zoho. Fails only where there is no answer at all (kinds "offline" and "cancelled"). */
export interface HttpTransport {
  send(request: HttpRequest): Promise<Result<HttpAnswer, ZohoProblem>>;
}
