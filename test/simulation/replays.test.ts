import assert from "node:assert/strict";
import { it } from "node:test";
import { simulate } from "./simulate.ts";
import { MachineDatabase } from "./world/playedDatabase.ts";

it("does the same again with the same seed, to the last word, and something else with another", async () => {
  const databases = [new MachineDatabase(), new MachineDatabase()] as const;
  const first = await simulate(7, databases, true);
  const again = await simulate(7, databases, true);
  const other = await simulate(8, databases, true);
  assert.ok(first.lines.length > 20);
  assert.deepEqual(again, first);
  assert.notDeepEqual(other.lines, first.lines);
  for (const database of databases) database.close();
});
