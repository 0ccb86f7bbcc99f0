import type { Disposable } from "../../base/lifecycle.ts";
import type { EventFrame, GapFrame, LiveFrame } from "../../protocol/relayFrames.ts";
import type { Opened, Unsealer } from "./unsealer.ts";

/** Takes what a stream brings, in the order in which it came. */
export interface FrameTaker {
  event(frame: EventFrame, opened: Opened): void;
  control(frame: GapFrame | LiveFrame): void;
  /** The keys could not be read; nothing comes after this. */
  failed(cause: unknown): void;
}

type Frame =
  | { readonly kind: "event"; readonly frame: EventFrame }
  | { readonly kind: "control"; readonly frame: GapFrame | LiveFrame };

/**
 * Opens sealed events and hands everything on in its order: at once as long as content keys are at hand, and after a
 * moment where one has to be opened first. What waits meanwhile is bounded by the stream's window.
 */
export class FramesInOrder implements Disposable {
  readonly #unsealer: Unsealer;
  readonly #taker: FrameTaker;
  #waiting: Frame[] = [];
  #preparing = false;
  #disposed = false;

  constructor(unsealer: Unsealer, taker: FrameTaker) {
    this.#unsealer = unsealer;
    this.#taker = taker;
  }

  event(frame: EventFrame): void {
    this.#add({ kind: "event", frame });
  }

  control(frame: GapFrame | LiveFrame): void {
    this.#add({ kind: "control", frame });
  }

  /** Drops what waits. */
  dispose(): void {
    this.#disposed = true;
    this.#waiting = [];
  }

  #add(frame: Frame): void {
    if (this.#disposed) return;
    if (this.#preparing || !this.#hand(frame)) this.#waiting.push(frame);
  }

  /** False when the frame is an event that has to wait for its content key. */
  #hand(frame: Frame): boolean {
    if (frame.kind === "control") this.#taker.control(frame.frame);
    else if (this.#unsealer.isReady(frame.frame)) this.#taker.event(frame.frame, this.#unsealer.open(frame.frame));
    else {
      void this.#prepare(frame.frame);
      return false;
    }
    return true;
  }

  async #prepare(frame: EventFrame): Promise<void> {
    this.#preparing = true;
    try {
      await this.#unsealer.prepare(frame);
    } catch (cause) {
      if (!this.#disposed) this.#taker.failed(cause);
      return;
    }
    this.#preparing = false;
    this.#handOnWaiting();
  }

  #handOnWaiting(): void {
    const frames = this.#waiting;
    this.#waiting = [];
    const kept = frames.findIndex(frame => this.#disposed || !this.#hand(frame));
    if (kept !== -1 && !this.#disposed) this.#waiting = [...frames.slice(kept), ...this.#waiting];
  }
}
