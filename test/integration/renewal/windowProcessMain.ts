import * as v from "valibot";
import { minute } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { ConnectionStore } from "../../../src/core/connections/connectionStore.ts";
import { Claims } from "../../../src/core/windows/claims.ts";
import { openSharedDatabase } from "../../../src/core/windows/sharedDatabase.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { MemoryVault } from "../../support/memoryVault.ts";
import { CountingTransport, openWindow } from "./renewalWindow.ts";

const taskSchema = v.object({
  task: v.picklist(["renew", "hold"]),
  file: v.string(),
  now: v.number(),
  vault: v.array(v.tuple([v.string(), v.string()])),
});

type Task = v.InferOutput<typeof taskSchema>;

process.on("message", message => void answer(v.parse(taskSchema, message)));
process.send?.("ready");

async function answer(task: Task): Promise<void> {
  const vault = new MemoryVault();
  for (const [key, value] of task.vault) vault.entries.set(key, value);
  process.send?.(task.task === "renew" ? await renew(task, vault) : await hold(task, vault));
}

async function renew({ file, now }: Task, vault: MemoryVault): Promise<readonly string[]> {
  const transport = new CountingTransport();
  const window = await openWindow(vault, transport, new FakeClock(now), file);
  await window.service.refresh();
  await window.keeper.whenIdle();
  window.dispose();
  return transport.calls;
}

async function hold({ file, now }: Task, vault: MemoryVault): Promise<readonly string[]> {
  const connections = new ConnectionStore(vault, silentLogger, new FakeClock(now));
  await connections.load();
  const { database } = openSharedDatabase(file, silentLogger);
  const [connection] = connections.list();
  const claim = new Claims(database, new FakeClock(now)).take(`renewal/${connection?.id ?? ""}`, 2 * minute);
  return [claim === undefined ? "refused" : "held"];
}
