import type { Clock } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter, type Event } from "../../base/lifecycle.ts";
import type { Remedy } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { type AccessToken, AccessTokens, type LastingAccess, type TokenSource } from "../../zoho/accessTokens.ts";
import { signedOutProblem } from "../../zoho/apiRefusals.ts";
import { type CallListener, CallRecorder, type RecordedCall } from "../../zoho/callRecorder.ts";
import { CreditGauge } from "../../zoho/credits.ts";
import type { HttpTransport } from "../../zoho/httpTransport.ts";
import { OAuthClient } from "../../zoho/oauth.ts";
import type { ZohoProblem } from "../../zoho/problem.ts";
import type { ShapeObserver } from "../../zoho/shapeObserver.ts";
import { unshared } from "../../zoho/tokenSharing.ts";
import { ZohoClient } from "../../zoho/zohoClient.ts";
import { type Connection, tokenOriginOf } from "./connection.ts";
import type { ConnectionStore } from "./connectionStore.ts";
import type { SharedTokens } from "./sharedTokens.ts";

export interface ZohoClientsOptions {
  readonly store: ConnectionStore;
  readonly transport: HttpTransport;
  readonly clock: Clock;
  /** What windows share about access tokens; without it, each mints its own. */
  readonly sharedTokens?: Pick<SharedTokens, "of" | "forget">;
  /** Hears of answers whose form is not known. */
  readonly shapes?: ShapeObserver;
}

interface Opened {
  readonly connection: Connection;
  readonly tokens: TokenSource;
  readonly client: ZohoClient;
  readonly recorder: LateRecorder;
  readonly credits: CreditGauge;
}

/** A record of calls; what hides their secrets is loaded with the first of them. */
class LateRecorder implements CallListener {
  #recorder: Promise<CallRecorder> | undefined;
  #loaded: CallRecorder | undefined;

  get calls(): readonly RecordedCall[] {
    return this.#loaded?.calls ?? [];
  }

  async record(...call: Parameters<CallListener["record"]>): Promise<void> {
    this.#recorder ??= newRecorder();
    this.#loaded = await this.#recorder;
    this.#loaded.record(...call);
  }
}

async function newRecorder(): Promise<CallRecorder> {
  const { Redaction } = await import("../events/redaction.ts");
  return new CallRecorder(new Redaction([]));
}

/** One client for each connection, so that each has one set of tokens, one record of its calls and one count of credits. */
export class ZohoClients implements Disposable {
  readonly #options: ZohoClientsOptions;
  readonly #opened = new Map<string, Opened>();
  readonly #store = new DisposableStore();
  readonly #creditsChanged = this.#store.add(new Emitter<string>());

  /** Zoho told of another number of remaining credits for the connection with this id. */
  readonly onDidChangeCredits: Event<string> = this.#creditsChanged.event;

  constructor(options: ZohoClientsOptions) {
    this.#options = options;
    this.#store.add(options.store.onDidChange(() => this.#dropStale()));
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

  /** The last calls of the watch API of this window, oldest first, without secrets. */
  callsOf(connectionId: string): readonly RecordedCall[] {
    return this.#opened.get(connectionId)?.recorder.calls ?? [];
  }

  /** How many calls the organisation may still make today; undefined until Zoho tells, which it does from half on. */
  creditsRemaining(connectionId: string): number | undefined {
    return this.#opened.get(connectionId)?.credits.remaining;
  }

  dispose(): void {
    this.#store.dispose();
    for (const id of this.#opened.keys()) this.#drop(id);
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
    const { transport, clock, sharedTokens, shapes } = this.#options;
    const oauth = new OAuthClient({ ...connection, transport, clock });
    const sharing = sharedTokens?.of(tokenSecretOf(connection)) ?? unshared();
    const tokens = new AccessTokens({ ...lastingAccess(connection, oauth), clock, sharing });
    const remedyWhenOffline: Remedy = connection.kind === "sandbox" ? "start-sandbox" : "retry";
    const { apiDomain } = connection;
    const recorder = new LateRecorder();
    const credits = new CreditGauge();
    credits.onDidChange(() => this.#creditsChanged.fire(connection.id));
    const options = { apiDomain, tokens, transport, clock, remedyWhenOffline, recorder, credits };
    const client = new ZohoClient(shapes === undefined ? options : { ...options, shapes });
    return { connection, tokens, recorder, credits, client };
  }

  #signedOutClient(): ZohoClient {
    const { transport, clock } = this.#options;
    return new ZohoClient({ apiDomain: "https://invalid", tokens: signedOut, transport, clock });
  }

  /** Tokens of a connection that ended must not outlive it. */
  #dropStale(): void {
    for (const [id, { connection }] of this.#opened) {
      const now = this.#options.store.get(id);
      if (now !== undefined && sameSignIn(now, connection)) continue;
      this.#drop(id);
      const secret = tokenSecretOf(connection);
      if (now === undefined || tokenSecretOf(now) !== secret) void this.#options.sharedTokens?.forget(secret);
    }
  }

  #drop(id: string): void {
    this.#opened.get(id)?.credits.dispose();
    this.#opened.delete(id);
  }
}

/** True where both stand for the same sign-in, so that tokens of one are good for the other. */
export function sameSignIn(a: Connection, b: Connection): boolean {
  return tokenSecretOf(a) === tokenSecretOf(b) && a.apiDomain === b.apiDomain && a.accountsUrl === b.accountsUrl;
}

function lastingAccess(connection: Connection, oauth: OAuthClient): LastingAccess {
  const origin = tokenOriginOf(connection);
  return origin.kind === "refresh-token"
    ? { oauth, refreshToken: origin.refreshToken }
    : { oauth, zgid: origin.zgid, scopes: connection.scopes };
}

/** What the connection's access tokens are made from, as one secret. */
function tokenSecretOf(connection: Connection): string {
  const origin = tokenOriginOf(connection);
  const { clientId, clientSecret, scopes } = connection;
  return origin.kind === "refresh-token"
    ? origin.refreshToken
    : JSON.stringify([clientId, clientSecret, origin.zgid, scopes]);
}

const signedOut: TokenSource = {
  get: async (): Promise<Result<AccessToken, ZohoProblem>> =>
    Promise.resolve(fail(signedOutProblem("NO_SUCH_CONNECTION"))),
  invalidate: () => undefined,
  isFresh: () => true,
};
