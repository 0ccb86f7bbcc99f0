import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { HttpTransport } from "../../zoho/httpTransport.ts";
import type { ZohoApi } from "../../zoho/zohoClient.ts";
import type { ConnectionStore } from "./connectionStore.ts";

export interface ZohoClientsOptions {
  readonly store: ConnectionStore;
  readonly transport: HttpTransport;
  readonly clock: Clock;
}

/** One client for each connection, so that each has one set of tokens. */
export class ZohoClients implements Disposable {
  constructor(_options: ZohoClientsOptions) {}
  /** The client of a connection; of one that is gone, a client that answers "signed out" to everything. */
  for(_connectionId: string): ZohoApi {
    throw new Error("Being written");
  }
  dispose(): void {
    throw new Error("Being written");
  }
}
