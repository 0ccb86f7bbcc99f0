import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StoredEvent } from "../../../../../src/core/events/storedEvent.ts";
import { EarlierValues } from "../../../../../src/core/inspector/detail/earlierValues.ts";
import { readEvent } from "../../../../../src/core/events/readEvent.ts";
import { valuesOf } from "../../../../../src/core/inspector/detail/eventValues.ts";
import { FetchedRecords } from "../../../../../src/core/inspector/detail/fetchedRecords.ts";
import { fieldChanges } from "../../../../../src/core/inspector/detail/fieldChanges.ts";
import { encodeRecoveredPayload } from "../../../../../src/core/events/recoveredPayload.ts";
import type { FieldChange } from "../../../../../src/protocol/event.ts";
import { capturedPost, latinBody, notificationBody } from "../../../../support/eventBodies.ts";

const recordId = "6756839000000575405";
const second = 1_000;
const noon = 1_750_000_000_000;

interface Told {
  readonly id: number;
  readonly at?: number | undefined;
  readonly values?: Readonly<Record<string, unknown>>;
  readonly fields?: readonly string[];
  readonly operation?: string;
  readonly module?: string;
}

/** A delivery about the record; it is received a second after the change. */
function delivery({ id, at, values, fields, operation = "update", module = "Deals" }: Told): StoredEvent {
  const body = notificationBody({
    server_time: at,
    module,
    ids: [recordId],
    operation,
    affected_fields: [{ [recordId]: fields ?? Object.keys(values ?? {}) }],
    affected_values: values === undefined ? undefined : [{ record_id: recordId, values }],
  });
  const receivedAt = (at ?? noon) + second;
  const place = { id, sequence: id, receivedAt, storedAt: receivedAt, source: "delivered" } as const;
  return { kind: "request", ...place, payload: capturedPost(body), subject: { channelId: "1", module } };
}

function recovery(id: number, foundAt: number, record: Readonly<Record<string, unknown>>): StoredEvent {
  const place = { id, sequence: id, receivedAt: foundAt, storedAt: foundAt, source: "recovered" } as const;
  const subject = { channelId: "1", module: "Deals" };
  const payload = encodeRecoveredPayload({ record });
  return {
    kind: "recovered",
    ...place,
    operation: "edit",
    recordId,
    changedAt: foundAt - 5 * second,
    subject,
    payload,
  };
}

/** What is known of the changes of `event`, after `earlier` events; `fetched` is remembered in that order. */
function changesOf(
  event: StoredEvent,
  earlier: readonly StoredEvent[] = [],
  fetched: readonly { readonly json: object; readonly at: number }[] = [],
): FieldChange[] {
  const values = valuesOf(readEvent(event));
  assert.ok(values);
  const history = { ofRecordBefore: () => earlier.toSorted((a, b) => b.id - a.id) };
  const known = new EarlierValues(history, "Deals", { id: event.id, at: values.at }, 1);
  const records = new FetchedRecords();
  for (const { json, at } of fetched) records.remember("Deals", recordId, JSON.stringify(json), at);
  return fieldChanges(
    { ...values, receivedAt: event.receivedAt },
    { earlier: (id, field) => known.of(id, field), fetched: id => records.of("Deals", id) },
  );
}

function only(changes: readonly FieldChange[]): FieldChange {
  assert.equal(changes.length, 1);
  const [change] = changes;
  assert.ok(change);
  return change;
}

const closed = { id: 9, at: noon, values: { Stage: "Closed" } };

describe("the value before a change", () => {
  it("is that of the last earlier event that names the field, which is told", () => {
    const earlier = [
      delivery({ id: 1, at: noon - 300 * second, values: { Stage: "Open" } }),
      delivery({ id: 2, at: noon - 200 * second, values: { Stage: "Visit" } }),
      delivery({ id: 3, at: noon - 100 * second, values: { Phone: "555" } }),
    ];
    assert.deepEqual(only(changesOf(delivery(closed), earlier)), {
      recordId,
      field: "Stage",
      before: '"Visit"',
      basis: "earlier-event",
      earlierId: 2,
      beforeAt: noon - 200 * second,
      after: '"Closed"',
      afterBasis: "event",
    });
  });

  it("is read though a byte of the event is not UTF-8", () => {
    const place = { id: 1, sequence: 1, receivedAt: noon, storedAt: noon, source: "delivered" } as const;
    const values = valuesOf(readEvent({ kind: "request", ...place, payload: capturedPost(latinBody()) }));
    assert.deepEqual(
      values?.fields.map(({ field }) => field),
      ["Phone"],
    );
  });

  it("is not known where the last event that names the field does not say its value", () => {
    const earlier = [
      delivery({ id: 1, at: noon - 300 * second, values: { Stage: "Open" } }),
      delivery({ id: 2, at: noon - 200 * second, fields: ["Stage"] }),
    ];
    assert.equal(only(changesOf(delivery(closed), earlier)).basis, "none");
  });

  it("goes by the CRM's time where events came out of order, and not by the same change told twice", () => {
    const earlier = [
      delivery({ id: 1, at: noon - 100 * second, values: { Stage: "Later" } }),
      delivery({ id: 2, at: noon - 200 * second, values: { Stage: "Sooner" } }),
      delivery({ id: 3, at: noon, values: { Stage: "Closed" } }),
      delivery({ id: 4, at: noon + 50 * second, values: { Stage: "After" } }),
    ];
    const change = only(changesOf(delivery(closed), earlier));
    assert.deepEqual([change.before, change.earlierId], ['"Later"', 1]);
  });

  it("goes by the order of arrival where Zoho tells no time", () => {
    const earlier = [delivery({ id: 1, values: { Stage: "Open" } }), delivery({ id: 2, values: { Stage: "Visit" } })];
    assert.equal(only(changesOf(delivery({ ...closed, at: undefined }), earlier)).before, '"Visit"');
  });

  it("may come from a record that was recovered", () => {
    const change = only(
      changesOf(delivery(closed), [recovery(1, noon - 60 * second, { Stage: "Found", id: recordId })]),
    );
    assert.deepEqual([change.before, change.basis, change.earlierId], ['"Found"', "earlier-event", 1]);
  });

  it("does not come from another module's event, nor from a record that was found later", () => {
    const earlier = [
      delivery({ id: 1, at: noon - 100 * second, values: { Stage: "Other" }, module: "Leads" }),
      recovery(2, noon + second, { Stage: "Later" }),
    ];
    assert.equal(only(changesOf(delivery(closed), earlier)).basis, "none");
  });

  it("was none where the record is new", () => {
    const change = only(changesOf(delivery({ ...closed, operation: "insert" })));
    assert.deepEqual([change.before, change.basis], [undefined, "event"]);
  });

  it("is that of the record as it had been fetched before, where no event told later", () => {
    const fetched = [{ json: { Stage: "Fetched", Modified_Time: time(noon - 50 * second) }, at: noon - 20 * second }];
    const earlier = [delivery({ id: 1, at: noon - 300 * second, values: { Stage: "Open" } })];
    const change = only(changesOf(delivery(closed), earlier, fetched));
    assert.deepEqual([change.before, change.basis, change.beforeAt], ['"Fetched"', "fetched", noon - 20 * second]);
    const since = [delivery({ id: 1, at: noon - 10 * second, values: { Stage: "Newer" } })];
    assert.equal(only(changesOf(delivery(closed), since, fetched)).before, '"Newer"');
  });

  it("keeps every digit", () => {
    const text = '{"affected_values":[{"record_id":"9","values":{"Big":12345678901234567890}}]';
    const rest = ',"operation":"update","module":"Deals","channel_id":"1","ids":["9"]}';
    const place = { id: 1, sequence: 1, receivedAt: noon, storedAt: noon, source: "delivered" } as const;
    const event: StoredEvent = { kind: "request", ...place, payload: capturedPost(text + rest) };
    assert.equal(valuesOf(readEvent(event))?.fields[0]?.value, "12345678901234567890");
  });
});

describe("the value after a change", () => {
  const silent = delivery({ id: 9, at: noon, fields: ["Stage"] });

  it("is that of the record where it was not modified since, though the event does not tell", () => {
    const fetched = [{ json: { Stage: "Now", Modified_Time: time(noon) }, at: noon + 60 * second }];
    const change = only(changesOf(silent, [], fetched));
    assert.deepEqual([change.after, change.afterBasis, change.now], ['"Now"', "fetched", '"Now"']);
  });

  it("is not known where the record was modified since: what it is now is said apart", () => {
    const fetched = [{ json: { Stage: "Now", Modified_Time: time(noon + 30 * second) }, at: noon + 60 * second }];
    const change = only(changesOf(silent, [], fetched));
    assert.deepEqual([change.after, change.afterBasis, change.now], [undefined, "none", '"Now"']);
  });

  it("is that of the event where it tells, whatever the record is now", () => {
    const fetched = [{ json: { Stage: "Now", Modified_Time: time(noon + 30 * second) }, at: noon + 60 * second }];
    const change = only(changesOf(delivery(closed), [], fetched));
    assert.deepEqual([change.after, change.afterBasis, change.now], ['"Closed"', "event", '"Now"']);
  });
});

describe("what cannot be compared", () => {
  it("has no values: gaps, other requests, broken bodies, and bodies too large to be read at once", () => {
    const place = { id: 1, sequence: 1, receivedAt: noon, storedAt: noon, source: "delivered" } as const;
    const of = (body: string): StoredEvent => ({ kind: "request", ...place, payload: capturedPost(body) });
    assert.equal(
      valuesOf(readEvent({ kind: "gap", ...place, source: "gap", count: 2, reason: "retention" })),
      undefined,
    );
    for (const body of ["hello", "{", notificationBody({ padding: "x".repeat(5_000_000) })])
      assert.equal(valuesOf(readEvent(of(body))), undefined);
  });

  it("is remembered of so many records only", () => {
    const records = new FetchedRecords();
    for (let id = 0; id < 150; id++) records.remember("Deals", String(id), "{}", noon);
    assert.equal(records.of("Deals", "0").length, 0);
    assert.equal(records.of("Deals", "149").length, 1);
    assert.equal(records.remember("Deals", "1", "no JSON", noon), undefined);
  });
});

/** As Zoho writes it. */
function time(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "+00:00");
}
