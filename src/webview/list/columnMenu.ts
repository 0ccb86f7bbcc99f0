import * as l10n from "@vscode/l10n";
import type { MenuItem } from "../page/menu.ts";
import type { TimeForm } from "./cellContent.ts";
import { type ColumnChoice, toggleColumn, untouchedColumns } from "./columnLayout.ts";
import { columnNames, columnTitle } from "./columns.ts";

export interface ColumnMenuOptions {
  /** What is chosen now. */
  readonly chosen: () => { readonly columns: ColumnChoice; readonly times: TimeForm };
  readonly onColumns: (columns: ColumnChoice) => void;
  readonly onTimes: (times: TimeForm) => void;
}

/** What the menu of the list's heading has: which columns are on show, and how times are. */
export function columnMenu(options: ColumnMenuOptions): readonly MenuItem[] {
  return [
    ...columnItems(options),
    { kind: "separator" },
    ...timeItems(options),
    { kind: "separator" },
    {
      kind: "action",
      label: l10n.t("Reset Columns"),
      run: () => options.onColumns(untouchedColumns),
    },
  ];
}

function columnItems({ chosen, onColumns }: ColumnMenuOptions): MenuItem[] {
  const { columns } = chosen();
  return columnNames.map(name => ({
    kind: "check",
    label: columnTitle(name),
    isOn: !columns.hidden.includes(name),
    run: () => onColumns(toggleColumn(columns, name)),
  }));
}

function timeItems({ chosen, onTimes }: ColumnMenuOptions): MenuItem[] {
  const { times } = chosen();
  return [
    {
      kind: "radio",
      label: l10n.t("Relative Times"),
      isOn: times === "relative",
      run: () => onTimes("relative"),
    },
    {
      kind: "radio",
      label: l10n.t("Absolute Times"),
      isOn: times === "absolute",
      run: () => onTimes("absolute"),
    },
  ];
}
