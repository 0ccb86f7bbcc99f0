import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Result, fail, succeed } from "../../../src/base/result.ts";
import { type Gathered, type NumberedPage, readOverlappingPages } from "../../../src/zoho/overlappingPages.ts";
import { errorOf, valueOf } from "./scriptedTransport.ts";

interface Manners {
  readonly ignoresPage?: boolean;
  readonly ignoresPerPage?: boolean;
  /** Cuts pages to so many, whatever is asked for. */
  readonly ownSize?: number;
  /** Never says whether there is more. */
  readonly isSilent?: boolean;
  /** Says that there is more, always. */
  readonly promisesMore?: boolean;
  readonly longestPage?: number;
  readonly mostPages?: number;
  readonly mostByNumber?: number;
}

/** A server with a list that others change between two pages. */
class MovingList {
  readonly asked: (readonly [page: number, perPage: number])[] = [];
  items: number[];
  readonly #manners: Manners;
  readonly #changes: ((items: number[]) => void)[];

  constructor(count: number, manners: Manners = {}, ...changes: readonly ((items: number[]) => void)[]) {
    this.items = Array.from({ length: count }, (_, index) => index);
    this.#manners = manners;
    this.#changes = [...changes];
  }

  readonly read = async (page: number, perPage: number): Promise<Result<NumberedPage<number>, string>> => {
    const { ignoresPage = false, ignoresPerPage = false, longestPage = 200, ownSize = longestPage } = this.#manners;
    this.asked.push([page, perPage]);
    const size = ignoresPerPage ? ownSize : Math.min(perPage, ownSize);
    const start = ignoresPage ? 0 : (page - 1) * size;
    const items = this.items.slice(start, start + size);
    const more = this.#manners.promisesMore === true || start + size < this.items.length;
    this.#changes.shift()?.(this.items);
    return Promise.resolve(succeed({ items, more: this.#manners.isSilent === true ? undefined : more }));
  };

  async gather(): Promise<Gathered<number>> {
    const { longestPage = 200, mostPages = 100, mostByNumber = Infinity } = this.#manners;
    const limits = { longestPage, mostPages, mostByNumber };
    return valueOf(await readOverlappingPages({ ...limits, read: this.read, keyOf: String }));
  }
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

describe("a list that is read by page numbers", () => {
  it("costs one page more than it has at most where nothing moves, each page beginning within the one before", async () => {
    const list = new MovingList(450);
    assert.deepEqual(await list.gather(), { items: numbers(450), complete: true });
    assert.deepEqual(list.asked, [
      [1, 200],
      [2, 199],
      [3, 198],
    ]);
  });

  it("is one call where it fits into a page, to the last item", async () => {
    for (const count of [0, 1, 200]) {
      const list = new MovingList(count);
      assert.deepEqual(await list.gather(), { items: numbers(count), complete: true });
      assert.equal(list.asked.length, 1);
    }
  });

  it("is read again where something was deleted before the end of a page, and then whole", async () => {
    const list = new MovingList(450, {}, items => items.shift());
    assert.deepEqual(await list.gather(), { items: numbers(450).slice(1), complete: true });
    assert.deepEqual(list.asked.slice(0, 4), [
      [1, 200],
      [2, 199],
      [1, 200],
      [2, 199],
    ]);
  });

  it("is all that was ever seen, and not complete, where it never stands still", async () => {
    let next = 1_000;
    const change = (items: number[]): void => {
      items.shift();
      items.push(next++);
    };
    const list = new MovingList(450, {}, ...Array.from({ length: 100 }, () => change));
    const { items, complete, cutAt } = await list.gather();
    assert.deepEqual([complete, cutAt], [false, undefined]);
    assert.equal(new Set(items).size, items.length);
    assert.ok(list.asked.length <= 12, String(list.asked.length));
  });

  it("gives no half where a page fails", async () => {
    const list = new MovingList(450);
    const read: MovingList["read"] = async (page, perPage) => (page === 2 ? fail("no") : list.read(page, perPage));
    const limits = { longestPage: 200, mostPages: 100 };
    assert.equal(errorOf(await readOverlappingPages({ ...limits, read, keyOf: String })), "no");
  });

  const kept = [
    [{ ignoresPerPage: true }, 450],
    [{ ignoresPerPage: true }, 350],
    [{ ignoresPerPage: true, ownSize: 100 }, 450],
    [{ ownSize: 100 }, 450],
    [{ ownSize: 1 }, 12],
    [{ isSilent: true }, 450],
    [{ isSilent: true, ownSize: 50 }, 120],
    [{ isSilent: true, ownSize: 50 }, 100],
    [{ isSilent: true, ignoresPerPage: true, ownSize: 50 }, 120],
    [{ isSilent: true, ignoresPage: true }, 50],
    [{ isSilent: true, ownSize: 1 }, 3],
    [{ isSilent: true, ignoresPage: true, ignoresPerPage: true, ownSize: 1_000 }, 450],
  ] as const;
  for (const [manners, count] of kept) {
    it(`is whole with a server that has manners of its own: ${JSON.stringify(manners)}, ${count} items`, async () => {
      const list = new MovingList(count, manners);
      assert.deepEqual(await list.gather(), { items: numbers(count), complete: true });
    });
  }

  it("is asked for one page more where it seems to end and the server says nothing", async () => {
    const calls = async (count: number): Promise<number> => {
      const list = new MovingList(count, { isSilent: true });
      assert.deepEqual(await list.gather(), { items: numbers(count), complete: true });
      return list.asked.length;
    };
    // A page that begins within the one before shows that the server gives as many as were asked for.
    const counts = [await calls(0), await calls(1), await calls(199), await calls(200), await calls(300)];
    assert.deepEqual(counts, [1, 2, 2, 2, 2]);
  });

  it("is read twice, to an empty page, where the server says nothing and cuts pages to a size of its own", async () => {
    const list = new MovingList(120, { isSilent: true, ownSize: 50 });
    assert.equal((await list.gather()).complete, true);
    assert.equal(list.asked.length, 8);
  });

  it("is read again where the server promised more and had none, since something moved meanwhile", async () => {
    const list = new MovingList(51, { ownSize: 50 }, items => items.shift());
    assert.deepEqual(await list.gather(), { items: numbers(51).slice(1), complete: true });
  });

  it("is read again where a page of a size of the server's own repeats another, since something moved meanwhile", async () => {
    const nothing = (): undefined => undefined;
    const moves = [nothing, (items: number[]) => items.splice(0, 2), (items: number[]) => items.unshift(100, 101, 102)];
    const list = new MovingList(13, { isSilent: true, ownSize: 4 }, ...moves);
    const { items } = await list.gather();
    assert.deepEqual(
      numbers(13).filter(item => item > 1 && !items.includes(item)),
      [],
    );
  });

  it("is not complete where a server says nothing, seems to end, and may not be asked again", async () => {
    const list = new MovingList(120, { isSilent: true, ownSize: 50, mostPages: 1 });
    assert.deepEqual(await list.gather(), { items: numbers(50), complete: false });
  });

  it("is not complete where the server ignores page numbers and says that there is more", async () => {
    const list = new MovingList(450, { ignoresPage: true });
    assert.deepEqual(await list.gather(), { items: numbers(200), complete: false, cutAt: 200 });
    assert.equal(list.asked.length, 2);
    const small = new MovingList(150, { ignoresPage: true });
    assert.deepEqual(await small.gather(), { items: numbers(150), complete: true });
    assert.equal(small.asked.length, 1);
  });

  it("ends where a server always promises more", async () => {
    for (const count of [0, 1, 200, 450]) {
      const list = new MovingList(count, { promisesMore: true });
      const { items, complete } = await list.gather();
      assert.deepEqual([items, complete], [numbers(count), false]);
      assert.ok(list.asked.length <= 6);
    }
  });

  it("takes no more pages than it may, nor beyond where page numbers reach, and says so", async () => {
    const far = new MovingList(30_000);
    assert.equal((await far.gather()).complete, false);
    assert.equal(far.asked.length, 100);
    const shrinking = new MovingList(1_000, { longestPage: 10 });
    assert.deepEqual(await shrinking.gather(), { items: numbers(30), complete: false });
    assert.equal(shrinking.asked.length, 5);
    const few = new MovingList(1_000, { mostPages: 2 });
    assert.deepEqual(await few.gather(), { items: numbers(398 + 1).slice(0, 398), complete: false });
    const near = new MovingList(5_000, { mostByNumber: 2_000 });
    assert.deepEqual(await near.gather(), { items: numbers(1_910), complete: false });
  });

  it("has whatever existed throughout, or says that it is not complete, however it moves", async () => {
    const change = fc.record({ at: fc.nat(12), isDeletion: fc.boolean() });
    const changes = fc.array(fc.array(change, { maxLength: 2 }), { maxLength: 14 });
    const manners = fc.constantFrom<Manners>({}, { ignoresPerPage: true }, { ownSize: 4 }, { isSilent: true });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 40 }), changes, manners, async (count, steps, own) => {
        let next = 1_000;
        const gone = new Set<number>();
        const apply = (items: number[], at: number, isDeletion: boolean): void => {
          const place = Math.min(at * 3, items.length);
          if (isDeletion) items.splice(place, 1).forEach(item => gone.add(item));
          else items.splice(place, 0, next++);
        };
        const moves = steps.map(step => (items: number[]) => {
          for (const { at, isDeletion } of step) apply(items, at, isDeletion);
        });
        const list = new MovingList(count, { ...own, longestPage: 10 }, ...moves);
        const { items, complete } = await list.gather();
        assert.equal(new Set(items).size, items.length);
        const stayed = numbers(count).filter(item => !gone.has(item));
        if (complete)
          assert.deepEqual(
            stayed.filter(item => !items.includes(item)),
            [],
          );
      }),
      { seed: 20_261_129, numRuns: 3_000 },
    );
  });
});
