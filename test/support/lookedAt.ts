import type { TestContext } from "node:test";

/** Counts the characters that patterns and searches go through, from one reading to the next. */
export class LookedAt {
  #characters = 0;

  /** From now on to the end of a test. */
  constructor({ mock }: TestContext) {
    const count = (from: number, end: number): void => {
      this.#characters += Math.max(1, end - from);
    };
    const exec: (this: RegExp, text: string) => RegExpExecArray | null = Reflect.get(RegExp.prototype, "exec");
    mock.method(RegExp.prototype, "exec", function (this: RegExp, text: string) {
      const from = this.global || this.sticky ? this.lastIndex : 0;
      const found = Reflect.apply(exec, this, [text]);
      if (found !== null) count(from, found.index + found[0].length);
      else if (!this.sticky) count(from, text.length);
      return found;
    });
    for (const name of ["indexOf", "includes"] as const) {
      const search = Reflect.get(String.prototype, name) as (sought: string, from?: number) => number | boolean;
      mock.method(String.prototype, name, function (this: string, sought: string, from = 0) {
        const found = Reflect.apply(search, this, [sought, from]);
        count(from, typeof found === "number" && found !== -1 ? found : this.length);
        return found;
      });
    }
    const last: (this: string, sought: string, from: number) => number = Reflect.get(String.prototype, "lastIndexOf");
    mock.method(String.prototype, "lastIndexOf", function (this: string, sought: string, from = this.length) {
      const found = Reflect.apply(last, this, [sought, from]);
      count(Math.max(found, 0), from);
      return found;
    });
  }

  take(): number {
    const characters = this.#characters;
    this.#characters = 0;
    return characters;
  }
}
