/** So many bytes are kept at least, and twice as many at most: those of some hundred notifications. */
const enoughBytes = 256 * 1024;
const largestPayload = 1024 * 1024;

/** The newest payloads by the id of their event, so that what was read of them (readEvent.ts) serves whoever asks next. */
export class RecentPayloads {
  #newer = new Map<number, Uint8Array>();
  #older: ReadonlyMap<number, Uint8Array> = new Map();
  #bytes = 0;

  of(id: number): Uint8Array | undefined {
    return this.#newer.get(id) ?? this.#older.get(id);
  }

  keep(id: number, payload: Uint8Array): void {
    if (payload.byteLength > largestPayload) return;
    if (this.#bytes >= enoughBytes) this.#age();
    this.#newer.set(id, payload);
    this.#bytes += payload.byteLength;
  }

  clear(): void {
    this.#age();
    this.#age();
  }

  #age(): void {
    this.#older = this.#newer;
    this.#newer = new Map();
    this.#bytes = 0;
  }
}
