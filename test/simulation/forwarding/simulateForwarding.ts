import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { minute, second } from "../../../src/base/clock.ts";
import { lanesOf } from "../../../src/core/events/lanes.ts";
import { notificationOf, readEvent } from "../../../src/core/events/readEvent.ts";
import { Randomness } from "../world/randomness.ts";
import { Timeline } from "../world/timeline.ts";
import { PlayedMachine, Templates, runLength } from "./playedMachine.ts";
import type { PlayedWindow } from "./playedWindow.ts";

/** What became of one run. */
export interface ForwardingOutcome {
  readonly seed: number;
  readonly violations: readonly string[];
  /** How many requests reached the handler. */
  readonly sent: number;
}

/** Where files are in memory, if there is such a place. */
const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

const start = Date.UTC(2026, 0, 5, 9);

/** Runs of forwarding from seed `first` on, one after the other: the outcomes of all. */
export async function simulateForwarding(first: number, count: number): Promise<readonly ForwardingOutcome[]> {
  const folder = mkdtempSync(join(memory, "forwarding-"));
  try {
    const templates = new Templates(folder, new Timeline(start));
    const outcomes: ForwardingOutcome[] = [];
    for (let seed = first; seed < first + count; seed++) outcomes.push(await run(seed, templates));
    return outcomes;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(seed: number, templates: Templates): Promise<ForwardingOutcome> {
  const timeline = new Timeline(start);
  const machine = new PlayedMachine(timeline, new Randomness(seed), templates);
  for (let kind = 0; kind < 3; kind++) machine.open();
  machine.isCalm = false;
  while (timeline.now < start + runLength) {
    await timeline.runUntil(timeline.now + machine.randomness.duration(10, 10 * second));
    happen(machine);
  }
  await calmDown(machine);
  const { violations, sent } = machine.oracle;
  return { seed, violations, sent };
}

/** Something happens to the machine, or a person does something. */
function happen(machine: PlayedMachine): void {
  const { randomness, oracle } = machine;
  const window = randomness.pick(machine.windows) ?? machine.open();
  const { forwarder, replays } = window.forwarding;
  const what = {
    deliver: 12,
    open: 2,
    kill: 1,
    close: 1,
    stop: 1,
    resume: 2,
    send: 2,
    discard: 0.5,
    replay: 1,
    callOff: 0.5,
    delete: 0.5,
  };
  try {
    switch (randomness.weighted(what)) {
      case "deliver": {
        machine.deliver(window);
        learn(machine, window);
        return;
      }
      case "open": {
        if (machine.windows.length < 3) machine.open();
        return;
      }
      case "kill": {
        end(machine, window, "kill");
        return;
      }
      case "close": {
        end(machine, window, "close");
        return;
      }
      case "stop": {
        forwarder.stop();
        return;
      }
      case "resume": {
        forwarder.resume();
        return;
      }
      case "send": {
        oracle.touched(forwarder.held());
        forwarder.sendHeld();
        return;
      }
      case "discard": {
        oracle.touched(forwarder.held());
        forwarder.discardHeld();
        return;
      }
      case "replay": {
        const ids = some(machine, window, 2);
        oracle.touched(ids);
        const chosen = ids.flatMap(id => window.forwarding.eventOf(id) ?? []);
        replays.replay(chosen.map(event => ({ event, target: "http://localhost:9" }))).catch(() => undefined);
        return;
      }
      case "callOff": {
        const ids = some(machine, window, 2);
        oracle.touched(ids);
        window.forwarding.stop(ids);
        return;
      }
      case "delete": {
        const ids = some(machine, window, 1);
        oracle.touched(ids, true);
        window.history.delete(ids);
        return;
      }
    }
  } catch (error) {
    // What a person asks for may find the database locked: they see that, and ask again.
    if (!(error instanceof Error) || error.message !== "database is locked") throw error;
  }
}

function end(machine: PlayedMachine, window: PlayedWindow, how: "close" | "kill"): void {
  machine.end(window, how);
  machine.oracle.windowGone();
}

/** A window shows an event: what it is about is known from then on. */
function learn({ oracle }: PlayedMachine, window: PlayedWindow): void {
  for (const event of window.history.after(Math.max(0, window.history.newestId() - 10), 10)) {
    const read = readEvent(event);
    oracle.stored(event.id, lanesOf(read).length === 0 ? [] : (notificationOf(read)?.recordIds ?? []));
  }
}

function some(machine: PlayedMachine, { history }: PlayedWindow, count: number): readonly number[] {
  const newest = history.newestId();
  const ids = Array.from({ length: count }, () => newest - machine.randomness.integer(0, 10));
  return [...new Set(ids)].filter(id => history.get(id) !== undefined).toSorted((one, other) => one - other);
}

/** Nothing goes wrong any more, and a person has everything sent that waits for a word. */
async function calmDown(machine: PlayedMachine): Promise<void> {
  const { timeline, oracle } = machine;
  machine.isCalm = true;
  const [lasting] = machine.windows;
  if (lasting !== undefined) {
    await timeline.runUntil(timeline.now + 21 * second);
    const sending = lasting.history.inState("sending");
    await timeline.runUntil(timeline.now + second);
    const still = new Set(lasting.history.inState("sending"));
    oracle.settled(sending.filter(id => still.has(id)));
  }
  for (const window of machine.windows) end(machine, window, "close");
  const windows = [0, 1, 2].map(kind => machine.open(kind));
  await timeline.runUntil(timeline.now + 25 * second);
  for (const window of windows) window.forwarding.forwarder.resume();
  for (const window of windows) {
    oracle.touched(window.forwarding.forwarder.held());
    window.forwarding.forwarder.sendHeld();
  }
  const left = (): number => windows[0]?.history.inState("queued", "sending", "waiting", "held").length ?? 0;
  const latest = timeline.now + 5 * minute;
  while (left() > 0 && timeline.now < latest) await timeline.runUntil(timeline.now + 5 * second);
  oracle.finish(id => windows[0]?.history.get(id)?.handling, left());
  for (const each of machine.windows) machine.end(each, "close");
}
