import type { CDPSession } from "playwright-core";
import * as v from "valibot";

const taskSchema = v.object({
  name: v.literal("ThreadControllerImpl::RunTask"),
  pid: v.number(),
  tid: v.number(),
  /** Microseconds of processor time. */
  tdur: v.number(),
});
const threadNameSchema = v.object({
  name: v.literal("thread_name"),
  pid: v.number(),
  tid: v.number(),
  args: v.object({ name: v.literal("CrRendererMain") }),
});

/**
 * Processor time of each task of the browser's page threads while `work` is done, in milliseconds: what a frame costs,
 * also on a machine that has other things to do.
 */
export async function traceTasks(cdp: CDPSession, work: () => Promise<void>): Promise<number[]> {
  const events: unknown[] = [];
  const collect = ({ value }: { readonly value: readonly unknown[] }): void => void events.push(...value);
  cdp.on("Tracing.dataCollected", collect);
  const categories = { includedCategories: ["toplevel"], excludedCategories: ["*"] };
  await cdp.send("Tracing.start", { traceConfig: categories, transferMode: "ReportEvents" });
  try {
    await work();
  } finally {
    const complete = new Promise<void>(resolve => cdp.once("Tracing.tracingComplete", () => resolve()));
    await cdp.send("Tracing.end");
    await complete;
    cdp.off("Tracing.dataCollected", collect);
  }
  return tasksOf(events);
}

function tasksOf(events: readonly unknown[]): number[] {
  const threads = new Set<string>();
  for (const event of events) {
    const named = v.safeParse(threadNameSchema, event);
    if (named.success) threads.add(`${named.output.pid}/${named.output.tid}`);
  }
  return events.flatMap(event => {
    const task = v.safeParse(taskSchema, event);
    if (!task.success || !threads.has(`${task.output.pid}/${task.output.tid}`)) return [];
    return [task.output.tdur / 1_000];
  });
}
