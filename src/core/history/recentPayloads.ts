/** So many bytes are kept in all, and of one payload: those of some hundred notifications. */
const mostBytes = 2 * 1024 * 1024;
const largestPayload = 1024 * 1024;

/** The newest payloads by the id of their event, so that what was read of them (readEvent.ts) serves whoever asks next. */
export class RecentPayloads {
  readonly #payloads = new Map<number, Uint8Array>();
  #bytes = 0;

  of(id: number): Uint8Array | undefined {
    return this.#payloads.get(id);
  }

  keep(id: number, payload: Uint8Array): void {
    if (payload.byteLength > largestPayload) return;
    this.#payloads.set(id, payload);
    this.#bytes += payload.byteLength;
    for (const [oldest, { byteLength }] of this.#payloads) {
      if (this.#bytes <= mostBytes) return;
      this.#payloads.delete(oldest);
      this.#bytes -= byteLength;
    }
  }

  clear(): void {
    this.#payloads.clear();
    this.#bytes = 0;
  }
}
