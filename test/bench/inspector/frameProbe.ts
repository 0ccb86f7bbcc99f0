import { readFileSync } from "node:fs";
import type { CDPSession, Frame } from "playwright-core";
import * as v from "valibot";
import { traceTasks } from "./tracing.ts";

/** What runs in every frame: see frameProbe.js. */
export const frameProbeScript = readFileSync(new URL("frameProbe.js", import.meta.url), "utf8");

const startSchema = v.object({
  pageAt: v.optional(v.number()),
  firstRowsAt: v.optional(v.number()),
  pressedAt: v.optional(v.number()),
});
export type FrameStart = v.InferOutput<typeof startSchema>;

const framesSchema = v.object({
  /** From each frame to the next. */
  frames: v.array(v.number()),
  /** From each key to the frame that shows what it did. */
  delays: v.array(v.number()),
});

export interface MeasuredFrames extends v.InferOutput<typeof framesSchema> {
  /** Processor time of each task of the browser's page threads, but for the very short ones. */
  readonly tasks: readonly number[];
}

/** What says nothing about frames, in milliseconds. */
const shortestTask = 1;

/** Measures in one frame of the window. All durations and instants are milliseconds; instants since 1970. */
export class FrameProbe {
  readonly frame: Frame;
  readonly #cdp: CDPSession;

  constructor(frame: Frame, cdp: CDPSession) {
    this.frame = frame;
    this.#cdp = cdp;
  }

  /** When the page's shell and its first rows were there, and when the pointer was last pressed, as far as known. */
  async start(): Promise<FrameStart> {
    return v.parse(startSchema, await this.frame.evaluate("zcnProbe.start()"));
  }

  /** Measures all frames while `work` is done. */
  async during(work: () => Promise<void>): Promise<MeasuredFrames> {
    await this.frame.evaluate("zcnProbe.measureFrames()");
    const tasks = await traceTasks(this.#cdp, work);
    const frames = v.parse(framesSchema, await this.frame.evaluate("zcnProbe.takeFrames()"));
    return { ...frames, tasks: tasks.filter(milliseconds => milliseconds >= shortestTask) };
  }

  /** The moment at which the row of a record is shown; null when it is not within ten seconds. */
  async rowOf(recordId: string): Promise<number | null> {
    return v.parse(v.nullable(v.number()), await this.frame.evaluate(`zcnProbe.rowOf(${JSON.stringify(recordId)})`));
  }

  /** How long it takes until an expression of the page holds in a frame that is shown. */
  async when(condition: string): Promise<number> {
    return v.parse(v.number(), await this.frame.evaluate(`zcnProbe.when(() => ${condition})`));
  }

  /** The number that an expression of the page gives. */
  async number(expression: string): Promise<number> {
    return v.parse(v.number(), await this.frame.evaluate(expression));
  }
}
