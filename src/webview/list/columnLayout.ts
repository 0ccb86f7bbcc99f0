import { type Column, type ColumnName, columns, ofHandler, wordWidth } from "./columns.ts";

/** What a person chose of the columns. */
export interface ColumnChoice {
  readonly hidden: readonly ColumnName[];
  /** Widths in CSS pixels of the columns that a person gave one. */
  readonly widths: Readonly<Partial<Record<ColumnName, number>>>;
}

export const untouchedColumns: ColumnChoice = { hidden: [], widths: {} };

/** A column on show and its width in whole CSS pixels. */
export interface PlacedColumn {
  readonly name: ColumnName;
  readonly width: number;
}

/** What the rows that are known put into the columns. */
export interface ColumnUse {
  /** True where an event was sent to a handler: else the columns that tell of it are empty. */
  readonly isHandled: boolean;
  /** True where an operation has a word of its own, which no icon stands for. */
  readonly hasOtherOperation: boolean;
}

export const plainUse: ColumnUse = { isHandled: true, hasOtherOperation: false };

/** Only columns of this rank or more are worth more than the word of an operation that has no icon. */
const moreThanWords = 5;

interface Sized {
  readonly column: Column;
  readonly width: number;
}

/** Wider than this, in CSS pixels, no column can be made. */
const widest = 1_200;

/**
 * The columns for a room of this width: those chosen, without the least important ones where there is not enough room,
 * each as wide as chosen or as it is by itself, then made to fit: those that grow share what is left over, and where
 * something is missing they give way, down to what they need, in the order of {@link Column.yields}. Before any gives way,
 * those go that are empty.
 */
export function layOutColumns(choice: ColumnChoice, room: number, use = plainUse): PlacedColumn[] {
  const chosen = withoutEmpty(chosenColumns(choice), choice, room, use);
  const sized = withinRoom(keepingWords(chosen, room, use), room).map(column => sizeOf(column, choice));
  const spare = room - widthOf(sized);
  const fitted = spare >= 0 ? grown(sized, spare, choice) : shrunk(sized, -spare, choice);
  return fitted.map(({ column, width }) => ({ name: column.name, width }));
}

/** A width as a person may choose it for a column. */
export function fitWidth(name: ColumnName, width: number): number {
  const least = columns.find(column => column.name === name)?.least ?? 0;
  return Math.round(Math.max(least, Math.min(width, widest)));
}

/** The choice with a column shown or hidden. The last column on show stays. */
export function toggleColumn(choice: ColumnChoice, name: ColumnName): ColumnChoice {
  if (choice.hidden.includes(name)) return { ...choice, hidden: choice.hidden.filter(other => other !== name) };
  return chosenColumns(choice).length === 1 ? choice : { ...choice, hidden: [...choice.hidden, name] };
}

export function withWidth(choice: ColumnChoice, name: ColumnName, width: number): ColumnChoice {
  return { ...choice, widths: { ...choice.widths, [name]: fitWidth(name, width) } };
}

/** The choice with a column as wide as it is by itself. */
export function withoutWidth(choice: ColumnChoice, name: ColumnName): ColumnChoice {
  const { [name]: _given, ...widths } = choice.widths;
  return { ...choice, widths };
}

function chosenColumns({ hidden }: ColumnChoice): Column[] {
  return columns.filter(({ name }) => !hidden.includes(name));
}

/** What nothing stands in is left out where that lets the others be as wide as they should. A width that was given stays. */
function withoutEmpty(
  chosen: readonly Column[],
  { widths }: ColumnChoice,
  room: number,
  { isHandled }: ColumnUse,
): readonly Column[] {
  if (isHandled || sum(chosen.map(({ width }) => width)) <= room) return chosen;
  const full = chosen.filter(({ name }) => !ofHandler.includes(name) || widths[name] !== undefined);
  return full.length === 0 ? chosen : full;
}

/** Where words alone tell operations apart, their column stays wide enough for one, unless what matters more would go. */
function keepingWords(chosen: readonly Column[], room: number, { hasOtherOperation }: ColumnUse): readonly Column[] {
  if (!hasOtherOperation) return chosen;
  const worded = chosen.map(column => (column.name === "operation" ? withWord(column) : column));
  const dear = worded.filter(({ rank }) => rank >= moreThanWords);
  return sum(dear.map(({ least }) => least)) <= room ? worded : chosen;
}

function withWord(column: Column): Column {
  return { ...column, least: wordWidth, yields: "spare" };
}

function withinRoom(chosen: readonly Column[], room: number): readonly Column[] {
  if (chosen.length <= 1 || sum(chosen.map(({ least }) => least)) <= room) return chosen;
  const lowest = Math.min(...chosen.map(({ rank }) => rank));
  return withinRoom(
    chosen.filter(({ rank }) => rank !== lowest),
    room,
  );
}

function sizeOf(column: Column, { widths }: ColumnChoice): Sized {
  const chosen = widths[column.name];
  return { column, width: chosen === undefined ? column.width : fitWidth(column.name, chosen) };
}

/** A column that a person gave a width keeps it; where none is left to grow, some room stays empty. */
function grown(sized: readonly Sized[], spare: number, { widths }: ColumnChoice): Sized[] {
  const weights = sized.map(({ column }) => (widths[column.name] === undefined ? column.grow : 0));
  const total = sum(weights);
  if (total === 0) return [...sized];
  const given = divide(spare, weights);
  return sized.map(({ column, width }, index) => ({ column, width: width + (given[index] ?? 0) }));
}

/** Columns that a person gave a width give way only when all others have what they need and no more. */
function shrunk(sized: readonly Sized[], missing: number, choice: ColumnChoice): Sized[] {
  const isGiven = ({ column }: Sized): boolean => choice.widths[column.name] !== undefined;
  const yields = (how: Column["yields"]) => (each: Sized) => !isGiven(each) && each.column.yields === how;
  const room = widthOf(sized) - missing;
  let fitted = sized;
  const over = (): number => widthOf(fitted) - room;
  for (const { column } of sized.filter(yields("word"))) {
    if (over() <= sum(slackOf(fitted, yields("spare")))) break;
    fitted = fitted.map(each => (each.column === column ? { column, width: column.least } : each));
  }
  if (over() < 0) return grown(fitted, -over(), choice);
  for (const isMeant of [yields("spare"), yields("last"), isGiven]) fitted = narrowed(fitted, over(), isMeant);
  return [...fitted];
}

function narrowed(sized: readonly Sized[], missing: number, isMeant: (each: Sized) => boolean): Sized[] {
  const slack = slackOf(sized, isMeant);
  const taken = divide(Math.min(missing, sum(slack)), slack);
  return sized.map(({ column, width }, index) => ({ column, width: width - (taken[index] ?? 0) }));
}

/** What each of those that are meant has more than it needs. */
function slackOf(sized: readonly Sized[], isMeant: (each: Sized) => boolean): number[] {
  return sized.map(each => (isMeant(each) ? Math.max(0, each.width - each.column.least) : 0));
}

function widthOf(sized: readonly Sized[]): number {
  return sum(sized.map(({ width }) => width));
}

/** Whole parts of a whole amount by weight, none greater than its exact part rounded up. */
function divide(amount: number, weights: readonly number[]): number[] {
  const total = sum(weights);
  const upTo = (count: number): number =>
    total === 0 ? 0 : Math.floor((amount * sum(weights.slice(0, count))) / total);
  return weights.map((_weight, index) => upTo(index + 1) - upTo(index));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
