const columns = 6;

/** Rows are kept in blocks of so many, a power of two, so that growing never copies. */
const blockBits = 13;
const blockRows = 1 << blockBits;
const [start, end, next, key, parent, count] = [0, 1, 2, 3, 4, 5] as const;

/** Where the values of a JSON text are, in the order in which they begin; each is named by its number in that order. */
export class JsonTable {
  readonly #blocks: Int32Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Takes in a value that begins at `at`, with a key that begins at `keyAt` (or -1), in the value `inside` (or -1). */
  add(at: number, keyAt: number, inside: number): number {
    const node = this.#length++;
    if (node >>> blockBits === this.#blocks.length) this.#blocks.push(new Int32Array(blockRows * columns));
    this.#set(node, start, at);
    this.#set(node, key, keyAt);
    this.#set(node, parent, inside);
    if (inside !== -1) this.#set(inside, count, this.childrenOf(inside) + 1);
    return node;
  }

  /** The value ends before `at`; what comes next is no longer in it. */
  end(node: number, at: number): void {
    this.#set(node, end, at);
    this.#set(node, next, this.#length);
  }

  startOf(node: number): number {
    return this.#cell(node, start);
  }

  endOf(node: number): number {
    return this.#cell(node, end);
  }

  /** The first value after this one and all that is in it. */
  nextOf(node: number): number {
    return this.#cell(node, next);
  }

  /** Where its key begins; -1 for a value without one. */
  keyOf(node: number): number {
    return this.#cell(node, key);
  }

  /** The value that it is in; -1 for the outermost. */
  parentOf(node: number): number {
    return this.#cell(node, parent);
  }

  /** How many values are directly in it. */
  childrenOf(node: number): number {
    return this.#cell(node, count);
  }

  /** The last value that begins at `position` or before it. */
  lastBefore(position: number): number {
    let [low, high] = [0, this.#length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.startOf(middle) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #cell(node: number, column: number): number {
    return this.#blocks[node >>> blockBits]?.[(node & (blockRows - 1)) * columns + column] ?? -1;
  }

  #set(node: number, column: number, value: number): void {
    const block = this.#blocks[node >>> blockBits];
    if (block !== undefined) block[(node & (blockRows - 1)) * columns + column] = value;
  }
}
