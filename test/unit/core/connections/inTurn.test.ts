import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inTurn, turnLost } from "../../../../src/core/connections/inTurn.ts";
import type { Exclusive } from "../../../../src/core/windows/turns.ts";

/** Turns of which the first `lost` become another window's before they are asked about. */
function turnsOfWhich(lost: number): { readonly names: string[]; readonly exclusive: Exclusive } {
  const names: string[] = [];
  return {
    names,
    exclusive: async (name, work) => {
      names.push(name);
      return work(() => names.length > lost);
    },
  };
}

const write = async (isOurs: () => boolean): Promise<string | typeof turnLost> =>
  Promise.resolve(isOurs() ? "written" : turnLost);

describe("what changes a secret in its turn", () => {
  it("begins again with another turn where that became another window's before it wrote", async () => {
    const { names, exclusive } = turnsOfWhich(1);
    assert.equal(await inTurn({ exclusive }, "key", write), "written");
    assert.deepEqual(names, ["key", "key"]);
  });

  it("goes on all the same where no turn lasts", async () => {
    const { names, exclusive } = turnsOfWhich(Infinity);
    assert.equal(await inTurn({ exclusive }, "key", write), "written");
    assert.equal(names.length, 3);
  });

  it("needs no turn where nobody else changes anything", async () => {
    assert.equal(await inTurn({}, "key", write), "written");
  });
});
