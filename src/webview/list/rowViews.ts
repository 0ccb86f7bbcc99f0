import { type RowFrame, type RowMarks, type RowSlot, RowView } from "./rowView.ts";
import type { DrawnRange } from "./windowing.ts";

/** What stands at an offset, and how it is marked. */
export interface RowSource {
  slotAt(offset: number): RowSlot;
  marksAt(offset: number): RowMarks;
}

/** The drawn rows, in the order of their elements. Those that leave the view are used again on the other side. */
export class RowViews {
  readonly #canvas: HTMLElement;
  readonly #rowHeight: number;
  #views: RowView[] = [];
  #first = 0;

  constructor(canvas: HTMLElement, rowHeight: number) {
    this.#canvas = canvas;
    this.#rowHeight = rowHeight;
  }

  /** The row at an offset, while it is drawn. */
  at(offset: number): RowView | undefined {
    return this.#views[offset - this.#first];
  }

  draw(range: DrawnRange, source: RowSource, frame: RowFrame): void {
    this.#rotate(range.first - this.#first);
    this.#first = range.first;
    this.#resize(range.end - range.first);
    for (const [index, view] of this.#views.entries()) {
      const offset = range.first + index;
      view.show(offset, source.slotAt(offset), source.marksAt(offset), frame);
      view.moveTo(range.top + index * this.#rowHeight);
    }
  }

  /** Shows what changes with time alone. */
  tick(frame: RowFrame): void {
    for (const view of this.#views) view.tick(frame);
  }

  /** Rows that stay in view keep their elements; after a jump there is nothing to keep, and none is moved. */
  #rotate(shift: number): void {
    const count = this.#views.length;
    if (shift === 0 || Math.abs(shift) >= count) return;
    if (shift > 0) {
      const leaving = this.#views.splice(0, shift);
      this.#views.push(...leaving);
      this.#canvas.append(...leaving.map(view => view.element));
    } else {
      const leaving = this.#views.splice(count + shift);
      this.#views.unshift(...leaving);
      this.#canvas.prepend(...leaving.map(view => view.element));
    }
  }

  #resize(count: number): void {
    for (const view of this.#views.splice(count)) view.element.remove();
    while (this.#views.length < count) {
      const view = new RowView();
      this.#views.push(view);
      this.#canvas.append(view.element);
    }
  }
}
