/** Runs one task at a time: a later one ends the earlier, and begins when that has let go of what it held. */
export class LatestTask {
  #current: { readonly abort: AbortController; readonly ended: Promise<undefined> } | undefined;

  /** Asks the task that runs now, if one does, to end. */
  end(): void {
    this.#current?.abort.abort();
  }

  /** What `task` gives; its signal aborts when a later task begins, and with {@link end}. */
  async run<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const earlier = this.#current;
    const abort = new AbortController();
    const ended = Promise.withResolvers<undefined>();
    this.#current = { abort, ended: ended.promise };
    earlier?.abort.abort();
    try {
      await earlier?.ended;
      return await task(abort.signal);
    } finally {
      ended.resolve(undefined);
    }
  }
}
