import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Result, succeed } from "../../../src/base/result.ts";
import type { HttpAnswer, HttpRequest, HttpTransport } from "../../../src/zoho/httpTransport.ts";
import type { ZohoProblem } from "../../../src/zoho/problem.ts";
import { HeardShapes, aClient } from "./aClient.ts";
import { ScriptedTransport, answer, errorOf, reply, valueOf } from "./scriptedTransport.ts";

type Entry = Readonly<Record<string, unknown>>;

const time = "2026-01-05T09:00:00+00:00";
const since = Date.UTC(2026, 0, 5);

function deleted(id: string, changes: Entry = {}): Entry {
  return { id, deleted_time: time, display_name: null, deleted_by: { name: "Ines" }, type: "recycle", ...changes };
}

/** A list of records by page numbers, which gives no tokens, and of which one goes after the first page. */
class ShrinkingList implements HttpTransport {
  items: Entry[];
  readonly asked: string[] = [];

  constructor(items: readonly Entry[]) {
    this.items = [...items];
  }

  readonly send = async ({ url }: HttpRequest): Promise<Result<HttpAnswer, ZohoProblem>> => {
    const query = new URL(url).searchParams;
    const [page, size] = [Number(query.get("page")), Number(query.get("per_page"))];
    this.asked.push(`${page} ${size}`);
    const data = this.items.slice((page - 1) * size, page * size);
    const more_records = page * size < this.items.length;
    if (this.asked.length === 1) this.items.shift();
    return Promise.resolve(succeed(answer(200, { data, info: { more_records } })));
  };
}

function many(count: number, entry: (id: string) => Entry): Entry[] {
  return Array.from({ length: count }, (_, index) => entry(String(1_000 + index)));
}

describe("lists of records", () => {
  it("pass over no deleted record where another is restored between two pages", async () => {
    const list = new ShrinkingList(many(450, deleted));
    const counts: number[] = [];
    const options = { since, onPage: (count: number) => counts.push(count) };
    const { records, complete } = valueOf(await aClient(list).deletedRecords("Leads", options));
    assert.deepEqual([records.length, records[0]?.id, complete], [449, "1001", true]);
    assert.deepEqual([counts[0], counts.at(-1)], [200, 450]);
    assert.deepEqual(list.asked, ["1 200", "2 199", "1 200", "2 199", "3 198"]);
    assert.deepEqual(
      counts,
      counts.toSorted((one, other) => one - other),
    );
  });

  it("pass over no modified record where one is deleted between two pages, without tokens for them", async () => {
    const list = new ShrinkingList(many(450, id => ({ id, Modified_Time: time })));
    const { records, complete } = valueOf(await aClient(list).modifiedRecords("Leads", { since }));
    assert.deepEqual([records.length, complete], [449, true]);
  });

  it("cost no more pages than they may, over all readings", async () => {
    const list = new ShrinkingList(many(450, deleted));
    const { complete } = valueOf(await aClient(list).deletedRecords("Leads", { since, mostPages: 3 }));
    assert.deepEqual([complete, list.asked.length], [false, 3]);
  });

  it("follow tokens where the server gives them, and stop where a token leads nowhere", async () => {
    const page = (id: string, next: unknown, more: unknown = true): object => ({
      data: [{ id, Modified_Time: time }],
      info: { more_records: more, next_page_token: next },
    });
    const whole = new ScriptedTransport(reply(200, page("1", "a")), reply(200, page("2", null, "false")));
    const read = valueOf(await aClient(whole).modifiedRecords("Leads", { since }));
    assert.deepEqual([read.records.map(({ id }) => id), read.complete], [["1", "2"], true]);
    assert.match(whole.request(1).url, /page_token=a/);
    const round = new ScriptedTransport(reply(200, page("1", "a")), reply(200, page("1", "a")));
    const circle = valueOf(await aClient(round).modifiedRecords("Leads", { since }));
    assert.deepEqual([circle.records.length, circle.complete], [1, false]);
  });

  it("are not complete where a token leads on that was not followed, though the server does not say that there is more", async () => {
    for (const more_records of [undefined, null, true]) {
      let pages = 0;
      const transport: HttpTransport = {
        send: async () => {
          const data = [{ id: String(++pages), Modified_Time: time }];
          const info = { next_page_token: `p${pages}`, more_records };
          return Promise.resolve(succeed(answer(200, { data, info })));
        },
      };
      const read = valueOf(await aClient(transport).modifiedRecords("Leads", { since, mostPages: 3 }));
      assert.deepEqual([read.records.length, read.complete], [3, false]);
    }
  });

  it("are whole where the last token leads to an empty page, and not where it leads back", async () => {
    const first = { data: [{ id: "1", Modified_Time: time }], info: { next_page_token: "a" } };
    for (const [second, complete] of [
      [{ data: [], info: { next_page_token: "b" } }, true],
      [{ data: [], info: { next_page_token: "b", more_records: true } }, false],
      [first, false],
    ] as const) {
      const transport = new ScriptedTransport(reply(200, first), reply(200, second));
      const read = valueOf(await aClient(transport).modifiedRecords("Leads", { since }));
      assert.deepEqual([read.records.length, read.complete], [1, complete]);
    }
  });

  it("are read to the end where the server does not put them in order, in which an older one ends nothing", async () => {
    const at = (id: string, day: number): Entry => ({ id, Modified_Time: `2026-01-0${day}T09:00:00+00:00` });
    const firsts = [
      [at("1", 5), at("2", 2), at("3", 5)],
      [at("2", 1), at("4", 2), at("5", 3)],
      [at("1", 5), at("3", 6), at("2", 4)],
    ];
    for (const first of firsts) {
      const transport = new ScriptedTransport(
        reply(200, { data: first, info: { next_page_token: "a", more_records: true } }),
        reply(200, { data: [at("6", 3)], info: { next_page_token: "b", more_records: true } }),
        reply(200, { data: [at("7", 5)], info: { more_records: false } }),
      );
      const { records, complete } = valueOf(await aClient(transport).modifiedRecords("Leads", { since }));
      const wanted = first.filter(({ Modified_Time }) => String(Modified_Time) >= "2026-01-05").map(({ id }) => id);
      assert.deepEqual([records.map(({ id }) => id), complete], [[...wanted, "7"], true]);
    }
  });

  it("fail with Zoho's own reason where that comes wrapped as a record, whatever the status", async () => {
    const error = { code: "INTERNAL_ERROR", details: {}, message: "", status: "error" };
    for (const status of [200, 400]) {
      const refused = reply(status, { data: [error], info: { more_records: false } });
      const client = aClient(new ScriptedTransport(refused, refused, refused));
      assert.equal(errorOf(await client.modifiedRecords("Leads", { since })).code, "INTERNAL_ERROR");
      assert.equal(errorOf(await client.deletedRecords("Leads", { since })).code, "INTERNAL_ERROR");
      assert.equal(errorOf(await client.record("Leads", "7")).code, "INTERNAL_ERROR");
    }
  });

  it("have what can be read beside an entry that is an error", async () => {
    const error = { code: "INTERNAL_ERROR", details: {}, message: "", status: "error" };
    const transport = new ScriptedTransport(reply(200, { data: [deleted("1"), error], info: { more_records: false } }));
    const { records, unreadable } = valueOf(await aClient(transport).deletedRecords("Leads", { since }));
    assert.deepEqual([records.length, unreadable], [1, 1]);
  });

  it("end at the first record that is older where they are in order, though there are more", async () => {
    const old = { id: "2", Modified_Time: "2026-01-04T09:00:00+00:00" };
    const data = [{ id: "1", Modified_Time: time }, old];
    const transport = new ScriptedTransport(reply(200, { data, info: { more_records: true } }));
    const { records, complete } = valueOf(await aClient(transport).modifiedRecords("Leads", { since }));
    assert.deepEqual([records.map(({ id }) => id), complete], [["1"], true]);
  });

  it("count entries that cannot be read, and are then not complete", async () => {
    const shapes = new HeardShapes();
    const odd = [deleted("2", { deleted_time: null }), { deleted_time: time }];
    const transport = new ScriptedTransport(
      reply(200, { data: [deleted("1"), ...odd], info: null }),
      reply(204, ""),
      reply(200, { data: [null, { id: "7", Modified_Time: time, Modified_By: "Ines" }] }),
      reply(204, ""),
    );
    const client = aClient(transport, { shapes });
    const gone = valueOf(await client.deletedRecords("Leads", { since }));
    assert.deepEqual([gone.records.map(({ id }) => id), gone.unreadable, gone.complete], [["1"], 2, false]);
    const changed = valueOf(await client.modifiedRecords("Leads", { since }));
    assert.deepEqual([changed.records.map(({ id }) => id), changed.unreadable, changed.complete], [["7"], 1, false]);
    assert.deepEqual(shapes.heard, [...odd.map(entry => ["GET /{module}/deleted", entry]), ["GET /{module}", null]]);
  });

  it("are empty where there is nothing", async () => {
    for (const step of [reply(204, ""), reply(304, ""), reply(200, { data: null }), reply(200, { data: [] })]) {
      const { records, unreadable, complete } = valueOf(
        await aClient(new ScriptedTransport(step)).deletedRecords("Leads", { since }),
      );
      assert.deepEqual([records, unreadable, complete], [[], 0, true]);
    }
  });

  it("are not believed in another form, of which the observer hears without the module's name", async () => {
    const shapes = new HeardShapes();
    const client = aClient(new ScriptedTransport(reply(200, "<html>")), { shapes });
    assert.equal(errorOf(await client.modifiedRecords("Leads", { since })).code, "UNREADABLE_ANSWER");
    assert.deepEqual(shapes.heard, [["GET /{module}", "<html>"]]);
  });
});

describe("one record", () => {
  it("is the text as it came, after a byte order mark too", async () => {
    const text = '\uFEFF{"data":[{"id":"7","Amount":1.10}]}';
    assert.equal(
      valueOf(await aClient(new ScriptedTransport(reply(200, text))).record("Deals", "7")),
      '{"id":"7","Amount":1.10}',
    );
  });

  it("is what it is though its fields be called as those of an error", async () => {
    const text = '{"data":[{"id":"7","code":"A","status":"error"}]}';
    assert.match(
      valueOf(await aClient(new ScriptedTransport(reply(200, text))).record("Parcels", "7")) ?? "",
      /"code":"A"/,
    );
  });

  it("is none where Zoho says so in one of its ways", async () => {
    const error = (code: string): object => ({ code, details: {}, message: "", status: "error" });
    const wrapped = { data: [error("INVALID_DATA")] };
    for (const step of [
      ...[reply(204, ""), reply(200, wrapped)],
      ...[reply(400, error("INVALID_DATA")), reply(404, error("RECORD_NOT_FOUND"))],
    ]) {
      assert.equal(valueOf(await aClient(new ScriptedTransport(step)).record("Leads", "7")), undefined);
    }
  });
});
