import { second } from "../../../src/base/clock.ts";
import { Emitter, type Event } from "../../../src/base/lifecycle.ts";
import type { Life, MachineTime } from "./windowClock.ts";

/** After so long at most a window sees what another posted: the product looks twice a second. */
const delay = second / 2;

/** Where the windows of one machine post what they wrote: as the product's bulletin, without looking twice a second. */
export class NoticeBoard {
  readonly #machine: MachineTime;
  readonly #readers = new Set<{ readonly life: Life; readonly posted: Emitter<string> }>();

  constructor(machine: MachineTime) {
    this.#machine = machine;
  }

  open(life: Life): { post(topic: string): void; readonly onDidPost: Event<string> } {
    const own = { life, posted: new Emitter<string>() };
    this.#readers.add(own);
    const post = (topic: string): void => {
      if (life.isOver) return;
      this.#machine.timeline.after(delay, () => this.#spread(topic, own), this.#machine);
    };
    return { post, onDidPost: own.posted.event };
  }

  #spread(topic: string, from: unknown): void {
    for (const reader of this.#readers) {
      if (reader.life.isOver) this.#readers.delete(reader);
      else if (reader !== from) reader.posted.fire(topic);
    }
  }
}
