/** Which share of the room the list has beside or above the detail pane: between 0 and 1. */
export interface SplitRoom {
  /** The room for both parts, in CSS pixels. */
  readonly size: number;
  /** What each part needs at least, in CSS pixels. */
  readonly least: number;
}

export const defaultShare = 0.55;

/** The nearest share that leaves both parts what they need; half where there is not enough for both. */
export function fitShare(share: number, { size, least }: SplitRoom): number {
  if (size < 2 * least) return 0.5;
  return Math.min(Math.max(share, least / size), 1 - least / size);
}

/** How far one press of an arrow key moves the divider, in CSS pixels. */
const step = 24;

/** The share after a key on the divider, or undefined when the key means nothing there. */
export function shareAfterKey(key: string, share: number, room: SplitRoom): number | undefined {
  switch (key) {
    case "ArrowLeft":
    case "ArrowUp":
      return fitShare(share - step / room.size, room);
    case "ArrowRight":
    case "ArrowDown":
      return fitShare(share + step / room.size, room);
    case "Home":
      return fitShare(0, room);
    case "End":
      return fitShare(1, room);
    case "Enter":
      return fitShare(defaultShare, room);
    default:
      return undefined;
  }
}
