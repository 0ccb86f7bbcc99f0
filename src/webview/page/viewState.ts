import * as v from "valibot";
import { sortSchema } from "../../protocol/inspector.ts";
import { defaultShare } from "../layout/split.ts";
import { untouchedColumns } from "../list/columnLayout.ts";
import { columnNames } from "../list/columns.ts";

/** What of the view outlives the page: VS Code keeps it while the page is reloaded or hidden. */
const viewStateSchema = v.object({
  /** The event on show in the detail pane, and where the list had it. */
  selected: v.optional(v.object({ id: v.number(), offset: v.number() })),
  following: v.boolean(),
  /** The first row in view, for when the list does not follow. */
  firstOffset: v.number(),
  /** The list's share of the room, beside and above the detail pane. */
  shares: v.object({ wide: v.number(), narrow: v.number() }),
  tab: v.picklist(["summary", "changes", "handler", "headers", "tree", "raw", "timing"]),
  columns: v.object({
    hidden: v.array(v.picklist(columnNames)),
    widths: v.record(v.picklist(columnNames), v.number()),
  }),
  times: v.picklist(["relative", "absolute"]),
  /** What the list showed and how, for a host that begins anew. */
  filter: v.string(),
  sort: v.optional(sortSchema),
  /** The filters that were typed, newest first. */
  filterHistory: v.array(v.string()),
});
export type ViewState = v.InferOutput<typeof viewStateSchema>;
export type DetailTab = ViewState["tab"];

export const initialViewState: ViewState = {
  following: true,
  firstOffset: 0,
  shares: { wide: defaultShare, narrow: defaultShare },
  tab: "summary",
  columns: { hidden: [...untouchedColumns.hidden], widths: {} },
  times: "relative",
  filter: "",
  filterHistory: [],
};

/** The state as it was kept; what another version kept in another form begins anew. */
export function parseViewState(raw: unknown): ViewState {
  const parsed = v.safeParse(viewStateSchema, raw);
  return parsed.success ? parsed.output : initialViewState;
}
