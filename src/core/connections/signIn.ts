import type { Clock } from "../../base/clock.ts";
import type { Problem } from "../../base/problem.ts";
import type { Result } from "../../base/result.ts";
import type { DataCentreId } from "../../zoho/dataCentre.ts";
import type { HttpTransport } from "../../zoho/httpTransport.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionStore } from "./connectionStore.ts";

/** What every sign-in needs from outside. */
export interface SignInContext {
  readonly transport: HttpTransport;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** A client as registered in Zoho's API console. `at`: its data centre, or the accounts address of a stand-in. */
export interface RegisteredClient {
  readonly at: DataCentreId | { readonly accountsUrl: string };
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface BrowserSignIn extends SignInContext, RegisteredClient {
  /** Shows the consent page; false when the person did not let it open. */
  readonly openBrowser: (url: string) => Promise<boolean>;
  /** Port of the registered redirect address `http://localhost:PORT/callback`; 47631 unless told. */
  readonly redirectPort?: number;
}

export interface SelfClientSignIn extends SignInContext, RegisteredClient {
  /** The code that the API console made: good once, for a few minutes. */
  readonly code: string;
}

export interface SandboxSignIn extends SignInContext {
  /** Origin of the sandbox, such as `http://127.0.0.1:4000`. */
  readonly sandboxUrl: string;
}

export async function signInWithBrowser(_options: BrowserSignIn): Promise<Result<Connection, Problem>> {
  return Promise.reject(new Error("Being written"));
}

export async function signInWithSelfClient(_options: SelfClientSignIn): Promise<Result<Connection, Problem>> {
  return Promise.reject(new Error("Being written"));
}

export async function signInToSandbox(_options: SandboxSignIn): Promise<Result<Connection, Problem>> {
  return Promise.reject(new Error("Being written"));
}

/** Forgets the connection here at once, then revokes it at Zoho; fails where Zoho could not be told. */
export async function signOut(
  _connection: Connection,
  _store: ConnectionStore,
  _context: SignInContext,
): Promise<Result<void, Problem>> {
  return Promise.reject(new Error("Being written"));
}
