import type { HttpAnswer } from "./httpTransport.ts";
import type { ZohoProblem } from "./problem.ts";
import type { OddItem } from "./readItems.ts";
import type { ShapeObserver } from "./shapeObserver.ts";
import { readJson } from "./wire.ts";

/** Tells an observer, where there is one, of what could not be read. */
export class ShapeTeller {
  readonly #observer: ShapeObserver | undefined;

  constructor(observer: ShapeObserver | undefined) {
    this.#observer = observer;
  }

  /** Entries of a list. `where` as in {@link ShapeObserver}. */
  odd(where: string, items: readonly OddItem[]): void {
    for (const { value } of items) this.#observer?.note(where, value);
  }

  /** An answer that does not say what it should, by the problem that was made of it. */
  unclear(where: string, answer: HttpAnswer, problem: ZohoProblem): void {
    if (problem.kind !== "unreadable") return;
    const body = readJson(answer);
    this.#observer?.note(where, body.ok ? body.value : answer.text);
  }
}
