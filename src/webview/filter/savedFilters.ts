import * as l10n from "@vscode/l10n";
import type { Query } from "../../protocol/inspector.ts";
import type { MenuItem } from "../page/menu.ts";
import { MenuButton } from "../page/menuButton.ts";
import { visibleLine } from "../text/visibleText.ts";

export interface SavedFiltersOptions {
  readonly apply: (filter: string) => void;
  readonly save: () => void;
  readonly forget: (name: string) => void;
  /** Has {@link SavedFilters.show} called with what there is now: another window may have kept or forgotten some. */
  readonly ask: () => void;
  /** The filter as it stands in the box. */
  readonly typed: () => string;
}

/** The button beside the filter box, and its menu: the filters that were kept, and to keep the one in the box. */
export class SavedFilters {
  readonly #button: MenuButton;
  readonly #options: SavedFiltersOptions;
  #saved: Query["saved"] = [];

  constructor(options: SavedFiltersOptions) {
    this.#options = options;
    const label = l10n.t("Saved filters");
    this.#button = new MenuButton({ icon: "bookmark", label, items: () => this.#items(), onOpen: options.ask });
  }

  get element(): HTMLElement {
    return this.#button.element;
  }

  show(saved: Query["saved"]): void {
    if (isSame(saved, this.#saved)) return;
    this.#saved = saved;
    this.#button.refresh();
  }

  #items(): MenuItem[] {
    const { save, typed } = this.#options;
    const keep: MenuItem[] =
      typed().trim() === ""
        ? [{ kind: "title", label: l10n.t("Type a filter to save it here") }]
        : [{ kind: "action", label: l10n.t("Save This Filter…"), icon: "save", run: save }];
    const kept = this.#saved.map(filter => this.#item(filter));
    return kept.length === 0 ? keep : [...kept, { kind: "separator" }, ...keep];
  }

  #item({ name, filter }: Query["saved"][number]): MenuItem {
    const { apply, forget } = this.#options;
    const shown = visibleLine(name);
    return {
      kind: "action",
      label: shown,
      remark: visibleLine(filter),
      icon: "bookmark",
      run: () => apply(filter),
      aside: { icon: "trash", label: l10n.t("Forget “{0}” (Delete)", shown), run: () => forget(name) },
    };
  }
}

function isSame(one: Query["saved"], other: Query["saved"]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
