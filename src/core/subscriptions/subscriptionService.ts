import type { Clock } from "../../base/clock.ts";
import { type Disposable, Emitter, type Event } from "../../base/lifecycle.ts";
import type { Problem } from "../../base/problem.ts";
import type { Result } from "../../base/result.ts";
import type { ZohoApi } from "../../zoho/zohoClient.ts";
import type { ConnectionStore } from "../connections/connectionStore.ts";
import type { Channel } from "./channel.ts";
import type { ChannelOwnership } from "./ownership.ts";
import type { TokenBook } from "./tokenBook.ts";

/** What is known of one connection's channels. */
export type SubscriptionsState =
  | { readonly kind: "loading" }
  | { readonly kind: "loaded"; readonly channels: readonly Channel[]; readonly refreshedAt: number }
  /** `channels` are those last known. */
  | { readonly kind: "failed"; readonly problem: Problem; readonly channels: readonly Channel[] };

export type SubscribedOperation = "create" | "edit" | "delete" | "all";

export interface CreateRequest {
  readonly modules: readonly { readonly module: string; readonly operations: readonly SubscribedOperation[] }[];
  /** Milliseconds from now; more than Zoho grants is cut to the longest. */
  readonly expiresInMs: number;
  readonly notifyUrl: string;
  readonly returnAffectedFieldValues: boolean;
  readonly notifyOnRelatedAction: boolean;
}

/** A channel that came to be, and in sentences what of it is not as it was asked for. */
export interface CreatedChannel extends Channel {
  readonly warnings: readonly Problem[];
}

export interface RenewOutcome {
  /** What Zoho granted, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** In sentences, what is not as it was asked for. */
  readonly warnings: readonly Problem[];
}

export interface SubscriptionServiceOptions {
  readonly clients: { for(connectionId: string): ZohoApi };
  readonly store: ConnectionStore;
  readonly ownership: ChannelOwnership;
  readonly tokenBook: TokenBook;
  readonly clock: Clock;
}

/**
 * The channels of every connection as the server has them. Connections that are new or signed in anew are read without
 * being told to.
 */
export class SubscriptionService implements Disposable {
  readonly #changed = new Emitter<{ readonly connectionId: string }>();
  constructor(_options: SubscriptionServiceOptions) {}
  readonly onDidChange: Event<{ readonly connectionId: string }> = this.#changed.event;
  stateOf(_connectionId: string): SubscriptionsState {
    return { kind: "loading" };
  }
  /** Reads one connection, or all of them, from the server. Never fails: the state tells. */
  async refresh(_connectionId?: string): Promise<void> {
    await Promise.reject(new Error("Being written"));
  }
  async create(_connectionId: string, _request: CreateRequest): Promise<Result<CreatedChannel, Problem>> {
    return Promise.reject(new Error("Being written"));
  }
  async renew(
    _connectionId: string,
    _channelId: string,
    _expiresInMs?: number,
  ): Promise<Result<RenewOutcome, Problem>> {
    return Promise.reject(new Error("Being written"));
  }
  /** Subscribes an expired channel again, as it was: same id, address, events and token. */
  async recreate(
    _connectionId: string,
    _channelId: string,
    _expiresInMs?: number,
  ): Promise<Result<CreatedChannel, Problem>> {
    return Promise.reject(new Error("Being written"));
  }
  /** One result for each channel; a channel that is already gone counts as deleted. */
  async delete(
    _connectionId: string,
    _channelIds: readonly string[],
  ): Promise<ReadonlyMap<string, Result<void, Problem>>> {
    return Promise.reject(new Error("Being written"));
  }
  dispose(): void {
    this.#changed.dispose();
  }
}
