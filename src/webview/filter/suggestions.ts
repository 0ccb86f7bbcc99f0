import type { Completions } from "../page/hostConnection.ts";
import { recall } from "./filterHistory.ts";

/** What the list below the filter box offers: a piece of filter text, or a whole filter that was typed before. */
export interface Suggestion {
  readonly kind: "completion" | "earlier";
  readonly label: string;
  /** The box after it is taken: its text, and where the cursor stands. */
  readonly text: string;
  readonly cursor: number;
}

/** Of earlier filters, no more are offered at a time. */
const mostEarlier = 6;

/** What to offer for the text of the box: completions at the cursor, and earlier filters that hold the text. */
export function suggest(text: string, completions: Completions, history: readonly string[]): Suggestion[] {
  const offered = completions.options
    .map(option => completed(text, completions, option))
    .filter(suggestion => suggestion.text.trimEnd() !== text.trimEnd());
  const earlier = recall(history, text)
    .slice(0, mostEarlier)
    .map(filter => ({ kind: "earlier", label: filter, text: filter, cursor: filter.length }) as const);
  return text.trim() === "" ? [...earlier, ...offered] : [...offered, ...earlier];
}

/** After a value there is a blank, so that one types on; after a key its value follows. */
function completed(text: string, { from, to }: Completions, option: string): Suggestion {
  const rest = text.slice(to);
  const gap = option.endsWith(":") || rest.startsWith(" ") ? "" : " ";
  const before = `${text.slice(0, from)}${option}${gap}`;
  return { kind: "completion", label: option, text: `${before}${rest}`, cursor: before.length };
}
