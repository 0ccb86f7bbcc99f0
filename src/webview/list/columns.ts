/** The columns of the list, in order. `name` is also the class of the column's cells. */
export const columns = [
  { name: "status", title: "Sender" },
  { name: "time", title: "Time" },
  { name: "operation", title: "Operation" },
  { name: "module", title: "Module" },
  { name: "record", title: "Record" },
  { name: "fields", title: "Changed fields" },
  { name: "size", title: "Size" },
] as const;

export type ColumnName = (typeof columns)[number]["name"];
