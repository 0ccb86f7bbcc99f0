import type { Matches } from "./matches.ts";

/** What a person can search in. */
export interface Searchable {
  readonly text: string;
  /** Where in the text the person is: at the match that they look at, or else at the beginning of what is in view. */
  readonly place: number;
  showMatches(matches: Matches | undefined): void;
  focus(): void;
}

/** What a tab shows. */
export interface TabContent {
  readonly element: HTMLElement;
  /** Fills the pane and scrolls by itself. */
  readonly fills?: boolean;
  /** What to search in now, if there is anything. */
  readonly searchable?: () => Searchable | undefined;
  readonly dispose?: () => void;
}
