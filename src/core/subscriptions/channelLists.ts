import type { Disposable } from "../../base/lifecycle.ts";
import { sameSignIn } from "../connections/clients.ts";
import type { Connection } from "../connections/connection.ts";
import type { ConnectionStore } from "../connections/connectionStore.ts";
import type { ChannelList } from "./channelList.ts";

export interface ChannelListsOptions {
  readonly store: Pick<ConnectionStore, "list" | "get" | "onDidChange">;
  readonly makeList: (connectionId: string) => ChannelList;
  /** A connection and its list are gone. */
  readonly onDidDrop: (connectionId: string) => void;
}

interface Followed {
  readonly connection: Connection;
  readonly list: ChannelList;
}

/** One list for each connection, read when the connection appears or is signed in anew, dropped when it goes. */
export class ChannelLists implements Disposable {
  readonly #options: ChannelListsOptions;
  readonly #followed = new Map<string, Followed>();
  readonly #following: Disposable;

  constructor(options: ChannelListsOptions) {
    this.#options = options;
    this.#following = options.store.onDidChange(() => this.#follow());
  }

  /** The list of a connection that has been read, or is being read. */
  known(connectionId: string): ChannelList | undefined {
    return this.#followed.get(connectionId)?.list;
  }

  /** The list of a connection, made where there is none; undefined when there is no such connection. */
  of(connectionId: string): ChannelList | undefined {
    const connection = this.#options.store.get(connectionId);
    const known = this.known(connectionId);
    if (known !== undefined || connection === undefined) return known;
    const list = this.#options.makeList(connectionId);
    this.#followed.set(connectionId, { connection, list });
    return list;
  }

  /** Reads all of them as they are from now on. */
  refreshAnew(): void {
    for (const { list } of this.#followed.values()) void list.refreshAnew();
  }

  dispose(): void {
    this.#following.dispose();
    for (const { list } of this.#followed.values()) list.dispose();
  }

  #follow(): void {
    for (const [id, followed] of this.#followed) this.#followOne(id, followed);
    for (const { id } of this.#options.store.list()) if (this.known(id) === undefined) void this.of(id)?.refresh();
  }

  #followOne(id: string, { connection, list }: Followed): void {
    const now = this.#options.store.get(id);
    if (now === undefined) {
      list.dispose();
      this.#followed.delete(id);
      this.#options.onDidDrop(id);
    } else if (!sameSignIn(now, connection)) {
      this.#followed.set(id, { connection: now, list });
      void list.refreshAnew();
    }
  }
}
