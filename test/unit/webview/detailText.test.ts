import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mostValues } from "../../../src/base/jsonScanner.ts";
import { JsonSource } from "../../../src/base/jsonSource.ts";
import type { EventContent } from "../../../src/protocol/event.ts";
import type { EventDetail, EventRow } from "../../../src/protocol/inspector.ts";
import { EventBody } from "../../../src/webview/detail/eventBody.ts";
import { describeFault, placeOf } from "../../../src/webview/detail/jsonFault.ts";
import { loadAll } from "../../../src/webview/detail/loadAll.ts";
import { describeNoTree } from "../../../src/webview/detail/noTree.ts";
import { whyNotFetchable } from "../../../src/webview/detail/notFetchable.ts";
import { segmentsOf } from "../../../src/webview/detail/matches.ts";
import { indexAfterKey } from "../../../src/webview/page/menuKeys.ts";
import { isSameValue } from "../../../src/webview/detail/sameValue.ts";
import { sentenceOf } from "../../../src/webview/detail/sentence.ts";
import { runInSteps } from "../../../src/webview/detail/steps.ts";
import { TextRows } from "../../../src/webview/detail/textRows.ts";
import { findAll, firstMatchFrom, mostMatches } from "../../../src/webview/detail/textSearch.ts";
import { stagesOf, wholeTime } from "../../../src/webview/detail/timing.ts";
import { FakeClock } from "../../support/fakeClock.ts";

/** What a generator returns, and in how many pieces it came. */
function drain<T>(work: Generator<undefined, T>): { readonly value: T; readonly pieces: number } {
  let pieces = 1;
  let piece = work.next();
  for (; piece.done !== true; piece = work.next()) pieces++;
  return { value: piece.value, pieces };
}

function rowsOf(text: string, longest = 10): (readonly [line: number | undefined, text: string])[] {
  const rows = drain(TextRows.read(text, longest)).value;
  return Array.from({ length: rows.count }, (_each, index) => {
    const row = rows.row(index);
    return [row.line, rows.textOf(row)];
  });
}

describe("work in steps", () => {
  function* threeTimes(clock: FakeClock): Generator<undefined, string> {
    for (let time = 0; time < 3; time++) {
      clock.advance(5);
      yield undefined;
    }
    return "done";
  }

  it("lets others have their turn when a step has taken its time, and then goes on", () => {
    const clock = new FakeClock();
    const results: string[] = [];
    runInSteps(threeTimes(clock), clock, value => results.push(value));
    assert.deepEqual([results, clock.pending], [[], 1]);
    clock.advance(0);
    assert.deepEqual([results, clock.pending], [["done"], 0]);
  });

  it("is done at once where it is short, and never where it was given up", () => {
    const clock = new FakeClock();
    const results: string[] = [];
    runInSteps([][Symbol.iterator](), clock, () => results.push("short"));
    runInSteps(threeTimes(clock), clock, value => results.push(value)).dispose();
    clock.advance(100);
    assert.deepEqual(results, ["short"]);
  });
});

describe("a text in rows", () => {
  it("has a row for each line, with its number; line breaks of every kind are left out", () => {
    assert.deepEqual(rowsOf("a\r\nb\n\nc"), [
      [1, "a"],
      [2, "b"],
      [3, ""],
      [4, "c"],
    ]);
    assert.deepEqual(rowsOf(""), [[1, ""]]);
    assert.deepEqual(rowsOf("a\n"), [
      [1, "a"],
      [2, ""],
    ]);
  });

  it("breaks long lines, but not between the halves of a character", () => {
    assert.deepEqual(rowsOf("abcdefghijklm\nx", 5), [
      [1, "abcde"],
      [undefined, "fghij"],
      [undefined, "klm"],
      [2, "x"],
    ]);
    assert.deepEqual(rowsOf("abc😀def", 4), [
      [1, "abc😀"],
      [undefined, "def"],
    ]);
    assert.deepEqual(rowsOf("\ud83d\ud83d\ude00\ude00", 2), [
      [1, "\ud83d\ud83d\ude00"],
      [undefined, "\ude00"],
    ]);
  });

  it("loses nothing, however it is broken", () => {
    const text = "x".repeat(95) + "\n" + "😀".repeat(40) + "\n\n" + "y".repeat(10);
    for (const longest of [1, 2, 3, 7, 10, 1_000]) {
      const rows = drain(TextRows.read(text, longest)).value;
      const lines: string[] = [];
      for (let index = 0; index < rows.count; index++) {
        const row = rows.row(index);
        if (row.line === undefined) lines.push((lines.pop() ?? "") + rows.textOf(row));
        else lines.push(rows.textOf(row));
      }
      assert.equal(lines.join("\n"), text);
      assert.equal(rows.lineCount, 4);
    }
  });

  it("finds the row of a place", () => {
    const rows = drain(TextRows.read("abcdefgh\nij", 5)).value;
    assert.deepEqual(
      [0, 4, 5, 8, 9, 10].map(position => rows.rowAt(position)),
      [0, 0, 1, 1, 2, 2],
    );
  });

  it("is cut in pieces where it is long", () => {
    assert.ok(drain(TextRows.read("\n".repeat(100_000), 80)).pieces > 10);
    assert.ok(drain(TextRows.read("x".repeat(10_000_000), 80)).pieces > 10);
  });
});

describe("finding text", () => {
  const find = (text: string, query: string): readonly number[] => drain(findAll(text, query)).value;

  it("goes by the characters, letter case aside, and takes no pattern", () => {
    assert.deepEqual(find("Stage stage STAGE", "stage"), [0, 6, 12]);
    assert.deepEqual(find("a.c abc (x)[y]*", "a.c"), [0]);
    assert.deepEqual(find("a.c abc (x)[y]*", "(x)[y]*"), [8]);
    assert.deepEqual(find("aaaa", "aa"), [0, 2]);
    assert.deepEqual(find("text", ""), []);
  });

  it("finds what lies across the pieces of a long text, once", () => {
    const text = `${"x".repeat(199_998)}needle${"x".repeat(300_000)}needle`;
    assert.deepEqual(find(text, "needle"), [199_998, 500_004]);
    assert.deepEqual(find("a".repeat(200_001), "aa".repeat(50)).length, 2_000);
  });

  it("stops counting at some point", () => {
    assert.equal(find("a".repeat(500_000), "a").length, mostMatches);
  });

  it("begins at the place where the person is, and around again", () => {
    assert.deepEqual([firstMatchFrom([5, 9], 6), firstMatchFrom([5, 9], 10), firstMatchFrom([], 0)], [1, 0, undefined]);
  });

  it("marks matches in a part of the text, also those that reach over its ends", () => {
    const marks = (from: number, to: number): unknown[] =>
      segmentsOf("abcdefghij", from, to, { positions: [1, 5], length: 3, current: 1 }).map(({ text, mark }) => [
        text,
        mark,
      ]);
    assert.deepEqual(marks(0, 10), [
      ["a", undefined],
      ["bcd", "match"],
      ["e", undefined],
      ["fgh", "current"],
      ["ij", undefined],
    ]);
    assert.deepEqual(marks(2, 6), [
      ["cd", "match"],
      ["e", undefined],
      ["f", "current"],
    ]);
    assert.deepEqual(marks(4, 5), [["e", undefined]]);
    assert.deepEqual(segmentsOf("abc", 0, 3, undefined), [{ text: "abc" }]);
  });
});

describe("a fault of JSON", () => {
  it("is told with line and column", () => {
    const text = '{\n  "a": 1,\n  b\n}';
    const parsed = JsonSource.parse(text);
    assert.ok(!parsed.ok && parsed.error.kind !== "too-many");
    assert.match(describeFault(parsed.error, text), /at line 3, column 3$/);
    assert.deepEqual(placeOf("a\nb", 0), { line: 1, column: 1 });
    assert.deepEqual(placeOf("a\nb", 2), { line: 2, column: 1 });
  });

  it("is told without repeating the text", () => {
    const parsed = JsonSource.parse("secret=1");
    assert.ok(!parsed.ok && parsed.error.kind !== "too-many");
    assert.doesNotMatch(describeFault(parsed.error, "secret=1"), /secret/);
  });
});

describe("two values", () => {
  const deep = (inner: string): string => `${"[".repeat(10_000)}${inner}${"]".repeat(10_000)}`;

  it("are the same where they say the same", () => {
    const same: readonly (readonly [string, string])[] = [
      ['"a"', '"\\u0061"'],
      ['{"a":[1, 2]}', '{"a":[1,2]}'],
      ["1.10", "1.1"],
      ['{"name":"Asha","id":"675"}', '{"id":"675","name":"Asha Rao","email":"a@b.c"}'],
      [deep("1"), deep(" 1")],
    ];
    for (const [one, other] of same) assert.equal(isSameValue(one, other), true, one.slice(0, 40));
  });

  it("are not where they do not, to the last digit", () => {
    const different: readonly (readonly [string, string])[] = [
      ["6756839000000575405", "6756839000000575406"],
      ['"1"', "1"],
      ["null", '""'],
      ['{"id":"1","name":"A"}', '{"id":"2","name":"A"}'],
      ["[[]]", "[{}]"],
      ['{"a":1}', '{"__proto__":1}'],
      ["{", "{ "],
      [deep("1"), deep("2")],
    ];
    for (const [one, other] of different) assert.equal(isSameValue(one, other), false, one.slice(0, 40));
  });
});

const row: EventRow = {
  id: 1,
  receivedAt: 1_000,
  bytes: 0,
  content: {
    kind: "notification",
    operation: "edit",
    module: "Deals",
    recordIds: ["575"],
    changedFields: ["Stage"],
    channelId: "1",
    verification: "verified",
  },
};

const detail: EventDetail = {
  row,
  sequence: 1,
  explanation: "",
  request: { method: "POST", path: "", query: "", headers: [] },
  body: { text: "", truncated: false },
};

describe("the records of an event", () => {
  it("cannot be fetched where it names no module, and only there", () => {
    const { module: _module, ...moduleless } = row.content as EventContent & { kind: "notification" };
    assert.match(whyNotFetchable(moduleless) ?? "", /names no module/);
    assert.equal(whyNotFetchable(row.content), undefined);
  });
});

describe("an event in one sentence", () => {
  const of = (changes: object, actor?: string): string =>
    sentenceOf({
      row: { ...row, content: { ...row.content, ...changes } },
      ...(actor === undefined ? {} : { actor }),
    });

  it("says who did what to which record, and what changed", () => {
    assert.equal(of({}, "Asha"), "Deal 575 was edited by Asha: Stage changed.");
    assert.equal(of({}), "Deal 575 was edited: Stage changed.");
    assert.equal(of({ operation: "create" }, "Asha"), "Deal 575 was created by Asha.");
    assert.equal(
      of({ operation: "delete", recordIds: ["1", "2"] }, "Asha"),
      "2 records in Deals were deleted by Asha.",
    );
    assert.equal(of({ changedFields: [] }, "Asha"), "Deal 575 was edited by Asha.");
  });

  it("shows what a stranger put into it as text", () => {
    assert.equal(of({ operation: "create" }, "\u202Eevil\n<b>"), "Deal 575 was created by \\u202Eevil\\n<b>.");
  });
});

describe("the way of an event", () => {
  it("goes from Zoho over the relay and this machine to the handler", () => {
    const attempts = [
      { id: 1, origin: "rule", target: "t", startedAt: 1_300, milliseconds: 200, status: 200 },
    ] as const;
    const stages = stagesOf({ ...detail, serverTime: 500, storedAt: 1_250, attempts: [...attempts] });
    assert.deepEqual(
      stages.map(({ at, after }) => [at, after]),
      [
        [500, ""],
        [1_000, "500 ms later"],
        [1_250, "250 ms later"],
        [1_300, "50 ms later"],
        [1_500, "200 ms later"],
      ],
    );
    assert.deepEqual(
      stages.map(({ from, share }) => [from, share]),
      [
        [0, 0],
        [0, 0.5],
        [0.5, 0.25],
        [0.75, 0.05],
        [0.8, 0.2],
      ],
    );
    assert.equal(wholeTime(stages), 1_000);
  });

  it("says that clocks differ rather than that something came before its cause", () => {
    const stages = stagesOf({ ...detail, serverTime: 3_000, storedAt: 1_100 });
    assert.match(stages[1]?.after ?? "", /2\.0 s earlier: the clocks differ/);
    assert.equal(stages[1]?.share, 0);
    assert.equal(wholeTime(stages), undefined);
  });

  it("has one stage where nothing else is known", () => {
    const stages = stagesOf(detail);
    assert.equal(stages.length, 1);
    assert.equal(wholeTime(stages), undefined);
  });
});

describe("a large body in the page", () => {
  const parts = ["abc", "def", "g"];
  const ask = async (from: number) =>
    Promise.resolve({ ok: true as const, value: { next: Math.min(from + 3, 7), part: parts[from / 3] } });
  const first = (): EventBody => new EventBody({ text: "abc", truncated: true }, 7);

  const waits = (): boolean => true;
  const silent = (): void => undefined;

  it("is put together slice by slice", async () => {
    const body = first();
    const progress: number[] = [];
    assert.equal(await loadAll(body, ask, bytes => progress.push(bytes), waits), true);
    assert.deepEqual([body.text, body.isCut, progress], ["abcdefg", false, [3, 6, 7]]);
  });

  it("stays as it was where the rest does not come, or nobody waits any more", async () => {
    const body = first();
    const gone = async () => Promise.resolve({ ok: true as const, value: { next: 0, part: undefined } });
    const down = async () => Promise.resolve({ ok: false as const, error: "no-answer" });
    assert.equal(await loadAll(body, gone, silent, waits), false);
    assert.equal(await loadAll(body, down, silent, waits), false);
    assert.equal(await loadAll(body, ask, silent, () => false), false);
    assert.deepEqual([body.text, body.isCut], ["abc", true]);
  });

  it("is JSON only when all of it is here", () => {
    const body = new EventBody({ text: "[1", truncated: true }, 3);
    const said: string[] = [];
    const read = (): unknown => body.readJson(new FakeClock(), json => said.push(json.ok ? "tree" : json.error.kind));
    read();
    body.complete(["[1", "]"]);
    read();
    assert.deepEqual(said, ["cut", "tree"]);
  });

  it("with more values than a tree takes is told from one that is not JSON", () => {
    const told = (text: string): string => {
      let words = "";
      new EventBody({ text, truncated: false }, text.length).readJson(new FakeClock(), json => {
        words = json.ok ? "a tree" : describeNoTree(json.error, text);
      });
      return words;
    };
    const values = (count: number): string => `[${"0,".repeat(count - 2)}0]`;
    assert.equal(told(values(mostValues)), "a tree");
    const words =
      "The body is too large for a tree: it has more than 2,000,000 values. The raw tab shows it as it was sent.";
    assert.equal(told(values(mostValues + 1)), words);
    assert.match(told("[1 2]"), /^The body is not JSON\. .* at line 1, column 4\. The raw tab shows it/);
    assert.equal(told("<deal>1</deal>"), "Only JSON has a tree. The raw tab shows the body as it was sent.");
  });

  it("is told from bytes that are no text, and from none", () => {
    assert.equal(new EventBody({ text: "", truncated: false }, 0).isEmpty, true);
    const binary = new EventBody({ base64: "AP8=", truncated: false }, 2);
    assert.deepEqual([binary.isBinary, binary.isEmpty, [...binary.bytes]], [true, false, [0, 255]]);
    assert.equal(new EventBody({ text: "x", truncated: true }, 20_000_000).canLoadAll, false);
  });
});

describe("keys in a menu", () => {
  it("go around, to both ends, and to what begins with a letter", () => {
    const titles = ["Compare", "Copy as cURL", "Save"];
    const after = (key: string, at: number): number | undefined => indexAfterKey(key, at, titles);
    assert.deepEqual([after("ArrowDown", 2), after("ArrowUp", 0), after("Home", 2), after("End", 0)], [0, 2, 0, 2]);
    assert.deepEqual(
      [after("c", 0), after("c", 1), after("s", 0), after("x", 0), after("Shift", 0)],
      [1, 0, 2, undefined, undefined],
    );
    assert.deepEqual([after("ArrowDown", -1), after("ArrowUp", -1), after("c", -1)], [0, 2, 0]);
    assert.equal(indexAfterKey("ArrowDown", -1, []), undefined);
  });
});
