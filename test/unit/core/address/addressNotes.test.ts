import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hour, second } from "../../../../src/base/clock.ts";
import { AddressNotes } from "../../../../src/core/address/addressNotes.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { KeptNotes } from "../recovery/keptNotes.ts";

const way = "cloudflared";
const url = "https://quiet-meadow.trycloudflare.com";

function aMachine() {
  const [kept, clock] = [new KeptNotes(), new FakeClock()];
  const window = (): AddressNotes => new AddressNotes(kept, clock);
  return { kept, clock, notes: window(), other: window() };
}

describe("what windows say of the public address", () => {
  it("is nothing before one holds it, and once it was taken back, by whichever window", () => {
    const { notes, other } = aMachine();
    assert.deepEqual(notes.read(), { kind: "nothing" });
    notes.say({ holder: "a", way, url });
    other.takeBack();
    assert.deepEqual(notes.read(), { kind: "nothing" });
  });

  it("is the last word of any window, with the address once there is one", () => {
    const { notes, other } = aMachine();
    notes.say({ holder: "a", way });
    assert.deepEqual(other.read(), { kind: "said", holder: "a", way, url: undefined });
    other.say({ holder: "b", way, url });
    assert.deepEqual(notes.read(), { kind: "said", holder: "b", way, url });
  });

  it("is silence after twelve seconds without a word, the same until somebody says something", () => {
    const { notes, clock } = aMachine();
    notes.say({ holder: "a", way, url });
    clock.advance(12 * second - 1);
    assert.equal(notes.read().kind, "said");
    clock.advance(1);
    const silence = notes.read();
    assert.equal(silence.kind, "silent");
    clock.advance(hour);
    assert.deepEqual(notes.read(), silence);
    notes.say({ holder: "a", way, url });
    clock.advance(hour);
    assert.notDeepEqual(notes.read(), silence);
  });

  it("is silence where it was said before the clock was set back, but not after a small step", () => {
    const { kept, clock, notes } = aMachine();
    notes.say({ holder: "a", way, url });
    const read = (back: number): string => new AddressNotes(kept, new FakeClock(clock.now() - back)).read().kind;
    assert.equal(read(second), "said");
    assert.equal(read(3 * hour), "silent");
  });

  it("is silence where it cannot be read, and of nobody in particular where an earlier version said it", () => {
    const { kept, clock, notes } = aMachine();
    kept.set("public-address", "{");
    assert.deepEqual(notes.read(), { kind: "silent", text: "{" });
    kept.set("public-address", JSON.stringify({ way, url, until: clock.now() + second }));
    assert.deepEqual(notes.read(), { kind: "said", holder: "", way, url });
  });
});
