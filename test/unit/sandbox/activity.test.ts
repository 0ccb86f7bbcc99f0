import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { day, second } from "../../../src/base/clock.ts";
import { startActivity } from "../../../src/sandbox/activity.ts";
import { BehaviourSwitches } from "../../../src/sandbox/behaviour.ts";
import { requireModule } from "../../../src/sandbox/crm/standardModules.ts";
import { ModuleCatalog } from "../../../src/sandbox/crm/moduleCatalog.ts";
import { type RecordChange, Records } from "../../../src/sandbox/crm/records.ts";
import { seedRecords } from "../../../src/sandbox/seed/seedRecords.ts";
import { IdSource } from "../../../src/sandbox/state/idSource.ts";
import { MovableClock } from "../../../src/sandbox/state/movableClock.ts";
import { memoryStorage } from "../../../src/sandbox/state/storage.ts";
import { FakeClock } from "../../support/fakeClock.ts";

describe("the activity of invented users", () => {
  it("changes one thing per interval, of every kind in the long run, and stops when told", () => {
    const { clock, records, changes } = setUp();
    const activity = startActivity({ records, clock, random: seededRandom(7) }, 5 * second);
    clock.advance(5 * second);
    assert.ok(changes.length <= 1);
    clock.advance(5 * second * 500);
    const kinds = new Set(changes.map(({ module, operation }) => `${module.apiName} ${operation}`));
    assert.deepEqual([...kinds].toSorted(), ["Deals update", "Leads delete", "Leads insert", "Leads update"]);
    assert.ok(new Set(changes.map(({ actor }) => actor.id)).size > 1, "several people work there");
    activity.dispose();
    const count = changes.length;
    clock.advance(day);
    assert.deepEqual([changes.length, clock.pending], [count, 0]);
  });

  it("keeps the number of leads within bounds, however long it goes on", () => {
    const { clock, records } = setUp();
    startActivity({ records, clock, random: seededRandom(3) }, second);
    clock.advance(3_000 * second);
    const leads = records.list(requireModule("Leads")).length;
    assert.ok(leads > 5 && leads <= 60, `${leads} leads`);
  });
});

function setUp(): { clock: FakeClock; records: Records; changes: RecordChange[] } {
  const clock = new FakeClock();
  const ids = new IdSource(memoryStorage);
  const movable = new MovableClock(clock);
  const behaviour = new BehaviourSwitches();
  const catalog = new ModuleCatalog(memoryStorage);
  const records = new Records({ clock: movable, behaviour, storage: memoryStorage, ids, catalog });
  seedRecords(records, ids, clock.now());
  const changes: RecordChange[] = [];
  records.onDidChange(change => changes.push(...change));
  return { clock, records, changes };
}

/** A small linear congruential generator: the same numbers each time. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
