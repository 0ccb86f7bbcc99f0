import type { Problem } from "../../base/problem.ts";
import { missingScopesCode } from "./establish.ts";

/** A way to sign in to Zoho. */
export type ZohoSignInWay = "browser" | "device" | "self-client" | "credentials";

/** A question of a sign-in. */
export type SignInQuestion = "way" | "data-centre" | "client-id" | "client-secret" | "code" | "zgid";

/** What of a failed sign-in decides how to go on. */
export interface FailedSignIn {
  readonly way: ZohoSignInWay;
  /** Whether its accounts server is one of Zoho's data centres; else somebody typed its address. */
  readonly isListed: boolean;
  readonly problem: Problem;
}

/**
 * Where to go on after a sign-in failed, with all that was answered kept: at the first question whose answer may be wrong,
 * or with no question (`none`). Undefined where asking again changes nothing.
 */
export function retryOf(failed: FailedSignIn): SignInQuestion | "none" | undefined {
  const { problem } = failed;
  const question = wrongAnswers.get(problem.code)?.(failed.way) ?? questionOfKind(failed);
  if (question !== undefined) return question;
  if (problem.remedy === "retry") return "none";
  return problem.remedy === "sign-in" ? "way" : undefined;
}

/** By code: Zoho's, and those of the sign-in itself. */
const wrongAnswers = new Map<string, (way: ZohoSignInWay) => SignInQuestion | "none">([
  ["invalid_client", () => "client-id"],
  ["unauthorized_client", () => "client-id"],
  ["invalid_scope", () => "client-id"],
  ["invalid_client_secret", () => "client-secret"],
  ["missing_org_info", way => (way === "credentials" ? "zgid" : "way")],
  ["access_denied", way => (way === "credentials" ? "zgid" : "none")],
  // What is wrong here is put right in the API console.
  ["invalid_redirect_uri", () => "none"],
  ["redirect_uri_mismatch", () => "none"],
  [missingScopesCode, anotherCode],
  ["NO_REFRESH_TOKEN", anotherCode],
  ["UNKNOWN_ACCOUNTS_SERVER", anotherCode],
  ["OTHER_DATA_CENTRE", () => "data-centre"],
  ["SIGN_IN_TIMED_OUT", () => "none"],
]);

function questionOfKind({ way, isListed, problem }: FailedSignIn): SignInQuestion | "none" | undefined {
  const kind = "kind" in problem ? problem.kind : undefined;
  if (kind === "code") return anotherCode(way);
  const isElsewhere = kind === "offline" || kind === "unreadable" || kind === "unsupported";
  return isElsewhere && !isListed ? "data-centre" : undefined;
}

/** Only a self client's code is typed; the other ways get a new one by themselves. */
function anotherCode(way: ZohoSignInWay): SignInQuestion | "none" {
  return way === "self-client" ? "code" : "none";
}
