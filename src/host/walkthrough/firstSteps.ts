import * as vscode from "vscode";
import { type Disposable, DisposableStore, type Event } from "../../base/lifecycle.ts";
import type { Arrivals } from "../../core/address/arrivals.ts";
import type { PublicAddress } from "../../core/address/publicAddress.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import { isPublic } from "../../base/publicHost.ts";
import type { SubscriptionService } from "../../core/subscriptions/subscriptionService.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { contextKeys } from "../names.ts";
import { type Progress, furthest, subscribedTo } from "./progress.ts";

export interface FirstStepsDependencies {
  readonly connections: ConnectionStore;
  readonly subscriptions: SubscriptionService;
  readonly tunnel: Tunnel;
  readonly publicAddress: PublicAddress;
  readonly arrivals: () => Arrivals;
  readonly history: { count(): number; readonly onDidAppend: Event<unknown> };
}

/** Follows how far the person has come, for the steps of the walkthrough and for what empty views offer next. */
export class FirstSteps implements Disposable {
  readonly #deps: FirstStepsDependencies;
  readonly #store = new DisposableStore();
  readonly #shown = new Map<string, string>();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  #hasEvents = false;

  /** Somebody came further, or back. */
  readonly onDidChange: vscode.Event<void> = this.#changed.event;

  constructor(deps: FirstStepsDependencies) {
    this.#deps = deps;
    const { connections, subscriptions, tunnel, publicAddress, history } = deps;
    this.#hasEvents = history.count() > 0;
    const update = (): void => this.#update();
    this.#store.add(connections.onDidChange(update));
    this.#store.add(subscriptions.onDidChange(update));
    this.#store.add(tunnel.onDidChangeState(update));
    this.#store.add(publicAddress.onDidChange(update));
    this.#store.add(
      history.onDidAppend(() => {
        this.#hasEvents = true;
        update();
      }),
    );
    update();
  }

  get progress(): Progress {
    return {
      crm: furthest(this.#deps.connections.list()),
      subscribed: this.#subscribed(),
      events: this.#hasEvents ? "some" : "none",
      address: this.#address(),
    };
  }

  dispose(): void {
    this.#store.dispose();
  }

  #subscribed(): Progress["subscribed"] {
    const { connections, subscriptions, arrivals } = this.#deps;
    return subscribedTo(connections.list(), id => subscriptions.stateOf(id), arrivals());
  }

  #address(): Progress["address"] {
    const { address } = this.#deps.tunnel;
    if (address === undefined) return "none";
    return isPublic(new URL(address)) ? "public" : "private";
  }

  #update(): void {
    const entries = Object.entries(this.progress).filter(([name, value]) => this.#shown.get(name) !== value);
    const keys: Readonly<Record<string, string>> = contextKeys;
    for (const [name, value] of entries) {
      this.#shown.set(name, String(value));
      void vscode.commands.executeCommand("setContext", keys[name], value);
    }
    if (entries.length > 0) this.#changed.fire();
  }
}
