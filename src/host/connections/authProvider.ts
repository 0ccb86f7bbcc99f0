import * as vscode from "vscode";
import { type ZohoClients, sameSignIn } from "../../core/connections/clients.ts";
import type { Connection } from "../../core/connections/connection.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import { CancelledError } from "../../base/problem.ts";
import { type Result, succeed } from "../../base/result.ts";
import type { ZohoProblem } from "../../zoho/problem.ts";
import { authenticationProviderId } from "../names.ts";
import { orThrow } from "../results.ts";

/** Makes a connection by asking the person; rejects with CancelledError or ProblemError. */
export type AskForConnection = (scopes: readonly string[]) => Promise<Connection>;

/** Ends a connection at Zoho and here. */
export type EndConnection = (connection: Connection) => Promise<void>;

/**
 * Zoho connections as sessions of VS Code: shown and signed out of in the Accounts menu, and available to other
 * extensions that the user allows.
 */
export class ZohoAuthenticationProvider implements vscode.AuthenticationProvider, Disposable {
  readonly #store = new DisposableStore();
  readonly #connections: ConnectionStore;
  readonly #clients: ZohoClients;
  readonly #ask: AskForConnection;
  readonly #end: EndConnection;
  readonly #changed = this.#store.add(
    new vscode.EventEmitter<vscode.AuthenticationProviderAuthenticationSessionsChangeEvent>(),
  );
  #known: readonly Connection[];

  readonly onDidChangeSessions = this.#changed.event;

  constructor(connections: ConnectionStore, clients: ZohoClients, ask: AskForConnection, end: EndConnection) {
    this.#connections = connections;
    this.#clients = clients;
    this.#ask = ask;
    this.#end = end;
    this.#known = connections.list();
    this.#store.add(connections.onDidChange(() => this.#announce()));
    this.#store.add(
      vscode.authentication.registerAuthenticationProvider(authenticationProviderId, "Zoho CRM", this, {
        supportsMultipleAccounts: true,
      }),
    );
  }

  /**
   * Without scopes VS Code only lists the accounts: that must not go over the network, and the sessions carry no token.
   * With scopes somebody means to call Zoho, and gets a token that is good now.
   */
  async getSessions(
    scopes: readonly string[] | undefined,
    options: vscode.AuthenticationProviderSessionOptions,
  ): Promise<vscode.AuthenticationSession[]> {
    const connections = this.#connections
      .list()
      .filter(connection => options.account === undefined || options.account.id === connection.id)
      .filter(connection => (scopes ?? []).every(scope => connection.scopes.includes(scope)));
    if (scopes === undefined || scopes.length === 0) return connections.map(withoutToken);
    return this.#sessionsWithToken(connections);
  }

  async createSession(scopes: readonly string[]): Promise<vscode.AuthenticationSession> {
    return orCancelled(async () => orThrow(await this.#sessionWithToken(await this.#ask(scopes))));
  }

  async removeSession(sessionId: string): Promise<void> {
    const connection = this.#connections.get(sessionId);
    if (connection !== undefined) await orCancelled(async () => this.#end(connection));
  }

  dispose(): void {
    this.#store.dispose();
  }

  /**
   * Those that have a token now; one that has none must not hide the others. Where not one has, rejects with why, unless
   * they are all signed out: then there is no session, and VS Code may ask for one.
   */
  async #sessionsWithToken(connections: readonly Connection[]): Promise<vscode.AuthenticationSession[]> {
    const asked = await Promise.all(connections.map(async connection => this.#sessionWithToken(connection)));
    const sessions = asked.flatMap(session => (session.ok ? [session.value] : []));
    const failure = asked.find(session => !session.ok && session.error.kind !== "signed-out");
    return sessions.length === 0 && failure !== undefined ? [orThrow(failure)] : sessions;
  }

  async #sessionWithToken(connection: Connection): Promise<Result<vscode.AuthenticationSession, ZohoProblem>> {
    const token = await this.#clients.accessToken(connection.id);
    return token.ok ? succeed(toSession(connection, token.value)) : token;
  }

  #announce(): void {
    const before = this.#known;
    this.#known = this.#connections.list();
    const event = sessionChanges(before, this.#known);
    if (event.added.length + event.removed.length + event.changed.length > 0) this.#changed.fire(event);
  }
}

interface SessionChanges {
  readonly added: readonly vscode.AuthenticationSession[];
  readonly removed: readonly vscode.AuthenticationSession[];
  readonly changed: readonly vscode.AuthenticationSession[];
}

/** What came, went, or was signed in to again, perhaps with other scopes. */
function sessionChanges(before: readonly Connection[], now: readonly Connection[]): SessionChanges {
  const old = new Map(before.map(connection => [connection.id, connection]));
  const ids = new Set(now.map(({ id }) => id));
  const changed = now.filter(connection => {
    const known = old.get(connection.id);
    return known !== undefined && !sameSession(known, connection);
  });
  return {
    added: now.filter(({ id }) => !old.has(id)).map(withoutToken),
    removed: before.filter(({ id }) => !ids.has(id)).map(withoutToken),
    changed: changed.map(withoutToken),
  };
}

function sameSession(one: Connection, other: Connection): boolean {
  const sameScopes = one.scopes.join(" ") === other.scopes.join(" ");
  return sameSignIn(one, other) && sameScopes && one.label === other.label;
}

function withoutToken(connection: Connection): vscode.AuthenticationSession {
  return toSession(connection, "");
}

/** VS Code is silent about its own kind of cancellation only. */
async function orCancelled<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    throw thrown instanceof CancelledError ? new vscode.CancellationError() : thrown;
  }
}

function toSession(connection: Connection, accessToken: string): vscode.AuthenticationSession {
  return {
    id: connection.id,
    accessToken,
    account: { id: connection.id, label: connection.label },
    scopes: [...connection.scopes],
  };
}
