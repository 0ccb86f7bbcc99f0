import { type Figure, figureOf } from "./figure.ts";
import type { FrameProbe } from "./frameProbe.ts";
import type { MeasuredWindow } from "./measuredWindow.ts";

const rounds = 7;

interface Opening {
  /** From the press on the view's tab to the first rows. */
  readonly total: number;
  /** From the inspector's own page being there to the first rows. */
  readonly own: number;
}

/** How long it takes from choosing the view until its first rows are shown; VS Code makes its page anew each time. */
export async function openingFigures(window: MeasuredWindow, plain: readonly number[]): Promise<Figure[]> {
  const openings: Opening[] = [];
  for (let round = 0; round < rounds; round++) openings.push(await openOnce(window));
  return [
    figureOf(
      "open: page there → first rows",
      "median",
      openings.map(({ own }) => own),
      { plain, target: { atMost: 300 } },
    ),
    figureOf(
      "open: press on the tab → first rows, with VS Code's part",
      "median",
      openings.map(({ total }) => total),
    ),
  ];
}

async function openOnce(window: MeasuredWindow): Promise<Opening> {
  const { editor } = window;
  await editor.runCommand("Problems: Focus on Problems View");
  await editor.panelTab("Zoho CRM Events").click();
  const probe = await window.inspector();
  const { pageAt, firstRowsAt } = await whenStarted(probe);
  const { pressedAt = NaN } = await window.window.start();
  return { total: firstRowsAt - pressedAt, own: firstRowsAt - pageAt };
}

async function whenStarted(probe: FrameProbe): Promise<{ readonly pageAt: number; readonly firstRowsAt: number }> {
  await probe.when("zcnProbe.start().firstRowsAt !== undefined");
  const { pageAt = NaN, firstRowsAt = NaN } = await probe.start();
  return { pageAt, firstRowsAt };
}
