import type { Clock } from "../../base/clock.ts";
import type { Event } from "../../base/lifecycle.ts";
import type { Result } from "../../base/result.ts";
import type { Verification } from "../../protocol/event.ts";
import type { HttpTransport } from "../../zoho/httpTransport.ts";
import type { CurrentUser, ModuleInfo, Organization } from "../../zoho/metadata.ts";
import type { ZohoProblem } from "../../zoho/problem.ts";
import type { ItemList } from "../../zoho/readItems.ts";
import type { ZohoApi } from "../../zoho/zohoClient.ts";
import type { Connection } from "../connections/connection.ts";
import type { TokenVerifier } from "../events/verification.ts";
import type { StoredEvent } from "../events/storedEvent.ts";
import type { RelayState } from "../relay/relaySession.ts";
import type { Channel } from "../subscriptions/channel.ts";
import type { FormerChannel } from "../tunnel/formerChannels.ts";
import type { SubscriptionsState } from "../subscriptions/subscriptionService.ts";

/** The parts of the product that Diagnose looks at. It changes nothing but for the test event that it sends. */
export interface DiagnoseDependencies {
  readonly connections: { get(id: string): Connection | undefined };
  readonly clients: {
    for(connectionId: string): Pick<ZohoApi, "organization" | "currentUser" | "modules">;
    accessToken(connectionId: string): Promise<Result<unknown, ZohoProblem>>;
    creditsRemaining(connectionId: string): number | undefined;
  };
  readonly subscriptions: {
    refresh(connectionId: string): Promise<void>;
    stateOf(connectionId: string): SubscriptionsState;
    nowAt(connectionId: string): number;
  };
  readonly tunnel: {
    readonly state: RelayState;
    readonly address: string | undefined;
    readonly addresses: readonly string[];
    readonly onDidChangeState: Event<RelayState>;
    start(): void;
  };
  /** The channels that this editor reads beside the one in use. */
  readonly former: { all(): readonly Pick<FormerChannel, "ingestPath" | "isGone">[] };
  readonly tokens: TokenKnowledge;
  /** What reaches this editor's history. */
  readonly arrivals: Event<readonly StoredEvent[]>;
  readonly transport: HttpTransport;
  /** How far this machine's clock is ahead of that of an API, in milliseconds. */
  readonly skewOf: (apiDomain: string) => number | undefined;
  readonly clock: Clock;
  /** A subscription that ends within this time, in milliseconds, ends soon. */
  readonly expiringSoon: () => number;
}

/** What this editor knows of the tokens of channels. */
export interface TokenKnowledge extends TokenVerifier {
  /** The token that this editor gave the channel; undefined where it did not make it. */
  ownToken(channelId: string): string | undefined;
  /** How the newest delivery of the channel verified; undefined where none is kept. */
  lastDelivery(channelId: string): Verification | undefined;
}

/** What is to be diagnosed. */
export interface DiagnoseTarget {
  readonly connectionId: string;
  /** Undefined: the way in general, with whatever subscription the connection has. */
  readonly channel: Channel | undefined;
}

/** What the API said of who is asking. */
export interface Identity {
  readonly organization: Result<Organization, ZohoProblem>;
  readonly user: Result<CurrentUser, ZohoProblem>;
}

/** Gathers what the checks look at, each thing once and when it is first needed. */
export class Evidence {
  readonly deps: DiagnoseDependencies;
  readonly target: DiagnoseTarget;
  readonly signal: AbortSignal;
  #identity: Promise<Identity> | undefined;
  #modules: Promise<Result<ItemList<ModuleInfo>, ZohoProblem>> | undefined;
  #subscriptions: Promise<SubscriptionsState> | undefined;

  constructor(deps: DiagnoseDependencies, target: DiagnoseTarget, signal: AbortSignal) {
    this.deps = deps;
    this.target = target;
    this.signal = signal;
  }

  get connection(): Connection | undefined {
    return this.deps.connections.get(this.target.connectionId);
  }

  async identity(): Promise<Identity> {
    this.#identity ??= this.#askIdentity();
    return this.#identity;
  }

  async modules(): Promise<Result<ItemList<ModuleInfo>, ZohoProblem>> {
    this.#modules ??= this.#client().modules({ signal: this.signal });
    return this.#modules;
  }

  /** The connection's channels, read anew. */
  async subscriptions(): Promise<SubscriptionsState> {
    this.#subscriptions ??= this.#readSubscriptions();
    return this.#subscriptions;
  }

  /** The channel as the server has it now; before that was asked, or where it is gone, as it was known. */
  async channel(): Promise<Channel | undefined> {
    const known = this.target.channel;
    const state = await this.#subscriptions;
    if (state === undefined || state.kind === "loading") return known;
    return state.channels.find(({ channelId }) => channelId === known?.channelId) ?? known;
  }

  #client(): ReturnType<DiagnoseDependencies["clients"]["for"]> {
    return this.deps.clients.for(this.target.connectionId);
  }

  async #askIdentity(): Promise<Identity> {
    const options = { signal: this.signal };
    const [organization, user] = await Promise.all([
      this.#client().organization(options),
      this.#client().currentUser(options),
    ]);
    return { organization, user };
  }

  async #readSubscriptions(): Promise<SubscriptionsState> {
    const { connectionId } = this.target;
    await this.deps.subscriptions.refresh(connectionId);
    return this.deps.subscriptions.stateOf(connectionId);
  }
}
