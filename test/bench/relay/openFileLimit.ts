import * as v from "valibot";

const limits = v.object({
  userLimits: v.object({ open_files: v.object({ soft: v.union([v.number(), v.string()]) }) }),
});

/** How many files and sockets a process like this one may have open; Infinity where nothing says otherwise. */
export function openFileLimit(): number {
  const report = v.safeParse(limits, process.report.getReport());
  const soft = report.success ? report.output.userLimits.open_files.soft : "unlimited";
  return typeof soft === "number" ? soft : Infinity;
}
