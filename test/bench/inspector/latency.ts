import { setTimeout as delay } from "node:timers/promises";
import { type Figure, figureOf } from "./figure.ts";
import { type MeasuredWindow, followNewest } from "./measuredWindow.ts";

const interval = 100;

/** From a record being changed in the sandbox to its row in view, ten times a second, while the list follows. */
export async function latencyFigures(window: MeasuredWindow, seconds: number): Promise<Figure[]> {
  const probe = await window.inspector();
  await followNewest(probe);
  const waiting: Promise<number | null>[] = [];
  const begun = performance.now();
  for (let count = 0; count < (seconds * 1_000) / interval; count++) {
    await delay(Math.max(0, begun + count * interval - performance.now()));
    waiting.push(changeAndSee());
  }
  const seen = await Promise.all(waiting);
  const values = seen.filter(milliseconds => milliseconds !== null);
  const unseen = seen.length - values.length;
  return [
    figureOf("change in the sandbox → row in view", "p95", values, { target: { atMost: 150 } }),
    figureOf("change in the sandbox → row in view", "median", values),
    { name: "changes whose row was never in view", unit: "events", inspector: unseen, target: { atMost: 0 } },
  ];

  /** The clock starts before the call that makes the change, so the CRM's own time is in it. */
  async function changeAndSee(): Promise<number | null> {
    const changedAt = performance.timeOrigin + performance.now();
    const id = await window.crm.createLead(`Change ${changedAt}`);
    const shownAt = await probe.rowOf(id);
    return shownAt === null ? null : shownAt - changedAt;
  }
}
