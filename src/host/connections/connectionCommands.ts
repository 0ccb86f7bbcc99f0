import * as vscode from "vscode";
import { assertNever } from "../../base/assertNever.ts";
import { DisposableStore } from "../../base/lifecycle.ts";
import { CancelledError, describeCauses } from "../../base/problem.ts";
import type { Logger } from "../../base/logger.ts";
import type { Result } from "../../base/result.ts";
import type { Problem } from "../../base/problem.ts";
import type { Connection } from "../../core/connections/connection.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import {
  type SignInContext,
  signInToSandbox,
  signInWithBrowser,
  signInWithCredentials,
  signInWithSelfClient,
  signOut,
} from "../../core/connections/signIn.ts";
import { signInWithDevice } from "../../core/connections/deviceSignIn.ts";
import type { LocalSandbox } from "../../core/sandbox/localSandbox.ts";
import { confirm } from "../questions.ts";
import { orThrow } from "../results.ts";
import { settings } from "../settings.ts";
import { asNode } from "../subscriptions/subscriptionNodes.ts";
import { DeviceCodeInput } from "./deviceCodeInput.ts";
import { type SignInChoice, type ZohoApplication, askForSignIn } from "./askForConnection.ts";

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

  constructor(deps: ConnectionCommandsDependencies) {
    this.#deps = deps;
  }

  /** Asks how to connect, connects, and keeps the connection. */
  async signIn(): Promise<Connection> {
    const choice = await askForSignIn(`http://localhost:${settings.redirectPort()}/callback`);
    return choice.kind === "sandbox" ? this.connectSandbox() : this.#keep(await this.#signInToZoho(choice));
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
      vscode.l10n.t("Sign out of {0}?", connection.organization.name),
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

  async openSandbox(): Promise<void> {
    const url = orThrow(await this.#deps.sandbox.url());
    await vscode.env.openExternal(vscode.Uri.parse(`${url}/`));
  }

  async #signInToZoho(choice: Exclude<SignInChoice, { kind: "sandbox" }>): Promise<Result<Connection, Problem>> {
    const { context } = this.#deps;
    switch (choice.kind) {
      case "browser":
        return this.#waitForConsent(choice);
      case "device":
        return this.#waitForDevice(choice);
      case "credentials":
        return signInWithCredentials({ ...context, ...registered(choice), zgid: choice.zgid });
      case "self-client":
        return signInWithSelfClient({ ...context, ...registered(choice), code: choice.code });
      default:
        return assertNever(choice);
    }
  }

  async #waitForConsent(application: ZohoApplication): Promise<Result<Connection, Problem>> {
    const progress = {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t("Waiting for your consent in the browser…"),
      cancellable: true,
    };
    return vscode.window.withProgress(progress, async (_, cancelled) => {
      const abort = new AbortController();
      cancelled.onCancellationRequested(() => abort.abort());
      return signInWithBrowser({
        ...this.#deps.context,
        ...registered(application),
        redirectPort: settings.redirectPort(),
        signal: abort.signal,
        openBrowser: async url => vscode.env.openExternal(vscode.Uri.parse(url)),
      });
    });
  }

  /** The box with the code is what shows that something is under way, and closing it cancels. */
  async #waitForDevice(application: ZohoApplication): Promise<Result<Connection, Problem>> {
    const { context } = this.#deps;
    const abort = new AbortController();
    const shown = new DisposableStore();
    try {
      return await signInWithDevice({
        ...context,
        ...registered(application),
        signal: abort.signal,
        showCode: prompt => shown.add(new DeviceCodeInput(prompt, context.clock, () => abort.abort())),
      });
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

function registered({ dataCentre, accountsUrl, clientId, clientSecret }: ZohoApplication): {
  readonly at: NonNullable<ZohoApplication["dataCentre"]> | { readonly accountsUrl: string };
  readonly clientId: string;
  readonly clientSecret: string;
} {
  return { at: dataCentre ?? { accountsUrl }, clientId, clientSecret };
}
