import { assertNever } from "../../base/assertNever.ts";
import type { SandboxBehaviour } from "../behaviour.ts";
import { type Answer, empty, json } from "../http/answer.ts";
import type { JsonObject } from "../state/json.ts";

/** An error as Zoho CRM writes it, for a whole request or for one of its items. */
export interface ApiError {
  readonly code: string;
  readonly details: JsonObject;
  readonly message: string;
  readonly status: "error";
}

export function apiError(code: string, message: string, details: JsonObject = {}): ApiError {
  return { code, details, message, status: "error" };
}

/** What went well, in the same shape. */
export function apiSuccess(message: string, details: JsonObject): JsonObject {
  return { code: "SUCCESS", details, message, status: "success" };
}

export const refusals = {
  authenticationFailure: () => refuse(401, "AUTHENTICATION_FAILURE", "Authentication failed"),
  invalidToken: () => refuse(401, "INVALID_TOKEN", "invalid oauth token"),
  scopeMismatch: () => refuse(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope to access this URL"),
  noPermission: (permission: string) =>
    refuse(403, "NO_PERMISSION", "permission denied", { permissions: [permission] }),
  urlPattern: () => refuse(404, "INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one"),
  method: () => refuse(400, "INVALID_REQUEST_METHOD", "The http request method type is not a valid one"),
  parameterMissing: (name: string) =>
    refuse(400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", { param_name: name }),
  invalidParameter: (name: string, details: JsonObject = {}) =>
    refuse(400, "INVALID_DATA", `the ${name} given seems to be invalid`, { param_name: name, ...details }),
  /** Page numbers reach 2,000 records; what lies beyond is had with `page_token`. */
  pageLimit: () =>
    refuse(
      400,
      "DISCRETE_PAGINATION_LIMIT_EXCEEDED",
      "the limit of records that pages by number reach is exceeded; use the page token",
    ),
  ambiguousPage: () =>
    refuse(400, "AMBIGUITY_DURING_PROCESSING", "ambiguity between page and page_token", {
      ambiguity_due_to: [{ param_name: "page" }, { param_name: "page_token" }],
    }),
  /** `details` say which segment of the path names it, where it is one: 0 is the first after the version. */
  invalidModule: (details: JsonObject = {}) =>
    refuse(400, "INVALID_MODULE", "the module name given seems to be invalid", details),
  invalidId: () => refuse(400, "INVALID_DATA", "the id given seems to be invalid"),
  invalidBody: () => refuse(400, "INVALID_DATA", "body", { expected_data_type: "jsonobject" }),
  tooManyRequests,
  internalError: () => refuse(500, "INTERNAL_ERROR", "Internal Server Error"),
  /** The whole body is refused for one member of it. */
  body: (error: ApiError) => json(400, error),
} as const;

function refuse(status: number, code: string, message: string, details: JsonObject = {}): Answer {
  return json(status, apiError(code, message, details));
}

/** Zoho's documents know two bodies of a 429, and gateways send none. */
function tooManyRequests(body: SandboxBehaviour["tooManyRequestsBody"]): Answer {
  switch (body) {
    case "TOO_MANY_REQUESTS":
      return refuse(429, body, "You have reached the maximum number of API calls within this time frame");
    case "RATE_LIMIT_EXCEEDED":
      return json(429, { code: body, message: "Too many requests. Please try again later.", status: "error" });
    case "empty":
      return empty(429);
    default:
      return assertNever(body);
  }
}

/** One result per item of a request: an error, or a success with details. */
export type ItemResult =
  { readonly ok: true; readonly success: JsonObject } | { readonly ok: false; readonly error: ApiError };

/** The answer to a request of several items: 2xx when all went well, 400 when none did, `mixed` when some did. */
export function itemsAnswer(member: string, results: readonly ItemResult[], success: number, mixed: number): Answer {
  const failed = results.filter(({ ok }) => !ok).length;
  const status = failed === 0 ? success : failed === results.length ? 400 : mixed;
  return json(status, { [member]: results.map(result => (result.ok ? result.success : result.error)) });
}
