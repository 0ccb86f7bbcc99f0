import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import fc from "fast-check";
import { silentLogger } from "../../../src/base/logger.ts";
import { type EventFilter, type FilterTerm, choices } from "../../../src/core/filter/eventFilter.ts";
import { EventHistory } from "../../../src/core/history/eventHistory.ts";
import { presentRow } from "../../../src/core/inspector/presentRow.ts";
import { TokenBook } from "../../../src/core/events/tokenBook.ts";
import type { Sort } from "../../../src/protocol/inspector.ts";
import { capturedPost, latinBody, notificationBody } from "../../support/eventBodies.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { matchesFilter } from "../../support/matchesFilter.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const channels = ["1105420521999070702", "1105420521999070703", "1105420521999070704"] as const;
const modules = ["Leads", "Deals", "Site_Visits"] as const;
const fields = ["Stage", "Phone", "Closing_Date", "Owner"] as const;
const records = ["6756839000000575405", "6756839000000575406", "17"] as const;
const words = ["site", "visit", "scheduled", "Zürich", "見学予約", "don't", "σίσυφος", "100"] as const;
const start = 1_750_000_000_000;

interface Told {
  readonly module: string | null;
  readonly operation: unknown;
  readonly channel: unknown;
  readonly ids: readonly string[];
  readonly fields: readonly string[];
  readonly token: unknown;
  readonly words: readonly string[];
}

const told = fc.record<Told>({
  module: fc.constantFrom(...modules, null),
  operation: fc.constantFrom<unknown>("insert", "update", "DELETE", "restore", "Merge", null, { word: "edit" }),
  channel: fc.constantFrom<unknown>(...channels, null),
  ids: fc.uniqueArray(fc.constantFrom(...records), { minLength: 1 }),
  fields: fc.uniqueArray(fc.constantFrom(...fields)),
  token: fc.constantFrom<unknown>("good", "bad", null, 5, { token: "good" }),
  words: fc.array(fc.constantFrom(...words), { maxLength: 4 }),
});

function bodyOf({ ids, words: spoken, channel, fields: changed, ...rest }: Told): string {
  const values = ids.map(id => ({
    record_id: id,
    values: Object.fromEntries(changed.map(name => [name, spoken.join(" ")])),
  }));
  const named = ids.map(id => ({ [id]: changed }));
  return notificationBody({ ...rest, ids, channel_id: channel, affected_fields: named, affected_values: values });
}

function postOf(body: string): Uint8Array {
  return capturedPost(body, { query: "from=the%20CRM", headers: [["X-Office", "Zürich (site)"]] });
}

/** More than a row names, with a name that is too long. */
const many = Array.from({ length: 150 }, (_each, index) => String(5_000 + index));
const longName = "m".repeat(250);

function crowded(each: Told): string {
  return bodyOf({ ...each, module: longName, ids: [...each.ids, ...many] });
}

function formOf({ module, words: spoken }: Told): Uint8Array {
  const form = new URLSearchParams({ module: module ?? "", note: spoken.join(" ") }).toString();
  return capturedPost(form, { headers: [["Content-Type", "application/x-www-form-urlencoded"]] });
}

const payload = fc.oneof(
  { weight: 1, arbitrary: told.map(crowded).map(postOf) },
  { weight: 1, arbitrary: told.map(formOf) },
  { weight: 1, arbitrary: fc.constant(capturedPost(latinBody())) },
  { weight: 8, arbitrary: told.map(bodyOf).map(postOf) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom(...words)).map(spoken => postOf(spoken.join("-"))) },
  { weight: 1, arbitrary: fc.constant(postOf('{"operation": "broken')) },
);

const entry = fc.record({
  payload,
  unreadable: fc.boolean(),
  pinned: fc.boolean(),
  at: fc.integer({ min: 0, max: 100 }),
});

const state = fc.constantFrom("held", "queued", "sending", "waiting", "answered", "failed", "stopped");
const handling = fc.record({ state, status: fc.constantFrom(200, 404, 503), attempts: fc.constantFrom(0, 1) });

const negated = fc.boolean();
const namesOf = (values: readonly string[]): fc.Arbitrary<string[]> =>
  fc.array(
    fc.constantFrom(...values).chain(value => fc.constantFrom(value, value.toLowerCase(), value.toUpperCase())),
    { minLength: 1, maxLength: 2 },
  );
const choiceOf = (key: keyof typeof choices): fc.Arbitrary<FilterTerm> =>
  fc.record({ key: fc.constant(key), negated, values: fc.subarray(Object.keys(choices[key]), { minLength: 1 }) });

const text = fc.oneof(
  fc
    .array(fc.constantFrom(...words, "VISIT", "sch", "leads"), { minLength: 1, maxLength: 3 })
    .map(parts => parts.join(" ")),
  fc.constantFrom(
    '"',
    "OR",
    "NEAR(site visit)",
    "site*",
    "text: site",
    "(",
    "'; DROP TABLE event; --",
    "a\0b",
    "-visit",
  ),
);

const term: fc.Arbitrary<FilterTerm> = fc.oneof(
  fc.record({
    key: fc.constant("module" as const),
    negated,
    values: namesOf([...modules, longName.slice(0, 200), longName, "none"]),
  }),
  fc.record({
    key: fc.constant("operation" as const),
    negated,
    values: namesOf(["create", "edit", "delete", "restore", "merge", "none"]),
  }),
  fc.record({ key: fc.constant("field" as const), negated, values: namesOf(fields) }),
  fc.record({ key: fc.constant("id" as const), negated, values: namesOf(records) }),
  fc.record({ key: fc.constant("channel" as const), negated, values: namesOf([...channels, "none"]) }),
  ...Object.keys(choices).map(key => choiceOf(key as keyof typeof choices)),
  fc.record({
    key: fc.constantFrom("since" as const, "before" as const),
    negated,
    at: fc.integer({ min: start, max: start + 100 }),
  }),
  fc.record({
    key: fc.constant("status" as const),
    negated,
    ranges: fc.subarray(
      [
        { from: 0, to: 0 },
        { from: 200, to: 299 },
        { from: 404, to: 404 },
      ],
      { minLength: 1 },
    ),
  }),
  fc.record({ key: fc.constant("text" as const), negated, text }),
);

/** The first channel's token is known, of the second another one, of the third none. */
function knownTokens(): TokenBook {
  const book = new TokenBook();
  book.learn(channels[0], "good");
  book.learn(channels[1], "another");
  return book;
}

function openHistory(test: TestContext, tokens: TokenBook): EventHistory {
  const file = join(temporaryFolder(test), "events.sqlite");
  const history = EventHistory.open(file, {
    clock: new FakeClock(),
    logger: silentLogger,
    tokens: () => tokens.known(),
  });
  test.after(() => history.close());
  return history;
}

/** A few hundred entries of all kinds, from a seed. */
function filledHistory(test: TestContext, tokens: TokenBook): EventHistory {
  const history = openHistory(test, tokens);
  const entries = fc.sample(entry, { numRuns: 300, seed: 5 });
  const sink = history.sinkFor("https://relay.example.com", "channel");
  sink.store(
    entries.map(({ payload: bytes, unreadable, at }, index) => ({
      ...{ sequence: index + 1, receivedAt: start + at, payload: bytes },
      ...(unreadable && index % 7 === 0 ? { unreadable: "no-key" as const } : {}),
    })),
  );
  sink.recordGap({ from: 301, to: 310, reason: "retention" });
  history.recover("c", [
    {
      ...{ channelId: channels[0], module: "Deals", operation: "delete", recordId: records[0], changedAt: start },
      payload: { name: "Visit of the site", record: { id: records[0], Stage: "site\nvisit" } },
    },
  ]);
  history.pin(entries.flatMap(({ pinned }, index) => (pinned ? [index + 1] : [])));
  for (const [index, each] of fc.sample(handling, { numRuns: 60, seed: 6 }).entries()) {
    const { status, ...rest } = each;
    history.setHandling([index * 3 + 1], each.state === "answered" ? { ...rest, status } : rest);
  }
  return history;
}

/** Whether any filter shows what the rows say; gives how many of the filters told events apart. */
function assertAgreement(history: EventHistory, tokens: TokenBook, numRuns: number): number {
  const all = history.select().page(0, 1_000);
  let found = 0;
  fc.assert(
    fc.property(fc.array(term, { maxLength: 3 }), filter => {
      const expected = all.filter(event => matchesFilter(event, filter, tokens)).map(({ id }) => id);
      assert.deepEqual(shown(history, filter), expected);
      found += Number(expected.length > 0 && expected.length < all.length);
    }),
    { numRuns, seed: 7 },
  );
  return found;
}

function shown(history: EventHistory, filter: EventFilter, sort?: Sort): number[] {
  return history.select(filter, sort).idsAt(0, 1_000);
}

describe("a filter over the history", () => {
  it("shows the events that meet every term of it, and no others", test => {
    const tokens = knownTokens();
    const found = assertAgreement(filledHistory(test, tokens), tokens, 300);
    assert.ok(found > 60, `${found} filters that tell events apart`);
  });

  it("shows none of those that were deleted and are still in the file", test => {
    const tokens = knownTokens();
    const history = filledHistory(test, tokens);
    const before = history.count();
    const crowdedOnes = shown(history, [{ key: "id", values: ["5149"], negated: false }]);
    const gone = new Set([...crowdedOnes.slice(1), ...shown(history, []).filter(id => id % 3 === 0)]);
    history.delete([...gone]);
    assert.equal(history.count(), before - gone.size);
    assert.deepEqual(
      shown(history, []).filter(id => gone.has(id)),
      [],
    );
    assertAgreement(history, tokens, 100);
  });

  it("shows the same whatever the order, and what has no value at the end", test => {
    const history = filledHistory(test, knownTokens());
    const filter: EventFilter = [{ key: "text", text: "site", negated: false }];
    for (const column of ["time", "operation", "module", "record", "source", "handler", "latency", "size"] as const) {
      for (const descending of [false, true]) {
        const sorted = shown(history, filter, { column, descending });
        assert.deepEqual(
          sorted.toSorted((one, other) => one - other),
          shown(history, filter),
          column,
        );
      }
    }
    const operations = history.select([], { column: "operation", descending: true }).page(0, 1_000).map(operationOf);
    const valued = operations.filter(operation => operation !== undefined);
    assert.deepEqual(operations.slice(0, valued.length), valued.toSorted().reverse());
  });

  it("takes in what arrives, as far as it shows it, and says of changed events whether it shows them", test => {
    const history = openHistory(test, knownTokens());
    const sink = history.sinkFor("https://relay.example.com", "channel");
    const deals = history.select([{ key: "module", values: ["Deals"], negated: false }]);
    const pinned = history.select([{ key: "is", values: ["pinned"], negated: false }]);
    const bodies = ["Deals", "Leads", "Deals"].map(module => notificationBody({ module }));
    sink.store(bodies.map((body, index) => ({ sequence: index + 1, receivedAt: index, payload: capturedPost(body) })));
    assert.equal(deals.extend(), 2);
    assert.deepEqual(deals.idsAt(0, 10), [1, 3]);
    assert.equal(deals.offsetOf(3), 1);
    assert.equal(deals.extend(), 0);
    history.pin([2]);
    assert.deepEqual(pinned.shown([1, 2, 3]), new Set([2]));
  });

  it("finds words in what people read: escapes, forms, queries, headers, and scripts without blanks", test => {
    const history = openHistory(test, knownTokens());
    const form = { headers: [["Content-Type", "application/x-www-form-urlencoded"]] as [string, string][] };
    history.sinkFor("https://relay.example.com", "channel").store([
      { sequence: 1, receivedAt: 1, payload: capturedPost('{"Name": "Caf\\u00e9\\nNowak"}') },
      { sequence: 2, receivedAt: 2, payload: capturedPost("name=Site+visit&town=Z%C3%BCrich", form) },
      { sequence: 3, receivedAt: 3, payload: capturedPost("{}", { query: "office=Site%20visit" }) },
      { sequence: 4, receivedAt: 4, payload: capturedPost('{"Name": "現地見学予約"}') },
    ]);
    const ids = (words_: string): number[] => shown(history, [{ key: "text", text: words_, negated: false }]);
    assert.deepEqual(ids("café nowak"), [1]);
    assert.deepEqual(ids("SITE VIS"), [2, 3]);
    assert.deepEqual(ids("zürich"), [2]);
    assert.deepEqual(ids("見学"), [4]);
    assert.deepEqual(ids("visit site"), []);
  });
});

function operationOf(event: ReturnType<EventHistory["get"]>): string | undefined {
  if (event?.kind === "recovered") return event.operation;
  if (event === undefined) return undefined;
  const { content } = presentRow(event, { verify: () => "unknown" });
  return content.kind === "notification" ? content.operation : undefined;
}
