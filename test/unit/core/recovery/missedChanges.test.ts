import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { second } from "../../../../src/base/clock.ts";
import {
  type DeliveredChange,
  type MissedChange,
  type ModuleFacts,
  missedChanges,
} from "../../../../src/core/recovery/missedChanges.ts";
import type { Operation } from "../../../../src/protocol/event.ts";
import type { DeletedRecord, RecordRead } from "../../../../src/zoho/records.ts";

const window = { from: 100 * second, to: 200 * second };
const all: ReadonlySet<Operation> = new Set(["create", "edit", "delete"] as const);

function record(id: string, createdAt: number, modifiedAt = createdAt): RecordRead {
  return {
    id,
    createdAt: createdAt * second,
    modifiedAt: modifiedAt * second,
    createdBy: "A",
    modifiedBy: "B",
    values: { id },
  };
}

function deleted(id: string, deletedAt: number): DeletedRecord {
  return { id, name: "Iris", deletedAt: deletedAt * second, deletedBy: "C", values: { id } };
}

function delivered(recordId: string, operation: Operation, at: number): DeliveredChange {
  return { recordId, operation, serverTime: at * second };
}

function missed(facts: Partial<ModuleFacts>): string[] {
  const empty = { window, watched: all, modified: [], deleted: [], delivered: [] };
  return missedChanges({ ...empty, ...facts }).map(said);
}

function said({ operation, recordId, changedAt, origin }: MissedChange): string {
  return `${operation} ${recordId} at ${changedAt / second}${origin === undefined ? "" : ` (${origin})`}`;
}

describe("what was missed", () => {
  it("is what was created, edited and deleted within the window, in order of time, with who did it", () => {
    const modified = [record("1", 150), record("2", 10, 120), record("3", 99), record("4", 201), record("5", 10, 50)];
    const changes = missedChanges({
      window,
      watched: all,
      modified,
      deleted: [deleted("6", 130), deleted("7", 210)],
      delivered: [],
    });
    assert.deepEqual(changes.map(said), ["edit 2 at 120", "delete 6 at 130 (unknown)", "create 1 at 150"]);
    assert.deepEqual(
      changes.map(({ changedBy }) => changedBy),
      ["B", "C", "A"],
    );
  });

  it("counts a record that was created and then edited once, as created", () => {
    assert.deepEqual(missed({ modified: [record("1", 110, 150)] }), ["create 1 at 110"]);
  });

  it("has the creation of a record that was edited again after the window, though that edit was delivered", () => {
    const facts = { modified: [record("1", 110, 250)], delivered: [delivered("1", "edit", 250)] };
    assert.deepEqual(missed(facts), ["create 1 at 110"]);
  });

  it("has the edit of a record whose creation was delivered", () => {
    const facts = { modified: [record("1", 100, 150)], delivered: [delivered("1", "create", 100.5)] };
    assert.deepEqual(missed(facts), ["edit 1 at 150"]);
  });

  it("lacks what was delivered at or after the change", () => {
    const facts = {
      modified: [record("1", 110), record("2", 10, 120), record("3", 10, 130)],
      deleted: [deleted("4", 140), deleted("5", 140)],
      delivered: [
        delivered("1", "create", 110.2),
        delivered("2", "edit", 120),
        delivered("3", "edit", 129.9),
        delivered("4", "delete", 141),
        delivered("5", "edit", 141),
      ],
    };
    assert.deepEqual(missed(facts), ["edit 3 at 130", "delete 5 at 140 (before)"]);
  });

  it("has the edit of a record that was deleted and brought back, of which only the deletion was delivered", () => {
    const facts = { modified: [record("1", 10, 120)], delivered: [delivered("1", "delete", 130)] };
    assert.deepEqual(missed(facts), ["edit 1 at 120"]);
  });

  it("is only what the channel watches", () => {
    const facts = { modified: [record("1", 110, 120), record("2", 10, 120)], deleted: [deleted("3", 130)] };
    assert.deepEqual(missed({ ...facts, watched: new Set(["create"] as const) }), ["create 1 at 110"]);
    assert.deepEqual(missed({ ...facts, watched: new Set(["edit"] as const) }), ["edit 1 at 120", "edit 2 at 120"]);
    assert.deepEqual(missed({ ...facts, watched: new Set(["delete"] as const) }), ["delete 3 at 130 (unknown)"]);
  });

  it("says of a deleted record whether it was created within the window, where that is known", () => {
    const facts = {
      modified: [record("1", 110), record("2", 10, 120)],
      deleted: [deleted("1", 150), deleted("2", 150), deleted("3", 150)],
    };
    assert.deepEqual(missed(facts), [
      "delete 1 at 150 (within)",
      "delete 2 at 150 (before)",
      "delete 3 at 150 (unknown)",
    ]);
  });

  it("takes an edit of a record whose creation time the module does not tell", () => {
    const timeless: RecordRead = { id: "1", modifiedAt: window.from, values: {} };
    assert.deepEqual(missed({ modified: [timeless] }), ["edit 1 at 100"]);
  });
});

/** What happens to one record, at which seconds, in order. */
interface Life {
  readonly id: string;
  readonly created: number;
  readonly edits: readonly number[];
  readonly deletedAt: number | undefined;
}

const lifeArbitrary = fc
  .tuple(fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 6 }), fc.boolean())
  .map(([moments, ends]) => {
    const [created = 0, ...later] = moments.toSorted((one, other) => one - other);
    const deletedAt = ends && later.length > 0 ? later.at(-1) : undefined;
    return { created, edits: deletedAt === undefined ? later : later.slice(0, -1), deletedAt };
  });

const livesArbitrary = fc
  .array(lifeArbitrary, { maxLength: 30 })
  .map(lives => lives.map((life, index): Life => ({ ...life, id: String(index + 1) })));

/** Whether the delivery of a change within the window arrived all the same. */
const luckArbitrary = fc.array(fc.boolean(), { minLength: 200, maxLength: 200 });

function isMissed(at: number): boolean {
  return at * second >= window.from && at * second <= window.to;
}

function changesOf({ created, edits, deletedAt }: Life): { operation: Operation; at: number }[] {
  return [
    { operation: "create", at: created },
    ...edits.map(at => ({ operation: "edit" as const, at })),
    ...(deletedAt === undefined ? [] : [{ operation: "delete" as const, at: deletedAt }]),
  ];
}

/** The CRM as it is at the end, and what arrived: all outside the window, and of what is within it what had luck. */
function factsOf(lives: readonly Life[], luck: readonly boolean[]): ModuleFacts {
  let draw = 0;
  const arrived = lives.flatMap(life =>
    changesOf(life)
      .filter(({ at }) => !isMissed(at) || luck[draw++] === true)
      .map(({ operation, at }) => delivered(life.id, operation, at + 0.3)),
  );
  return {
    window,
    watched: all,
    modified: lives
      .filter(({ deletedAt }) => deletedAt === undefined)
      .map(({ id, created, edits }) => record(id, created, edits.at(-1) ?? created))
      .filter(({ modifiedAt }) => (modifiedAt ?? 0) >= window.from),
    deleted: lives.flatMap(({ id, deletedAt }) => (deletedAt === undefined ? [] : [deleted(id, deletedAt)])),
    delivered: arrived,
  };
}

/** The change by which a record must be known, by whatever way: the last of its life, and its creation in the window. */
function mustBeKnown(life: Life): { operation: Operation; at: number }[] {
  const changes = changesOf(life);
  const last = changes.at(-1);
  if (last === undefined) return [];
  const creation = changes[0];
  const tellsCreation = creation !== undefined && isMissed(creation.at) && life.deletedAt === undefined;
  return tellsCreation && last.operation === "edit" ? [creation, last] : [last];
}

describe("recovered and delivered changes together", () => {
  it("account for every record exactly once", () => {
    fc.assert(
      fc.property(livesArbitrary, luckArbitrary, (lives, luck) => {
        const facts = factsOf(lives, luck);
        const recovered = missedChanges(facts);
        assert.equal(new Set(recovered.map(({ recordId }) => recordId)).size, recovered.length, "each record once");
        for (const life of lives) {
          const own = recovered.filter(({ recordId }) => recordId === life.id);
          const arrived = facts.delivered.filter(({ recordId }) => recordId === life.id);
          for (const change of own) assertMissed(change, life, arrived);
          for (const { operation, at } of mustBeKnown(life)) {
            const tells = (told: string | undefined): boolean =>
              told === operation || (operation === "edit" && told === "create");
            const isTold = arrived.some(
              change => tells(change.operation) && (operation === "create" || change.serverTime >= at * second),
            );
            const isRecovered = own.some(change => tells(change.operation));
            assert.ok(isTold || isRecovered, `${operation} of ${life.id} at ${at} is accounted for`);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** What is recovered did happen in the window, and was not delivered. */
function assertMissed(change: MissedChange, life: Life, arrived: readonly DeliveredChange[]): void {
  const happened = changesOf(life).some(
    ({ operation, at }) => operation === change.operation && at * second === change.changedAt,
  );
  assert.ok(happened && isMissed(change.changedAt / second), `${said(change)} happened in the window`);
  const isTold = arrived.some(
    ({ operation, serverTime }) =>
      operation === change.operation && Math.floor(serverTime / second) * second === change.changedAt,
  );
  assert.ok(!isTold, `${said(change)} was not delivered`);
}
