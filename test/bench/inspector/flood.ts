import { setTimeout as delay } from "node:timers/promises";
import { type Figure, figureOf } from "./figure.ts";
import type { FrameProbe, MeasuredFrames } from "./frameProbe.ts";
import { type MeasuredWindow, followNewest, listedEvents } from "./measuredWindow.ts";
import { type Sent, sendSteadily } from "./sending.ts";

const perSecond = 1_000;
const keyEvery = 500;

/** A minute of a thousand events a second while the list follows, and a person presses keys. */
export async function floodFigures(window: MeasuredWindow, seconds: number, plain: MeasuredFrames): Promise<Figure[]> {
  const probe = await window.inspector();
  await probe.frame.getByRole("grid").first().focus();
  await followNewest(probe);
  const before = await listedEvents(probe.frame);
  const memoryBefore = await window.memory();
  const sending = sendSteadily(window.ingestUrl, perSecond, seconds);
  const frames = await probe.during(async () => pressKeysUntil(window, probe, sending));
  const sent = await sending;
  const shown = (await whenShown(probe, before + sent.accepted)) - before;
  const memoryAfter = await window.memory();
  return [
    { name: "flood: events accepted by the relay", unit: "/s", inspector: sent.accepted / sent.seconds },
    {
      name: "flood: events sent and not shown",
      unit: "events",
      inspector: sent.accepted - shown,
      target: { atMost: 0 },
    },
    figureOf("flood: key → the frame that shows it", "p95", frames.delays, {
      plain: plain.delays,
      target: { atMost: 100 },
    }),
    figureOf("flood: key → the frame that shows it", "longest", frames.delays, { plain: plain.delays }),
    figureOf("flood: frame", "longest", frames.frames, { plain: plain.frames }),
    figureOf("flood: processor time of a task", "longest", frames.tasks, { plain: plain.tasks }),
    figureOf("flood: processor time of a task", "p95", frames.tasks, { plain: plain.tasks }),
    {
      name: "flood: growth of the window's memory",
      unit: "MB",
      inspector: memoryAfter.heap - memoryBefore.heap,
      target: { atMost: 5 },
    },
    { name: "flood: growth of the window's nodes", unit: "nodes", inspector: memoryAfter.nodes - memoryBefore.nodes },
  ];
}

/** Arrow keys move the selection, and the list follows again after each. */
async function pressKeysUntil(window: MeasuredWindow, probe: FrameProbe, sending: Promise<Sent>): Promise<void> {
  const over = sending.then(() => true);
  do {
    await window.editor.page.keyboard.press("ArrowUp");
    await followNewest(probe);
  } while (!(await Promise.race([over, delay(keyEvery, false)])));
}

/** How many events the list has once it has so many, or once it has not grown for some seconds. */
async function whenShown(probe: FrameProbe, wanted: number): Promise<number> {
  let listed = await listedEvents(probe.frame);
  for (let unchanged = 0; listed < wanted && unchanged < 20;) {
    await delay(500);
    const now = await listedEvents(probe.frame);
    unchanged = now === listed ? unchanged + 1 : 0;
    listed = now;
  }
  return listed;
}
