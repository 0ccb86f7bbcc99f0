/** The arithmetic of a list that draws only the rows in view. Sizes in CSS pixels. */
export interface Viewport {
  readonly total: number;
  readonly rowHeight: number;
  readonly height: number;
  readonly scrollTop: number;
}

/** Browsers stop placing things below some 33 million pixels; beyond this height, scrolling covers more than it moves. */
export const tallest = 15_000_000;

/** How many rows beyond each edge of the view are drawn, so that a quick scroll does not show blanks. */
const overscan = 8;

/** What to draw: offsets from `first` up to, not including, `end`, the first of them `top` pixels down the scrolled area. */
export interface DrawnRange {
  readonly first: number;
  readonly end: number;
  readonly top: number;
}

/** The height of the scrolled area. */
export function scrollHeight({ total, rowHeight }: Pick<Viewport, "total" | "rowHeight">): number {
  return Math.min(total * rowHeight, tallest);
}

export function drawnRange(viewport: Viewport): DrawnRange {
  const { total, rowHeight, height, scrollTop } = viewport;
  const position = listPosition(viewport);
  const first = Math.max(0, Math.floor(position / rowHeight) - overscan);
  const end = Math.min(total, Math.ceil((position + height) / rowHeight) + overscan);
  return { first, end: Math.max(first, end), top: scrollTop - position + first * rowHeight };
}

/** The offset of the first row that is in view, in part or whole. */
export function firstInView(viewport: Viewport): number {
  return Math.max(0, Math.floor(listPosition(viewport) / viewport.rowHeight));
}

/** How many rows at the end are not wholly in view. */
export function rowsBelow(viewport: Viewport): number {
  const { total, rowHeight, height } = viewport;
  return Math.max(0, total - Math.floor((listPosition(viewport) + height) / rowHeight));
}

/** Where to scroll so that the row at `offset` is wholly in view, moving no further than needed. */
export function scrollToShow(offset: number, viewport: Viewport): number {
  const { rowHeight, height } = viewport;
  const position = listPosition(viewport);
  const top = offset * rowHeight;
  if (top < position) return scrollTopAt(top, viewport);
  if (top + rowHeight > position + height) return scrollTopAt(top + rowHeight - height, viewport);
  return viewport.scrollTop;
}

/** Where to scroll so that the row at `offset` is the first in view. */
export function scrollToTop(offset: number, viewport: Viewport): number {
  return scrollTopAt(offset * viewport.rowHeight, viewport);
}

/** Where the list ends. */
export function scrollToEnd(viewport: Viewport): number {
  return Math.max(0, scrollHeight(viewport) - viewport.height);
}

/** Whether the newest row is in view. Half a row of slack absorbs fractions of pixels. */
export function isAtEnd(viewport: Viewport): boolean {
  return viewport.scrollTop >= scrollToEnd(viewport) - viewport.rowHeight / 2;
}

/** How far the view is down the list as if it were drawn in full. */
function listPosition(viewport: Viewport): number {
  return Math.min(viewport.scrollTop * stretch(viewport), longestPosition(viewport));
}

function scrollTopAt(position: number, viewport: Viewport): number {
  return Math.max(0, Math.min(position, longestPosition(viewport))) / stretch(viewport);
}

/** How much of the full list one pixel of scrolling covers: 1 until the list is taller than {@link tallest}. */
function stretch(viewport: Viewport): number {
  const scrollable = scrollToEnd(viewport);
  return scrollable === 0 ? 1 : Math.max(1, longestPosition(viewport) / scrollable);
}

function longestPosition({ total, rowHeight, height }: Viewport): number {
  return Math.max(0, total * rowHeight - height);
}
