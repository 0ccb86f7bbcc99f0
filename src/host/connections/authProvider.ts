import * as vscode from "vscode";
import type { ZohoClients } from "../../core/connections/clients.ts";
import type { Connection } from "../../core/connections/connection.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import { ProblemError } from "../../base/problem.ts";
import { authenticationProviderId } from "../names.ts";

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
  #known: ReadonlyMap<string, vscode.AuthenticationSession>;

  readonly onDidChangeSessions = this.#changed.event;

  constructor(connections: ConnectionStore, clients: ZohoClients, ask: AskForConnection, end: EndConnection) {
    this.#connections = connections;
    this.#clients = clients;
    this.#ask = ask;
    this.#end = end;
    this.#known = this.#listed();
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
    if (scopes === undefined || scopes.length === 0) return connections.map(connection => toSession(connection, ""));
    return Promise.all(connections.map(async connection => this.#sessionWithToken(connection)));
  }

  async createSession(scopes: readonly string[]): Promise<vscode.AuthenticationSession> {
    return this.#sessionWithToken(await this.#ask(scopes));
  }

  async removeSession(sessionId: string): Promise<void> {
    const connection = this.#connections.get(sessionId);
    if (connection !== undefined) await this.#end(connection);
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #sessionWithToken(connection: Connection): Promise<vscode.AuthenticationSession> {
    const token = await this.#clients.accessToken(connection.id);
    if (!token.ok) throw new ProblemError(token.error);
    return toSession(connection, token.value);
  }

  #listed(): ReadonlyMap<string, vscode.AuthenticationSession> {
    return new Map(this.#connections.list().map(connection => [connection.id, toSession(connection, "")]));
  }

  #announce(): void {
    const before = this.#known;
    this.#known = this.#listed();
    const added = [...this.#known.values()].filter(session => !before.has(session.id));
    const removed = [...before.values()].filter(session => !this.#known.has(session.id));
    if (added.length + removed.length > 0) this.#changed.fire({ added, removed, changed: [] });
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
