import { type Result, succeed } from "../base/result.ts";

/** A page as a server gave it. */
export interface NumberedPage<T> {
  readonly items: readonly T[];
  /** Whether more follow; undefined where the server does not say. */
  readonly more: boolean | undefined;
}

/** A list that is had by page numbers, and may change while it is read. */
export interface PagedList<T, E> {
  readonly read: (page: number, perPage: number) => Promise<Result<NumberedPage<T>, E>>;
  /** What an item is known by: no two of a list have the same. */
  readonly keyOf: (item: T) => string;
  /** The most items of one page. */
  readonly longestPage: number;
  /** The most pages that may be read in all. */
  readonly mostPages: number;
  /** The most items that page numbers reach. Default: all. */
  readonly mostByNumber?: number;
}

/** All that was read of a list. */
export interface Gathered<T> {
  /** Each once, in the order in which they came. */
  readonly items: readonly T[];
  /** False where the list kept moving, or the server gave no way to all of it. */
  readonly complete: boolean;
  /** So many items the server gives and no others, though it may have more: to read again would bring no more. */
  readonly cutAt?: number;
}

/** How often a list is read that moves meanwhile. */
const mostSweeps = 4;

/** After so many sweeps whose pages do not join, the server may simply not take `per_page`: then pages are compared. */
const mostJoinedSweeps = 2;

/**
 * All items of a list. Each page is asked for so that it begins within the one before: pages of n, n-1, n-2… items
 * share one, two, three… items. Where these are the same, nothing moved from a page that was not read yet to one that
 * was. Else, the list is read again. Where the server cuts pages to a size of its own, no two share anything: then the
 * list is read until two readings are equal. Where the server does not say whether there is more, a page that is shorter
 * than was asked for may be the last or of that own size: only the page after it shows which.
 */
export async function readOverlappingPages<T, E>(list: PagedList<T, E>): Promise<Result<Gathered<T>, E>> {
  const reading = new ListReading(list);
  for (let sweep = 1; sweep <= mostSweeps; sweep++) {
    const end = await reading.sweep(sweep <= mostJoinedSweeps);
    if (!end.ok) return end;
    if (end.value === "whole") return succeed({ items: reading.lastSwept, complete: true });
    const items = reading.everSeen;
    if (end.value === "cut") return succeed({ items, complete: false, cutAt: items.length });
    if (end.value === "far") break;
  }
  return succeed({ items: reading.everSeen, complete: false });
}

/**
 * How a reading from the first page on ended. "whole": it has all there is. "moved": it may have passed something over.
 * "cut": the server gives no more, though it may have more. "far": there are more pages than may be read.
 */
type SweepEnd = "whole" | "moved" | "cut" | "far";

class ListReading<T, E> {
  readonly #list: PagedList<T, E>;
  readonly #ever = new Map<string, T>();
  #swept = new Map<string, T>();
  #pagesRead = 0;
  #saidMore = false;
  /** The server's pages are of a size of its own. */
  #ownSize = false;
  /** The keys of the sweep before this one. */
  #before: readonly string[] | undefined;

  constructor(list: PagedList<T, E>) {
    this.#list = list;
  }

  get lastSwept(): readonly T[] {
    return [...this.#swept.values()];
  }

  get everSeen(): readonly T[] {
    return [...this.#ever.values()];
  }

  async sweep(mayJoin: boolean): Promise<Result<SweepEnd, E>> {
    this.#swept = new Map();
    this.#ownSize ||= !mayJoin;
    const pages: (readonly string[])[] = [];
    while (this.#isWithinReach(pages.length + 1)) {
      const page = await this.#list.read(pages.length + 1, this.#sizeOf(pages.length + 1));
      if (!page.ok) return page;
      const end = this.#take(page.value, pages);
      if (end !== undefined) return succeed(end);
    }
    return succeed("far");
  }

  /** Adds the next page to those of the sweep; how the sweep ends where it ends with it. */
  #take({ items, more: told }: NumberedPage<T>, pages: (readonly string[])[]): SweepEnd | undefined {
    this.#pagesRead++;
    const number = pages.length + 1;
    const asked = this.#sizeOf(number);
    const keys = items.map(this.#list.keyOf);
    const followsShort = this.#isShort(pages.at(-1), number - 1);
    this.#saidMore ||= told === true;
    this.#ownSize ||=
      keys.length > asked || (told === true && keys.length < asked) || (followsShort && keys.length > 0);
    const more = told ?? this.#mayGoOn(number, keys);
    if (more && this.#isRepetition(number, keys)) return this.#mayHaveMore(keys) ? "cut" : this.#endOf(pages);
    if (followsShort && keys.length === 0 && !this.#saidMore) return this.#endOf(pages);
    this.#add(items, keys);
    if (!this.#ownSize && !joins(pages.at(-1), keys, number - 1)) return "moved";
    pages.push(keys);
    return more ? undefined : this.#endOf(pages);
  }

  /**
   * True where a server that says nothing may have more after this page. A page that begins within a full one shows that
   * the server gives as many as were asked for: then a short one is the last.
   */
  #mayGoOn(number: number, keys: readonly string[]): boolean {
    const tellsBySize = number > 1 && !this.#ownSize;
    return keys.length > 0 && !(tellsBySize && this.#isShort(keys, number));
  }

  #isShort(keys: readonly string[] | undefined, number: number): boolean {
    return keys !== undefined && keys.length < this.#sizeOf(number);
  }

  /** True where a page brings nothing, as that of a server that does not know page numbers. */
  #isRepetition(number: number, keys: readonly string[]): boolean {
    return (number === 2 || this.#ownSize) && keys.every(key => this.#swept.has(key));
  }

  /** A server that gives the same again has more where it said so. Where it says nothing, a full page may be all or not. */
  #mayHaveMore(keys: readonly string[]): boolean {
    return this.#saidMore || keys.length === this.#list.longestPage;
  }

  #add(items: readonly T[], keys: readonly string[]): void {
    for (const [index, item] of items.entries()) {
      const key = keys[index] ?? "";
      this.#swept.set(key, item);
      this.#ever.set(key, item);
    }
  }

  /** One page is of one moment, joined pages are as good; others are where a second reading finds the same. */
  #endOf(pages: readonly (readonly string[])[]): SweepEnd {
    if (!this.#ownSize || pages.length === 1) return "whole";
    const keys = pages.flat();
    const isSame = this.#before !== undefined && isEqual(this.#before, keys);
    this.#before = keys;
    return isSame ? "whole" : "moved";
  }

  #sizeOf(page: number): number {
    return this.#ownSize ? this.#list.longestPage : this.#list.longestPage + 1 - page;
  }

  #isWithinReach(page: number): boolean {
    const { mostPages, mostByNumber = Infinity, longestPage } = this.#list;
    // From the middle on, pages that shrink reach no further.
    const reaches = this.#ownSize || page <= longestPage / 2;
    return reaches && this.#pagesRead < mostPages && page * this.#sizeOf(page) <= mostByNumber;
  }
}

/** True where the last `shared` keys of a page are the first of the next. */
function joins(last: readonly string[] = [], next: readonly string[], shared: number): boolean {
  return shared === 0 || isEqual(last.slice(-shared), next.slice(0, shared));
}

function isEqual(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((key, index) => key === others[index]);
}
