import type { Clock } from "../base/clock.ts";
import type { Remedy } from "../base/problem.ts";
import type { Result } from "../base/result.ts";
import type { TokenSource } from "./accessTokens.ts";
import type { HttpTransport } from "./httpTransport.ts";
import type { CurrentUser, FieldInfo, ModuleInfo, Organization } from "./metadata.ts";
import type { ZohoProblem } from "./problem.ts";
import type { GrantedSubscription, RenewRequest, SubscribeRequest, Subscription } from "./subscription.ts";

export interface ZohoClientOptions {
  /** Origin of the API, such as `https://www.zohoapis.eu`. */
  readonly apiDomain: string;
  readonly tokens: TokenSource;
  readonly transport: HttpTransport;
  readonly clock: Clock;
  /** What to offer when nothing answers: "retry", and "start-sandbox" for a server that we can start. */
  readonly remedyWhenOffline?: Remedy;
}

/** What Zoho granted, and what it refused of the same request. At least one module was granted. */
export interface SubscribeOutcome {
  readonly granted: readonly GrantedSubscription[];
  readonly refused: readonly ZohoProblem[];
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ListOptions extends CallOptions {
  readonly channelId?: string;
  readonly module?: string;
}

/** One result for each channel that was asked about. */
export type UnsubscribeOutcome = ReadonlyMap<string, Result<void, ZohoProblem>>;

type Answer<T> = Promise<Result<T, ZohoProblem>>;

/** Shape of the Zoho CRM client, for those who use it and for their tests. */
export interface ZohoApi {
  subscribe(request: SubscribeRequest, options?: CallOptions): Answer<SubscribeOutcome>;
  listSubscriptions(options?: ListOptions): Answer<readonly Subscription[]>;
  updateSubscription(request: SubscribeRequest, options?: CallOptions): Answer<SubscribeOutcome>;
  renewSubscription(request: RenewRequest, options?: CallOptions): Answer<SubscribeOutcome>;
  unsubscribe(channelIds: readonly string[], options?: CallOptions): Answer<UnsubscribeOutcome>;
  modules(options?: CallOptions): Answer<readonly ModuleInfo[]>;
  fields(module: string, options?: CallOptions): Answer<readonly FieldInfo[]>;
  organization(options?: CallOptions): Answer<Organization>;
  currentUser(options?: CallOptions): Answer<CurrentUser>;
}
