import type { Clock } from "../../base/clock.ts";
import type { JsonNode, JsonSource } from "../../base/jsonSource.ts";
import { element } from "../page/dom.ts";
import type { Matches } from "./matches.ts";
import type { Searchable } from "./tabContent.ts";
import { type Remark, TreeView } from "./treeView.ts";
import { WholeValue } from "./wholeValue.ts";

export interface JsonTreeOptions {
  readonly source: JsonSource;
  /** What the tree was read from. */
  readonly text: string;
  readonly label: string;
  readonly clock: Clock;
  readonly copy: (text: string) => void;
  readonly remarkOn?: (node: JsonNode) => Remark | undefined;
}

/** A tree of JSON, and in its place one of its long values in full when a person asks for it. */
export class JsonTree implements Searchable {
  readonly element: HTMLElement;
  readonly text: string;
  readonly #options: JsonTreeOptions;
  readonly #view: TreeView;
  #whole: WholeValue | undefined;

  constructor(options: JsonTreeOptions) {
    this.#options = options;
    this.text = options.text;
    this.#view = new TreeView({ ...options, showWhole: (name, text) => this.#showWhole(name, text) });
    this.element = element("div", { className: "json-tree" }, this.#view.element);
  }

  get place(): number {
    return this.#view.place;
  }

  showMatches(matches: Matches | undefined): void {
    this.#closeWhole();
    this.#view.showMatches(matches);
  }

  focus(): void {
    this.#view.focus();
  }

  dispose(): void {
    this.#view.dispose();
    this.#whole?.dispose();
  }

  #showWhole(name: string, text: string): void {
    this.#closeWhole();
    const { clock, copy } = this.#options;
    const onClose = (): void => {
      this.#closeWhole();
      this.#view.focus();
    };
    this.#whole = new WholeValue({ name, text, clock, copy, onClose });
    this.#view.element.hidden = true;
    this.element.append(this.#whole.element);
    this.#whole.focus();
  }

  #closeWhole(): void {
    this.#whole?.element.remove();
    this.#whole?.dispose();
    this.#whole = undefined;
    this.#view.element.hidden = false;
  }
}
