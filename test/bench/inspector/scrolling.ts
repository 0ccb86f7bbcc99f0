import type { Locator, Page } from "playwright-core";
import { type Figure, figureOf } from "./figure.ts";
import type { FrameProbe, MeasuredFrames } from "./frameProbe.ts";
import type { MeasuredWindow } from "./measuredWindow.ts";

const pages = 200;
const jumps = 60;
/** How long the window is left alone, to see what frames the machine grants. */
const restMilliseconds = 3_000;

/** Something that scrolls: its frame, what takes the keys, and an expression for the element that scrolls. */
export interface ScrolledList {
  readonly probe: FrameProbe;
  readonly page: Page;
  readonly keys: Locator;
  readonly scroller: string;
}

export interface Scrolling {
  readonly paging: MeasuredFrames;
  readonly dragging: MeasuredFrames;
}

/** Page Down held, and the scroll bar dragged to random places. */
export async function scrollThrough({ probe, page, keys, scroller }: ScrolledList, share = 1): Promise<Scrolling> {
  await keys.focus();
  await page.keyboard.press("Home");
  const paging = await probe.during(async () => {
    for (let count = 0; count < pages * share; count++) await page.keyboard.press("PageDown");
  });
  const dragging = await probe.during(async () => {
    await probe.frame.evaluate(dragScript(scroller, jumps * share));
  });
  return { paging, dragging };
}

/** Every third frame another place, as the places that a scroll bar passes. The places are the same in every run. */
function dragScript(scroller: string, count: number): string {
  return `new Promise(done => {
    const scroller = ${scroller};
    let at = 0;
    let frame = 0;
    const next = () => {
      if (frame++ % 3 === 0) {
        scroller.scrollTop = ((at * 7919) % 1000) / 1000 * (scroller.scrollHeight - scroller.clientHeight);
        if (at++ >= ${count}) return done();
      }
      requestAnimationFrame(next);
    };
    next();
  })`;
}

export async function scrollingFigures(window: MeasuredWindow, plain: Scrolling): Promise<Figure[]> {
  const probe = await window.inspector();
  const scrolling = await scrollThrough({
    probe,
    page: window.editor.page,
    keys: probe.frame.getByRole("grid").first(),
    scroller: "document.querySelector('.scroller')",
  });
  const target = { atMost: 50 };
  const rest = await probe.during(async () => window.editor.page.waitForTimeout(restMilliseconds));
  const figures = (["paging", "dragging"] as const).flatMap(kind => [
    figureOf(`scroll, ${kind}: frame`, "longest", scrolling[kind].frames, { plain: plain[kind].frames, target }),
    figureOf(`scroll, ${kind}: frame`, "p95", scrolling[kind].frames, { plain: plain[kind].frames }),
    figureOf(`scroll, ${kind}: processor time of a task`, "longest", scrolling[kind].tasks, {
      plain: plain[kind].tasks,
      target,
    }),
  ]);
  return [figureOf("nothing to do: frame", "longest", rest.frames), ...figures, await settledFigure(probe)];
}

/** From a jump to a place that was never seen to its rows, again and again. */
async function settledFigure(probe: FrameProbe): Promise<Figure> {
  const values: number[] = [];
  for (let count = 0; count < 20; count++) {
    await probe.frame.evaluate(
      `(scroller => { scroller.scrollTop = ${((count * 37 + 11) % 97) / 97} * scroller.scrollHeight; })` +
        "(document.querySelector('.scroller'))",
    );
    values.push(await probe.when(settled));
  }
  return figureOf("scroll: jump → its rows", "p95", values);
}

/** Two frames on, so that the list had one to notice, there is no row that is still to come. */
const settled = `(() => {
  globalThis.zcnFrames = (globalThis.zcnFrames ?? 0) + 1;
  if (globalThis.zcnFrames < 3 || document.querySelector('[role=grid] .kind-loading') !== null) return false;
  globalThis.zcnFrames = 0;
  return true;
})()`;
