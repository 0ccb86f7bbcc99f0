/**
 * The elements of XML or of a page that are open at a place. One that is not closed ends with the one that it is in, and
 * what is in a comment, in data or in an instruction closes nothing outside of it.
 */
export class OpenElements {
  readonly #names: string[] = [];
  /** How deep those of each name stand. */
  readonly #depths = new Map<string, number[]>();
  /** How deep begins what is in each aside. */
  readonly #asides: number[] = [];

  get depth(): number {
    return this.#names.length;
  }

  open(name: string): void {
    const key = name.toLowerCase();
    const depths = this.#depths.get(key) ?? [];
    this.#depths.set(key, depths);
    depths.push(this.depth);
    this.#names.push(key);
  }

  /** Closes the innermost of a name, with all that are open in it; none where none of it is open. */
  close(name: string): void {
    const depth = this.#depths.get(name.toLowerCase())?.at(-1) ?? -1;
    if (depth >= (this.#asides.at(-1) ?? 0)) this.#closeTo(depth);
  }

  enterAside(): void {
    this.#asides.push(this.depth);
  }

  leaveAside(): void {
    this.#closeTo(this.#asides.pop() ?? 0);
  }

  #closeTo(depth: number): void {
    while (this.depth > depth) this.#depths.get(this.#names.pop() ?? "")?.pop();
  }
}
