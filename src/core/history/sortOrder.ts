import type { Sort } from "../../protocol/inspector.ts";

/** What the columns of the list are sorted by; numbers of records are of any length. */
const expressions: Readonly<Record<Sort["column"], readonly string[]>> = {
  time: ["received_at"],
  operation: ["operation"],
  module: ["module"],
  record: ["length(record)", "record"],
  source: ["source"],
  handler: ["handling", "status"],
  latency: ["latency"],
  size: ["bytes"],
};

/** The order of the list in SQL. Entries without a value come last either way; what is equal stays in order of arrival. */
export function toOrder(sort: Sort | undefined): string {
  if (sort === undefined) return "id";
  const direction = sort.descending ? " DESC" : "";
  const [first = "id"] = expressions[sort.column];
  const keys = [...expressions[sort.column], "id"].map(key => `${key}${direction}`);
  return [`${first} IS NULL`, ...keys].join(", ");
}
