import * as vscode from "vscode";
import { assertNever } from "../../base/assertNever.ts";
import { LatestTask } from "../../base/latestTask.ts";
import { DisposableStore } from "../../base/lifecycle.ts";
import { CancelledError, describeCauses } from "../../base/problem.ts";
import type { Logger } from "../../base/logger.ts";
import type { Result } from "../../base/result.ts";
import type { Problem } from "../../base/problem.ts";
import { type Connection, userWords } from "../../core/connections/connection.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import {
  type SignInContext,
  signInToSandbox,
  signInWithBrowser,
  signInWithCredentials,
  signInWithSelfClient,
  signOut,
} from "../../core/connections/signIn.ts";
import { type DevicePrompt, signInWithDevice } from "../../core/connections/deviceSignIn.ts";
import { missingScopesCode } from "../../core/connections/establish.ts";
import { otherDataCentreOf } from "../../core/connections/accountsServer.ts";
import { type SignInQuestion, type ZohoSignInWay, retryOf } from "../../core/connections/signInRetry.ts";
import type { LocalSandbox } from "../../core/sandbox/localSandbox.ts";
import { OfferedError } from "../commandBoundary.ts";
import { withCancellableProgress } from "../cancellableProgress.ts";
import { commandIds } from "../names.ts";
import { confirm } from "../questions.ts";
import { orThrow } from "../results.ts";
import { settings } from "../settings.ts";
import { asNode } from "../subscriptions/subscriptionNodes.ts";
import { copyScopes } from "./signInWays.ts";
import { DeviceCodeInput } from "./deviceCodeInput.ts";
import { type UnfinishedSignIn, type ZohoApplication, type ZohoSignIn, askForSignIn } from "./askForConnection.ts";

export interface ConnectionCommandsDependencies {
  readonly connections: ConnectionStore;
  readonly sandbox: LocalSandbox;
  readonly context: SignInContext;
  readonly logger: Logger;
  /** What must be done while the connection can still be used. */
  readonly beforeEnd: (connection: Connection) => Promise<void>;
}

/** Adding and ending connections. */
export class ConnectionCommands {
  readonly #deps: ConnectionCommandsDependencies;
  /** The sign-in that waits for the person or for Zoho. */
  readonly #waiting = new LatestTask();
  #consentUrl: string | undefined;

  constructor(deps: ConnectionCommandsDependencies) {
    this.#deps = deps;
  }

  /** Asks how to connect, connects, and keeps the connection. Ends a sign-in that this window still waits for. */
  async signIn(): Promise<Connection> {
    return this.#askAndConnect(undefined);
  }

  /** Connects to the local sandbox, starting it where that is ours to do. No questions. */
  async connectSandbox(): Promise<Connection> {
    const sandboxUrl = orThrow(await this.#deps.sandbox.url());
    return this.#keep(await signInToSandbox({ ...this.#deps.context, sandboxUrl }));
  }

  async signOut(...args: unknown[]): Promise<void> {
    const connection = asNode(args[0])?.connection;
    if (connection === undefined) throw new CancelledError();
    await confirm(
      vscode.l10n.t("Sign {0} out of {1}?", userWords(connection.user), connection.organization.name),
      vscode.l10n.t(
        "The sign-in is revoked and forgotten. Subscriptions stay at Zoho until they expire; delete them first if they should end now.",
      ),
      vscode.l10n.t("Sign Out"),
    );
    await this.end(connection);
  }

  /** Forgets the connection here and revokes it at Zoho; that Zoho could not be told is worth a warning, not a failure. */
  async end(connection: Connection): Promise<void> {
    const { connections, context, logger, beforeEnd } = this.#deps;
    await beforeEnd(connection);
    const ended = await signOut(connection, connections, context);
    if (ended.ok) return;
    logger.warn(`sign out: ${describeCauses(ended.error)}`);
    void vscode.window.showWarningMessage(ended.error.message);
  }

  /** Shows the consent page once more that a sign-in waits for; its notification links here. */
  async openConsentPage(): Promise<void> {
    if (this.#consentUrl !== undefined) await openExternally(this.#consentUrl);
  }

  async openSandbox(): Promise<void> {
    const url = orThrow(await this.#deps.sandbox.url());
    await openExternally(`${url}/`);
  }

  async #askAndConnect(unfinished: UnfinishedSignIn | undefined): Promise<Connection> {
    this.#waiting.end();
    const choice = await askForSignIn(redirectUriAt(settings.redirectPort()), unfinished);
    return this.#announced(async () => (choice.kind === "sandbox" ? this.connectSandbox() : this.#connect(choice)));
  }

  /** Says that it worked where nothing else shows it: no row appears for who was connected before. */
  async #announced(connect: () => Promise<Connection>): Promise<Connection> {
    const before = new Set(this.#deps.connections.list().map(({ id }) => id));
    const connection = await connect();
    if (before.has(connection.id)) {
      void vscode.window.showInformationMessage(vscode.l10n.t("Connected again: {0}", connection.label));
    }
    return connection;
  }

  async #connect(choice: ZohoSignIn): Promise<Connection> {
    const result = await this.#signInToZoho(choice);
    if (!result.ok) this.#offerRetry(result.error, choice);
    return this.#keep(result);
  }

  /** Throws what failed with a button that goes on from the answers, which are in memory for as long as the button is. */
  #offerRetry(problem: Problem, choice: ZohoSignIn): void {
    const kept = inDataCentreOf(problem, choice);
    const from = retryOf({ way: kept.kind, isListed: kept.dataCentre !== undefined, problem });
    if (from === undefined) return;
    throw new OfferedError(problem, retryLabel(problem, kept.kind, from), async () => {
      if (from === "code" && lacksScopes(problem)) await copyScopes();
      return from === "none" ? this.#announced(async () => this.#connect(kept)) : this.#askAndConnect({ kept, from });
    });
  }

  async #signInToZoho(choice: ZohoSignIn): Promise<Result<Connection, Problem>> {
    return this.#waiting.run(async ended => {
      switch (choice.kind) {
        case "browser":
          return this.#waitForConsent(choice, ended);
        case "device":
          return this.#waitForDevice(choice, ended);
        case "credentials":
          return this.#ask(ended, async context =>
            signInWithCredentials({ ...context, ...registered(choice), zgid: choice.zgid }),
          );
        case "self-client":
          return this.#ask(ended, async context =>
            signInWithSelfClient({ ...context, ...registered(choice), code: choice.code }),
          );
        default:
          return assertNever(choice);
      }
    });
  }

  /** Asks Zoho while the window shows it. */
  async #ask<T>(ended: AbortSignal, ask: (context: SignInContext) => Promise<T>): Promise<T> {
    return withCancellableProgress(vscode.l10n.t("Signing in to Zoho CRM…"), async cancelled =>
      ask({ ...this.#deps.context, signal: AbortSignal.any([ended, cancelled]) }),
    );
  }

  async #waitForConsent(application: ZohoApplication, ended: AbortSignal): Promise<Result<Connection, Problem>> {
    const redirectPort = settings.redirectPort();
    try {
      return await withCancellableProgress(waitingForConsent(redirectPort), async cancelled =>
        signInWithBrowser({
          ...this.#deps.context,
          ...registered(application),
          redirectPort,
          signal: AbortSignal.any([ended, cancelled]),
          openBrowser: async url => {
            this.#consentUrl = url;
            return openExternally(url);
          },
        }),
      );
    } finally {
      this.#consentUrl = undefined;
    }
  }

  /** Once there is a code, its box shows that something is under way, and closing it cancels. */
  async #waitForDevice(application: ZohoApplication, ended: AbortSignal): Promise<Result<Connection, Problem>> {
    const { context } = this.#deps;
    const abort = new AbortController();
    const shown = new DisposableStore();
    const coded = Promise.withResolvers<undefined>();
    const showCode = (prompt: DevicePrompt): void => {
      shown.add(new DeviceCodeInput(prompt, context.clock, () => abort.abort()));
      coded.resolve(undefined);
    };
    const signal = AbortSignal.any([ended, abort.signal]);
    const signingIn = signInWithDevice({ ...context, ...registered(application), signal, showCode });
    try {
      await withCancellableProgress(vscode.l10n.t("Getting a code from Zoho…"), async cancelled => {
        cancelled.addEventListener("abort", () => abort.abort());
        await Promise.race([coded.promise, signingIn]);
      });
      return await signingIn;
    } finally {
      shown.dispose();
    }
  }

  async #keep(result: Result<Connection, Problem>): Promise<Connection> {
    const connection = orThrow(result);
    await this.#deps.connections.add(connection);
    return connection;
  }
}

/** The list is too long to read in a message, and is to be pasted in the API console. */
function lacksScopes(problem: Problem): boolean {
  return problem.code === missingScopesCode;
}

/** The same answers, for the data centre that the problem names. */
function inDataCentreOf(problem: Problem, choice: ZohoSignIn): ZohoSignIn {
  const other = otherDataCentreOf(problem);
  return other === undefined ? choice : { ...choice, dataCentre: other.id, accountsUrl: other.accountsUrl };
}

function retryLabel(problem: Problem, way: ZohoSignInWay, from: SignInQuestion | "none"): string {
  if (from === "code") {
    return lacksScopes(problem)
      ? vscode.l10n.t("Copy Scopes and Enter Another Code")
      : vscode.l10n.t("Enter Another Code");
  }
  if (problem.remedy === "retry") return vscode.l10n.t("Try Again");
  return way === "device" && from === "none" ? vscode.l10n.t("Get a New Code") : vscode.l10n.t("Sign In Again");
}

/** Also why Zoho may show an error instead of its consent page: then nothing ever comes back to the editor. */
function waitingForConsent(redirectPort: number): string {
  return vscode.l10n.t(
    "Waiting for your consent in the browser… If Zoho shows an error there, check the client's type (Server-based Application) and its redirect URI ({0}). [Open Page Again]({1})",
    redirectUriAt(redirectPort),
    `command:${commandIds.openConsentPage}`,
  );
}

/** What the person registers with a client for the browser. */
function redirectUriAt(port: number): string {
  return `http://localhost:${port}/callback`;
}

async function openExternally(url: string): Promise<boolean> {
  return vscode.env.openExternal(vscode.Uri.parse(url));
}

function registered({ dataCentre, accountsUrl, clientId, clientSecret }: ZohoApplication): {
  readonly at: NonNullable<ZohoApplication["dataCentre"]> | { readonly accountsUrl: string };
  readonly clientId: string;
  readonly clientSecret: string;
} {
  return { at: dataCentre ?? { accountsUrl }, clientId, clientSecret };
}
