/**
 * Where the next of something stands at a place of a text or behind it. Who goes forward and asks at each step has it looked
 * for once, and not at each step again.
 */
export class NextPlace {
  readonly #find: (from: number) => number;
  #from = 0;
  #place = -1;

  /** `find` gives the end of the text where there is none. */
  constructor(find: (from: number) => number) {
    this.#find = find;
  }

  after(from: number): number {
    if (from >= this.#from && from <= this.#place) return this.#place;
    this.#from = from;
    return (this.#place = this.#find(from));
  }
}

/** The next of some characters or words; the end of the text where there is none. */
export function nextPlace(text: string, pattern: RegExp | string): NextPlace {
  if (typeof pattern === "string") return new NextPlace(from => placeOr(text.indexOf(pattern, from), text));
  const own = new RegExp(pattern, "g");
  return new NextPlace(from => {
    own.lastIndex = from;
    return own.exec(text)?.index ?? text.length;
  });
}

function placeOr(place: number, { length }: string): number {
  return place === -1 ? length : place;
}
