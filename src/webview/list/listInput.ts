import { assertNever } from "../../base/assertNever.ts";
import { type ListAction, type ListPlace, type SelectionAction, listAction } from "./listKeys.ts";
import { isRetry, offsetOf } from "./rowView.ts";
import type { SelectionEvent } from "./selection.ts";

export interface ListInputOptions {
  /** Where the keyboard is, and what it can go to. */
  readonly place: () => ListPlace;
  /** How many rows are chosen. */
  readonly selectedCount: () => number;
  readonly isChosen: (offset: number) => boolean;
  /** The row at an offset, while it is drawn. */
  readonly rowAt: (offset: number) => HTMLElement | undefined;
  /** What the editor's menu is told of the chosen rows. */
  readonly context: () => string;
  readonly focus: () => void;
  readonly choose: (event: SelectionEvent) => void;
  /** Asks again for rows that did not come. */
  readonly retry: (offset: number) => void;
  /** The person wants to go on to the event's detail. */
  readonly onOpen: () => void;
  readonly onAct: (action: SelectionAction) => void;
  /** The editor's menu is about to open on the chosen rows. */
  readonly onMenu: () => void;
}

/** What a person does with keys and pointer in the list of events, and with the editor's menu. */
export class ListInput {
  readonly #options: ListInputOptions;

  constructor(options: ListInputOptions) {
    this.#options = options;
  }

  /** `scroller` has the keyboard, `canvas` the rows. */
  listen(scroller: HTMLElement, canvas: HTMLElement): void {
    scroller.addEventListener("keydown", event => {
      if (event.target === scroller) this.#onKey(event);
    });
    scroller.addEventListener("contextmenu", event => this.#onContextMenu(event));
    canvas.addEventListener("mousedown", event => this.#onMouseDown(event));
    canvas.addEventListener("click", event => this.#onClick(event));
  }

  #onKey(event: KeyboardEvent): void {
    const { key, shiftKey: shift, altKey: alt } = event;
    const modified = event.ctrlKey || event.metaKey;
    const action = listAction({ key, shift, alt, modified }, this.#options.place());
    if (action === undefined) return;
    // The editor has commands of its own for some of these keys.
    event.preventDefault();
    event.stopPropagation();
    this.#act(action);
  }

  #act(action: ListAction): void {
    const { choose, onOpen, onAct, selectedCount } = this.#options;
    switch (action.kind) {
      case "select":
        choose(action.event);
        break;
      case "close":
        choose({ kind: "cleared" });
        break;
      case "open":
        onOpen();
        break;
      case "delete":
      case "pin":
      case "replay":
      case "edit":
      case "compare":
        if (selectedCount() > 0) onAct(action.kind);
        break;
      default:
        assertNever(action);
    }
  }

  /** With Shift, a press would select text from where the last one was. */
  #onMouseDown(event: MouseEvent): void {
    if (event.shiftKey) event.preventDefault();
  }

  #onClick(event: MouseEvent): void {
    const offset = event.target instanceof Element ? offsetOf(event.target) : undefined;
    if (offset === undefined) return;
    const { focus, retry, choose } = this.#options;
    focus();
    if (event.target instanceof Element && isRetry(event.target)) retry(offset);
    else choose(clickEvent(event, offset));
  }

  /** The menu is the editor's; it reads what it is about from the row when the event has gone through here. */
  #onContextMenu(event: MouseEvent): void {
    const offset = event.target instanceof Element ? offsetOf(event.target) : undefined;
    if (offset === undefined) {
      this.#onKeyboardMenu(event);
      return;
    }
    const { focus, isChosen, choose, onMenu, rowAt, context } = this.#options;
    focus();
    if (!isChosen(offset)) choose({ kind: "only", offset });
    onMenu();
    const row = rowAt(offset);
    if (row !== undefined) row.dataset["vscodeContext"] = context();
  }

  /** A key asks for the menu of the list as a whole: it is opened again on the row that the keyboard is on. */
  #onKeyboardMenu(event: MouseEvent): void {
    event.preventDefault();
    event.stopPropagation();
    const { lead } = this.#options.place();
    const row = lead === undefined ? undefined : this.#options.rowAt(lead);
    if (row === undefined || event.button === 2) return;
    const { left, bottom, height } = row.getBoundingClientRect();
    const place = { clientX: left + height, clientY: bottom };
    row.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true, ...place }));
  }
}

function clickEvent(event: MouseEvent, offset: number): SelectionEvent {
  const modified = event.ctrlKey || event.metaKey;
  if (event.shiftKey) return { kind: "extended", offset, added: modified };
  return { kind: modified ? "toggled" : "only", offset };
}
