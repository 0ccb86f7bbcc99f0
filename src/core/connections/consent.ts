import * as l10n from "@vscode/l10n";
import { randomBytes } from "node:crypto";
import { minute } from "../../base/clock.ts";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { oauthProblem } from "../../zoho/oauthProblem.ts";
import { cancelledProblem } from "../../zoho/problem.ts";
import { safeCode } from "../../zoho/wire.ts";
import { refusedServerProblem, trustedServer } from "./accountsServer.ts";
import { type Callback, CallbackListener } from "./callbackListener.ts";
import type { SignInContext } from "./signInContext.ts";

/** How long the person may take on the consent page. */
const deadline = 5 * minute;

export interface ConsentRequest extends SignInContext {
  /** Origin of the accounts server whose consent page is shown. */
  readonly accountsUrl: string;
  readonly redirectPort: number;
  /** Shows a page; false when the person did not let it open, which cancels the sign-in. */
  readonly openBrowser: (url: string) => Promise<boolean>;
  /** The consent page for this redirect address and state. */
  readonly consentUrl: (redirectUri: string, state: string) => string;
}

/** A code, and the server that takes it. */
export interface Consent {
  readonly code: string;
  readonly redirectUri: string;
  readonly accountsUrl: string;
}

/** Shows the consent page and waits for the browser to return; whatever the end, nothing is left listening. */
export async function askForConsent(request: ConsentRequest): Promise<Result<Consent, Problem>> {
  const state = randomBytes(32).toString("base64url");
  const listener = await CallbackListener.listen(request.redirectPort, state);
  if (!listener.ok) return listener;
  const { redirectUri } = listener.value;
  try {
    const callback = await callbackOrEnd(request, listener.value, state);
    return callback.ok ? toConsent(callback.value, redirectUri, request) : callback;
  } finally {
    listener.value.dispose();
  }
}

async function callbackOrEnd(
  request: ConsentRequest,
  listener: CallbackListener,
  state: string,
): Promise<Result<Callback, Problem>> {
  const { clock, signal } = request;
  const ended = Promise.withResolvers<Result<Callback, Problem>>();
  const cancel = (): void => ended.resolve(fail(cancelledProblem()));
  const timer = clock.after(deadline, () => ended.resolve(fail(tooLateProblem())));
  signal?.addEventListener("abort", cancel);
  try {
    if (signal?.aborted === true) return fail(cancelledProblem());
    const opening = openPage(request, request.consentUrl(listener.redirectUri, state));
    void opening.then(opened => {
      if (!opened.ok) ended.resolve(opened);
    });
    return await Promise.race([listener.arrival().then(succeed), ended.promise]);
  } finally {
    timer.dispose();
    signal?.removeEventListener("abort", cancel);
  }
}

async function openPage({ openBrowser }: ConsentRequest, url: string): Promise<Result<void, Problem>> {
  try {
    return (await openBrowser(url)) ? succeed(undefined) : fail(cancelledProblem());
  } catch (cause) {
    return fail(notOpenedProblem(cause));
  }
}

function toConsent(callback: Callback, redirectUri: string, request: ConsentRequest): Result<Consent, Problem> {
  if (callback.kind === "error") {
    return fail(
      oauthProblem(safeCode(callback.error), "authorize", { status: 200, headers: {}, text: "" }, request.clock),
    );
  }
  const accountsUrl = trustedServer(callback, request.accountsUrl);
  return accountsUrl === undefined
    ? fail(refusedServerProblem(callback, request.accountsUrl))
    : succeed({ code: callback.code, redirectUri, accountsUrl });
}

function tooLateProblem(): Problem {
  return {
    code: "SIGN_IN_TIMED_OUT",
    message: l10n.t(
      "The sign-in was not finished in the browser within five minutes. Start it again when you are ready.",
    ),
    remedy: "sign-in",
  };
}

function notOpenedProblem(cause: unknown): Problem {
  return {
    code: "BROWSER_NOT_OPENED",
    message: l10n.t(
      "The browser couldn't be opened. Sign in again, or choose to sign in with a code on another device.",
    ),
    remedy: "sign-in",
    cause,
  };
}
