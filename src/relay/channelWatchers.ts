import { type Disposable, toDisposable } from "../base/lifecycle.ts";
import type { ChannelWatcher, LoggedEvent } from "./eventLog.ts";

/** Who listens to which channel of a log. */
export class ChannelWatchers {
  readonly #watchers = new Map<string, Set<ChannelWatcher>>();

  add(channel: string, watcher: ChannelWatcher): Disposable {
    const watchers = this.#watchers.get(channel) ?? new Set();
    this.#watchers.set(channel, watchers.add(watcher));
    return toDisposable(() => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.#watchers.get(channel) === watchers) this.#watchers.delete(channel);
    });
  }

  has(channel: string): boolean {
    return this.#watchers.has(channel);
  }

  appended(channel: string, events: readonly LoggedEvent[]): void {
    for (const watcher of this.#of(channel)) watcher.appended(events);
  }

  accessChanged(channel: string): void {
    for (const watcher of this.#of(channel)) watcher.accessChanged();
  }

  deleted(channel: string): void {
    for (const watcher of this.#of(channel)) watcher.deleted();
  }

  /** As of now: a watcher that hears something may leave or bring others. */
  #of(channel: string): readonly ChannelWatcher[] {
    return [...(this.#watchers.get(channel) ?? [])];
  }
}
