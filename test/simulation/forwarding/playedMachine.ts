import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { second } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { EventHistory } from "../../../src/core/history/eventHistory.ts";
import type { SendOutcome } from "../../../src/core/forwarding/sendOutcome.ts";
import { failureOf, stoppedFailure } from "../../../src/core/forwarding/sendProblem.ts";
import type { RequestSender } from "../../../src/core/forwarding/requestSender.ts";
import { openSharedDatabase } from "../../../src/core/windows/sharedDatabase.ts";
import { capturedPost, notificationBody } from "../../support/eventBodies.ts";
import type { Randomness } from "../world/randomness.ts";
import type { Timeline } from "../world/timeline.ts";
import { ForwardingOracle } from "./forwardingOracle.ts";
import { PlayedWindow } from "./playedWindow.ts";

const records = ["1", "2", "3", "4", "5"];

/** Events with very many records go alone. */
const manyRecords = Array.from({ length: 201 }, (_, index) => String(index));

/** Where the machines of all runs have their files, made once: to make a history takes longer than to copy it. */
export class Templates {
  readonly #folder: string;

  constructor(folder: string, clock: Timeline) {
    this.#folder = folder;
    const now = { now: () => clock.now, after: () => ({ dispose: () => undefined }) };
    EventHistory.open(join(folder, "template.sqlite"), { clock: now, logger: silentLogger }).close();
    openSharedDatabase(join(folder, "template-windows.sqlite"), silentLogger, now).dispose();
  }

  /** Files of a new machine. */
  copy(): { readonly events: string; readonly windows: string } {
    const [events, windows] = [join(this.#folder, "events.sqlite"), join(this.#folder, "windows.sqlite")];
    for (const file of [events, windows])
      for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
    cpSync(join(this.#folder, "template.sqlite"), events);
    cpSync(join(this.#folder, "template-windows.sqlite"), windows);
    return { events, windows };
  }
}

/** A machine with up to three windows over one history, a handler in any mood, and a person who does as they please. */
export class PlayedMachine {
  readonly timeline: Timeline;
  readonly randomness: Randomness;
  readonly oracle = new ForwardingOracle();
  readonly files: { readonly events: string; readonly windows: string };
  /** Nothing goes wrong, as at the beginning, when the rules are new, and at the end. */
  isCalm = true;
  #windows: PlayedWindow[] = [];
  #opened = 0;
  #sequence = 0;

  constructor(timeline: Timeline, randomness: Randomness, templates: Templates) {
    this.timeline = timeline;
    this.randomness = randomness;
    this.files = templates.copy();
  }

  get windows(): readonly PlayedWindow[] {
    return this.#windows;
  }

  open(kind: number = this.#opened++): PlayedWindow {
    const window = new PlayedWindow(this, kind % 3);
    this.#windows.push(window);
    return window;
  }

  /** Ends a window, in good order or not. */
  end(window: PlayedWindow, how: "close" | "kill"): void {
    this.#windows = this.#windows.filter(each => each !== window);
    window[how]();
  }

  /** Events come in over the relay of one window. */
  deliver(window: PlayedWindow): void {
    const count = this.randomness.integer(1, 4);
    const captures = Array.from({ length: count }, () => this.#capture());
    window.store(captures);
  }

  /** What the handler does with a request. Every answer takes its time. */
  readonly send = (window: PlayedWindow): RequestSender["send"] => {
    return async (target, _request, options) =>
      new Promise<SendOutcome>(resolve => {
        const { marks = {}, signal, onConnected } = options ?? {};
        const { event = 0, replay = false } = marks;
        const arrival = { event, target, byHand: replay, window: window.name, isAlive: () => !window.isOver };
        let isUnder = false;
        const end = (outcome: SendOutcome): void => {
          if (window.isOver) return;
          if (isUnder) this.oracle.ended(arrival, outcome);
          resolve(outcome);
        };
        signal?.addEventListener("abort", () => end({ kind: "failed", ...stoppedFailure(), milliseconds: 1 }));
        const arrive = (): void => {
          if (window.isOver || signal?.aborted === true) return;
          onConnected?.();
          isUnder = true;
          this.oracle.arrived(arrival);
          this.timeline.after(this.#patience(), () => {
            if (signal?.aborted !== true) end(this.#answer());
          });
        };
        this.timeline.after(this.isCalm ? 1 : this.randomness.integer(0, 20), arrive);
      });
  };

  #patience(): number {
    return this.isCalm ? 1 : this.randomness.duration(1, 20 * second);
  }

  #answer(): SendOutcome {
    const kind = this.isCalm ? "good" : this.randomness.weighted({ good: 8, busy: 2, bad: 1, refused: 1 });
    const rest = { headers: [], body: new Uint8Array(), bytes: 0, milliseconds: 1 };
    if (kind !== "refused") {
      return { kind: "answered", status: { good: 200, busy: 503, bad: 400 }[kind], ...rest };
    }
    const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    return { kind: "failed", milliseconds: 1, ...failureOf(refused, new URL("http://localhost:3000")) };
  }

  #capture(): { readonly sequence: number; readonly receivedAt: number; readonly payload: Uint8Array } {
    const { randomness } = this;
    const record = randomness.pick(records) ?? "1";
    const ids = randomness.chance(0.02) ? manyRecords : randomness.chance(0.2) ? [record, "1"] : [record];
    const operation = randomness.chance(0.3) ? "insert" : "update";
    const sequence = ++this.#sequence;
    return {
      sequence,
      receivedAt: this.timeline.now,
      payload: capturedPost(notificationBody({ ids: [...new Set(ids)], operation, server_time: sequence })),
    };
  }
}

/** How long a run lasts: longer than a window that crashed is waited for. */
export const runLength = 45 * second;
