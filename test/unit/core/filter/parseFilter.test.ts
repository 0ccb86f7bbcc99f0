import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { hour } from "../../../../src/base/clock.ts";
import { formatNames } from "../../../../src/core/filter/formatFilter.ts";
import { parseFilter } from "../../../../src/core/filter/parseFilter.ts";
import { quote, tokenize } from "../../../../src/core/filter/tokens.ts";

const now = Date.parse("2026-11-24T12:00:00Z");
const clock = { now: () => now };

function terms(text: string): unknown {
  const parsed = parseFilter(text, clock);
  assert.ok(parsed.ok, parsed.ok ? "" : parsed.error.message);
  return parsed.value;
}

function problem(text: string): { readonly message: string; readonly at: string } {
  const parsed = parseFilter(text, clock);
  assert.ok(!parsed.ok);
  return { message: parsed.error.message, at: text.slice(parsed.error.from, parsed.error.to) };
}

describe("a filter as people write it", () => {
  it("is empty where nothing is written, and shows everything", () => {
    assert.deepEqual([terms(""), terms("  \t ")], [[], []]);
  });

  it("has names, choices and text, negated by a minus", () => {
    assert.deepEqual(terms("module:Deals -token:bad site"), [
      { key: "module", values: ["Deals"], negated: false },
      { key: "token", values: ["bad"], negated: true },
      { key: "text", text: "site", negated: false },
    ]);
  });

  it("takes several values of one key, and quotes around what has blanks or commas", () => {
    assert.deepEqual(terms('module:Deals,"My Module","a,b" -"Site Visit"'), [
      { key: "module", values: ["Deals", "My Module", "a,b"], negated: false },
      { key: "text", text: "Site Visit", negated: true },
    ]);
  });

  it("takes the words of subscribing and of deliveries for operations", () => {
    for (const word of ["edit", "update", "UPDATED"]) {
      assert.deepEqual(terms(`operation:${word}`), [{ key: "operation", values: ["edit"], negated: false }]);
    }
    assert.deepEqual(terms("operation:insert,delete"), [
      { key: "operation", values: ["create", "delete"], negated: false },
    ]);
  });

  it("takes words for operations that subscriptions do not have, as Zoho may send them", () => {
    assert.deepEqual(terms("operation:restore,Update,none"), [
      { key: "operation", values: ["restore", "edit", "none"], negated: false },
    ]);
  });

  it("names the key that is meant by another name of it, or by its beginning", () => {
    const meant = (text: string): string | undefined => /mean “(\w+):”/.exec(problem(text).message)?.[1];
    const words = [
      "record:1",
      "Sender:x",
      "modules:Deals",
      "op:edit",
      "oper:edit",
      "chan:1",
      "stage:x",
      "constructor:x",
    ];
    assert.deepEqual(words.map(meant), [
      "id",
      "token",
      "module",
      undefined,
      "operation",
      "channel",
      undefined,
      undefined,
    ]);
  });

  it("takes statuses, classes of statuses, and none", () => {
    assert.deepEqual(terms("status:404,5xx,none"), [
      {
        key: "status",
        ranges: [
          { from: 404, to: 404 },
          { from: 500, to: 599 },
          { from: 0, to: 0 },
        ],
        negated: false,
      },
    ]);
  });

  it("counts times back from now, and takes dates", () => {
    assert.deepEqual(terms("since:2h before:2026-11-24T11:30:00Z"), [
      { key: "since", at: now - 2 * hour, negated: false },
      { key: "before", at: Date.parse("2026-11-24T11:30:00Z"), negated: false },
    ]);
    assert.deepEqual(terms("since:2026-11-20"), [
      { key: "since", at: new Date(2026, 10, 20).getTime(), negated: false },
    ]);
  });

  it("takes an address for text, and a colon in quotes", () => {
    assert.deepEqual(terms('https://hooks.example.com "stage:won"'), [
      { key: "text", text: "https://hooks.example.com", negated: false },
      { key: "text", text: "stage:won", negated: false },
    ]);
  });

  it("says what it does not understand, and where", () => {
    assert.deepEqual(problem("module:Deals stage:won"), {
      message: "There is no “stage:” to filter by. To search for it as text, put it in quotes.",
      at: "stage:won",
    });
    assert.deepEqual(problem("token:lost"), {
      message: "“token:” is one of ok, bad, none, unknown; not “lost”.",
      at: "token:lost",
    });
    assert.equal(problem("status:600").at, "status:600");
    assert.equal(problem("since:soon").at, "since:soon");
    assert.equal(problem("module:").message, "“module:” needs a value.");
    assert.equal(problem('say "cheese').message, "A quote is opened here and not closed.");
    assert.equal(problem('""').message, "There is nothing to search for between the quotes.");
    assert.match(problem("--").message, /^There is no word in this to search for/);
    assert.match(problem("constructor:x").message, /^There is no “constructor:”/);
  });

  it("reads any value as it was, once it is quoted", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter(value => value.trim() !== ""),
        value => {
          assert.deepEqual(terms(formatNames({ module: value })), [{ key: "module", values: [value], negated: false }]);
          const word = `${value}x`;
          assert.deepEqual(terms(quote(word)), [{ key: "text", text: word, negated: false }]);
        },
      ),
    );
  });

  it("never throws, and says where each piece stands", () => {
    fc.assert(
      fc.property(fc.string(), text => {
        parseFilter(text, clock);
        for (const { from, to, open } of tokenize(text)) {
          // A quote that nobody closed goes on to the end of the text, blanks and all.
          if (!open) assert.equal(text.slice(from, to).trim(), text.slice(from, to));
        }
      }),
    );
  });
});
