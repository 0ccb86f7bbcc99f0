import { lowerBound } from "./textSearch.ts";

/** A row of text as it is drawn: a line, or a part of a long one. Offsets into the text, line break excluded. */
export interface TextRow {
  readonly from: number;
  readonly to: number;
  /** The number of the line that begins here, from 1; undefined where a line goes on. */
  readonly line: number | undefined;
}

/** How many rows are laid out in one piece. */
const pieceRows = 5_000;

/** A text cut into rows of at most so many characters. */
export class TextRows {
  readonly #text: string;
  readonly #starts: number[] = [];
  readonly #lines: number[] = [];

  private constructor(text: string) {
    this.#text = text;
  }

  static *read(text: string, longest: number): Generator<undefined, TextRows> {
    const rows = new TextRows(text);
    for (let at = 0, line = 1; at <= text.length; line++) {
      const breakAt = text.indexOf("\n", at);
      const end = breakAt === -1 ? text.length : breakAt;
      yield* rows.#addLine(at, end, line, longest);
      at = end + 1;
    }
    return rows;
  }

  get count(): number {
    return this.#starts.length;
  }

  get lineCount(): number {
    return this.#lines.at(-1) ?? 0;
  }

  row(index: number): TextRow {
    const from = this.#starts[index] ?? this.#text.length;
    const line = this.#lines[index];
    const goesOn = this.#lines[index + 1] === line;
    const next = this.#starts[index + 1] ?? this.#text.length + 1;
    const to = goesOn ? next : next - 1;
    const isReturn = !goesOn && to > from && this.#text.charCodeAt(to - 1) === 0x0d;
    return { from, to: isReturn ? to - 1 : to, line: this.#lines[index - 1] === line ? undefined : line };
  }

  textOf({ from, to }: TextRow): string {
    return this.#text.slice(from, to);
  }

  /** The row that the character at `position` is in. */
  rowAt(position: number): number {
    return Math.max(0, lowerBound(this.#starts, position + 1) - 1);
  }

  *#addLine(from: number, end: number, line: number, longest: number): Generator<undefined, void> {
    let at = from;
    do {
      this.#starts.push(at);
      this.#lines.push(line);
      if (this.#starts.length % pieceRows === 0) yield undefined;
      at = wholeCharacter(this.#text, Math.min(at + longest, end));
    } while (at < end);
  }
}

/** A place that does not part the halves of a character. */
function wholeCharacter(text: string, at: number): number {
  const isHalved = isHigh(text.charCodeAt(at - 1)) && isLow(text.charCodeAt(at));
  return isHalved ? at + 1 : at;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
