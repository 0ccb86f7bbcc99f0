import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { type AccessToken, AccessTokens, type TokenSource } from "../../zoho/accessTokens.ts";
import { signedOutProblem } from "../../zoho/apiProblem.ts";
import type { HttpTransport } from "../../zoho/httpTransport.ts";
import { OAuthClient } from "../../zoho/oauth.ts";
import type { ZohoProblem } from "../../zoho/problem.ts";
import { ZohoClient } from "../../zoho/zohoClient.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionStore } from "./connectionStore.ts";

export interface ZohoClientsOptions {
  readonly store: ConnectionStore;
  readonly transport: HttpTransport;
  readonly clock: Clock;
}

interface Opened {
  readonly connection: Connection;
  readonly tokens: TokenSource;
  readonly client: ZohoClient;
}

/** One client for each connection, so that each has one set of tokens. */
export class ZohoClients implements Disposable {
  readonly #options: ZohoClientsOptions;
  readonly #opened = new Map<string, Opened>();
  readonly #watching: Disposable;

  constructor(options: ZohoClientsOptions) {
    this.#options = options;
    this.#watching = options.store.onDidChange(() => this.#dropStale());
  }

  /** The client of a connection; of one that is gone, a client that answers "signed out" to everything. */
  for(connectionId: string): ZohoClient {
    return this.#open(connectionId)?.client ?? this.#signedOutClient();
  }

  /** A token that opens the connection's API now, for others whom the person allows to use it. */
  async accessToken(connectionId: string): Promise<Result<string, ZohoProblem>> {
    const token = await (this.#open(connectionId)?.tokens ?? signedOut).get();
    return token.ok ? succeed(token.value.value) : token;
  }

  dispose(): void {
    this.#watching.dispose();
    this.#opened.clear();
  }

  #open(connectionId: string): Opened | undefined {
    const connection = this.#options.store.get(connectionId);
    if (connection === undefined) return undefined;
    const known = this.#opened.get(connectionId);
    if (known !== undefined && sameSignIn(known.connection, connection)) return known;
    const opened = this.#make(connection);
    this.#opened.set(connectionId, opened);
    return opened;
  }

  #make(connection: Connection): Opened {
    const { transport, clock } = this.#options;
    const oauth = new OAuthClient({ ...connection, transport, clock });
    const tokens = new AccessTokens({ oauth, refreshToken: connection.refreshToken, clock });
    const remedyWhenOffline = connection.kind === "sandbox" ? "start-sandbox" : "retry";
    const { apiDomain } = connection;
    return { connection, tokens, client: new ZohoClient({ apiDomain, tokens, transport, clock, remedyWhenOffline }) };
  }

  #signedOutClient(): ZohoClient {
    const { transport, clock } = this.#options;
    return new ZohoClient({ apiDomain: "https://invalid", tokens: signedOut, transport, clock });
  }

  /** Tokens of a connection that ended must not outlive it. */
  #dropStale(): void {
    for (const [id, { connection }] of this.#opened) {
      const now = this.#options.store.get(id);
      if (now === undefined || !sameSignIn(now, connection)) this.#opened.delete(id);
    }
  }
}

/** True where both stand for the same sign-in, so that tokens of one are good for the other. */
export function sameSignIn(a: Connection, b: Connection): boolean {
  return a.refreshToken === b.refreshToken && a.apiDomain === b.apiDomain && a.accountsUrl === b.accountsUrl;
}

const signedOut: TokenSource = {
  get: async (): Promise<Result<AccessToken, ZohoProblem>> =>
    Promise.resolve(fail(signedOutProblem("NO_SUCH_CONNECTION"))),
  invalidate: () => undefined,
};
