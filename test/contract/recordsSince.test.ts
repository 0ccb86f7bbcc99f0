import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import * as sdk from "@zohocrm/nodejs-sdk-8.0";
import { minute, second } from "../../src/base/clock.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { AxiosTransport } from "../../src/zoho/axiosTransport.ts";
import type { HttpRequest, HttpTransport } from "../../src/zoho/httpTransport.ts";
import type { ZohoClient } from "../../src/zoho/zohoClient.ts";
import { FakeClock } from "../support/fakeClock.ts";
import { RawZoho, at, itemsOf } from "../support/rawZoho.ts";
import { openClient } from "../support/sandboxClient.ts";
import { startSandbox } from "../support/testSandbox.ts";
import { openSdkSession } from "../support/zohoSdkSession.ts";
import { errorOf, valueOf } from "../unit/zoho/scriptedTransport.ts";

/** Longer than any margin, and shorter than an access token lives. */
const pause = 20 * minute;

/** A transport that does something else once, after the first answer and before the second request. */
class InterruptedTransport implements HttpTransport {
  readonly #inner = new AxiosTransport();
  #interruption: (() => Promise<unknown>) | undefined;

  constructor(interruption: () => Promise<unknown>) {
    this.#interruption = interruption;
  }

  async send(request: HttpRequest): ReturnType<HttpTransport["send"]> {
    const answer = await this.#inner.send(request);
    const interruption = this.#interruption;
    this.#interruption = undefined;
    await interruption?.();
    return answer;
  }
}

interface Bench {
  readonly clock: FakeClock;
  readonly sandbox: Sandbox;
  readonly client: ZohoClient;
  readonly other: RawZoho;
}

/** A sandbox whose time stands still, this project's client of it, and somebody else who changes records. */
async function openBench(test: TestContext): Promise<Bench> {
  const clock = new FakeClock();
  const sandbox = await startSandbox(test, { clock });
  const client = await openClient(sandbox.url, clock);
  return { clock, sandbox, client, other: await RawZoho.signIn(sandbox.url) };
}

/** Creates so many leads, a hundred with each call, and gives their ids. */
async function createMany({ other }: Bench, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const data = Array.from({ length: Math.min(100, count - ids.length) }, (_, index) => ({
      Last_Name: `Lead ${ids.length + index}`,
      Company: "Example",
    }));
    const answer = await other.call("POST", "Leads", { data });
    ids.push(...itemsOf(answer, "data").map(item => String(at(item, "details", "id"))));
  }
  return ids;
}

describe("the records of a module since an instant", () => {
  it("are those created or modified at or after it, with their times, and ids to the digit", async test => {
    const bench = await openBench(test);
    const { clock, client, other, sandbox } = bench;
    const [before, old] = await createMany(bench, 2);
    assert.ok(before !== undefined && old !== undefined);
    clock.advance(pause);
    const since = clock.now();
    clock.advance(minute);
    await other.call("PUT", `Leads/${old}`, { data: [{ Phone: "555-0100" }] });
    clock.advance(minute);
    const [made] = await createMany(bench, 1);
    const { records, complete, serverAhead } = valueOf(
      await client.modifiedRecords("Leads", { since, fields: ["Last_Name", "Phone"] }),
    );
    assert.deepEqual(
      records.map(({ id, createdAt, modifiedAt }) => [id, createdAt, modifiedAt]),
      [
        [made, clock.now(), clock.now()],
        [old, since - pause, since + minute],
      ],
    );
    assert.ok(records[1] !== undefined);
    assert.equal(records[1].values["Phone"], "555-0100");
    assert.equal(records[1].modifiedBy, records[1].createdBy);
    assert.deepEqual([complete, serverAhead], [true, 0]);
    sandbox.clock.advance(90 * second);
    assert.equal(valueOf(await client.modifiedRecords("Leads", { since })).serverAhead, 90 * second);
  });

  it("are none where the CRM answers 304, and none of a module without records at 204", async test => {
    const { clock, client } = await openBench(test);
    clock.advance(pause);
    for (const since of [clock.now(), 0]) {
      const module = since === 0 ? "Vendors" : "Leads";
      const list = valueOf(await client.modifiedRecords(module, { since }));
      if (since > 0) assert.deepEqual(list.records, []);
      assert.equal(list.complete, true);
    }
    assert.deepEqual(valueOf(await client.deletedRecords("Leads", { since: 0 })).records, []);
  });

  it("come over all pages, beyond the 2,000 that page numbers reach", async test => {
    const bench = await openBench(test);
    bench.clock.advance(pause);
    const since = bench.clock.now();
    const ids = await createMany(bench, 2_150);
    const progress: number[] = [];
    const { records, complete } = valueOf(
      await bench.client.modifiedRecords("Leads", { since, onPage: count => progress.push(count) }),
    );
    assert.deepEqual(records.map(({ id }) => id).sort(), ids.sort());
    assert.equal(complete, true);
    assert.deepEqual([progress.length, progress[0], progress.at(-1)], [11, 200, 2_150]);
  });

  it("say that they are not all where there are more pages than may be read", async test => {
    const bench = await openBench(test);
    bench.clock.advance(pause);
    const since = bench.clock.now();
    const ids = await createMany(bench, 450);
    const some = valueOf(await bench.client.modifiedRecords("Leads", { since, mostPages: 2 }));
    assert.deepEqual([some.records.length, some.complete], [400, false]);
    await bench.other.call("DELETE", `Leads?ids=${ids.slice(0, 100).join(",")}`);
    await bench.other.call("DELETE", `Leads?ids=${ids.slice(100, 200).join(",")}`);
    await bench.other.call("DELETE", `Leads?ids=${ids.slice(200, 300).join(",")}`);
    const deleted = valueOf(await bench.client.deletedRecords("Leads", { since, mostPages: 1 }));
    assert.deepEqual([deleted.records.length, deleted.complete], [200, false]);
  });

  it("that were deleted are all there though more are deleted while they are read", async test => {
    const bench = await openBench(test);
    const { clock, sandbox, other } = bench;
    clock.advance(pause);
    const since = clock.now();
    const ids = await createMany(bench, 330);
    const deleteSome = async (from: number, to: number): Promise<unknown> =>
      other.call("DELETE", `Leads?ids=${ids.slice(from, to).join(",")}`);
    for (const from of [0, 100, 200]) await deleteSome(from, from + 100);
    const transport = new InterruptedTransport(async () => {
      clock.advance(second);
      await deleteSome(300, 330);
    });
    const client = await openClient(sandbox.url, clock, transport);
    const { records, complete } = valueOf(await client.deletedRecords("Leads", { since }));
    assert.deepEqual(records.map(({ id }) => id).sort(), ids.sort());
    assert.equal(complete, true);
  });

  it("that were deleted are told by id, name, who and when", async test => {
    const bench = await openBench(test);
    const { clock, client, other } = bench;
    const [first, second_] = await createMany(bench, 2);
    await other.call("DELETE", `Leads/${first}`);
    clock.advance(pause);
    const since = clock.now();
    clock.advance(5 * second);
    await other.call("DELETE", `Leads/${second_}`);
    const { records } = valueOf(await client.deletedRecords("Leads", { since }));
    assert.deepEqual(
      records.map(({ id, name, deletedAt }) => ({ id, name, deletedAt })),
      [{ id: second_, name: "Lead 1", deletedAt: clock.now() }],
    );
    assert.match(records[0]?.deletedBy ?? "", /\w+ \w+/);
  });

  it("stop coming when they are no longer waited for", async test => {
    const bench = await openBench(test);
    bench.clock.advance(pause);
    const since = bench.clock.now();
    await createMany(bench, 450);
    const stop = new AbortController();
    const options = { since, signal: stop.signal, onPage: () => stop.abort() };
    assert.equal(errorOf(await bench.client.modifiedRecords("Leads", options)).kind, "cancelled");
  });

  it("end in a problem with Zoho's code where the module is unknown", async test => {
    const { client } = await openBench(test);
    assert.equal(errorOf(await client.modifiedRecords("Nothings", { since: 0 })).code, "INVALID_MODULE");
    assert.equal(errorOf(await client.deletedRecords("Nothings", { since: 0 })).code, "INVALID_MODULE");
  });
});

describe("the pages of records, on the wire and for Zoho's own SDK", () => {
  it("are refused by number beyond 2,000 records, and by number and token at once", async test => {
    const bench = await openBench(test);
    await createMany(bench, 250);
    const list = "Leads?fields=Last_Name&sort_by=Modified_Time";
    const beyond = await bench.other.call("GET", `${list}&page=11`);
    assert.deepEqual([beyond.status, at(beyond.json, "code")], [400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED"]);
    const token = String(at((await bench.other.call("GET", list)).json, "info", "next_page_token"));
    const both = await bench.other.call("GET", `${list}&page=1&page_token=${token}`);
    assert.deepEqual([both.status, at(both.json, "code")], [400, "AMBIGUITY_DURING_PROCESSING"]);
    const other = await bench.other.call("GET", `Leads?fields=Company&page_token=${token}`);
    assert.deepEqual([other.status, at(other.json, "code")], [400, "TOKEN_BOUND_DATA_MISMATCH"]);
  });

  it("come to the SDK by page token, each record once, with the same ids and times as to this client", async test => {
    const bench = await openBench(test);
    bench.clock.advance(pause);
    const since = bench.clock.now();
    await createMany(bench, 250);
    const session = await openSdkSession(bench.sandbox.url);
    test.after(() => session.dispose());
    const seen: string[] = [];
    let token: string | null = null;
    do {
      const wrapper = await sdkPage(since, token);
      seen.push(...wrapper.getData().map(record => `${record.getId()} ${record.getModifiedTime().getTime()}`));
      token = wrapper.getInfo().getNextPageToken() ?? null;
    } while (token !== null);
    const { records } = valueOf(await bench.client.modifiedRecords("Leads", { since }));
    assert.equal(seen.length, 250);
    assert.deepEqual(
      seen,
      records.map(({ id, modifiedAt }) => `${id} ${modifiedAt}`),
    );
  });
});

async function sdkPage(since: number, token: string | null): Promise<sdk.Record.ResponseWrapper> {
  const parameters = new sdk.ParameterMap();
  await parameters.add(sdk.Record.GetRecordsParam.FIELDS, "Created_Time,Modified_Time,Created_By,Modified_By");
  await parameters.add(sdk.Record.GetRecordsParam.SORT_BY, "Modified_Time");
  await parameters.add(sdk.Record.GetRecordsParam.SORT_ORDER, "desc");
  if (token !== null) await parameters.add(sdk.Record.GetRecordsParam.PAGE_TOKEN, token);
  const headers = new sdk.HeaderMap();
  await headers.add(sdk.Record.GetRecordsHeader.IF_MODIFIED_SINCE, new Date(since));
  const page = (await new sdk.Record.RecordOperations("Leads").getRecords(parameters, headers)).getObject();
  assert.ok(page instanceof sdk.Record.ResponseWrapper);
  return page;
}
