import { second } from "../../../src/base/clock.ts";
import type { RequestSender } from "../../../src/core/forwarding/requestSender.ts";
import type { SendOutcome } from "../../../src/core/forwarding/sendOutcome.ts";
import { failureOf, stoppedFailure } from "../../../src/core/forwarding/sendProblem.ts";
import type { PlayedMachine } from "./playedMachine.ts";
import type { PlayedWindow } from "./playedWindow.ts";

/** How the handler takes one event. */
export type Mood = "good" | "busy" | "bad" | "refused";

/** The handlers of the machine, which stop with it while it sleeps. They are in any mood, unless all is calm. */
export class PlayedHandler {
  readonly #machine: PlayedMachine;
  /** Those that are taken otherwise than all, by their place in the relay's channel: mood and milliseconds. */
  readonly special = new Map<number, { readonly mood: Mood; readonly patience: number }>();

  constructor(machine: PlayedMachine) {
    this.#machine = machine;
  }

  /** How a window sends. */
  sendFrom(window: PlayedWindow): RequestSender["send"] {
    return async (target, _request, options) =>
      new Promise<SendOutcome>(resolve => {
        const { marks = {}, signal, onConnected } = options ?? {};
        const { event = 0, sequence = 0, replay = false } = marks;
        const { oracle, timeline } = this.#machine;
        const arrival = { event, target, byHand: replay, window: window.name, isAlive: () => !window.isOver };
        let isUnder = false;
        const end = (outcome: SendOutcome): void => {
          if (window.isOver) return;
          if (isUnder) oracle.ended(arrival, outcome);
          isUnder = false;
          resolve(outcome);
        };
        signal?.addEventListener("abort", () => end({ kind: "failed", ...stoppedFailure(), milliseconds: 1 }));
        const arrive = (): void => {
          if (window.isOver || signal?.aborted === true) return;
          onConnected?.();
          isUnder = true;
          this.#machine.trace(`event ${event} reaches ${target} from ${window.name}${replay ? " by hand" : ""}`);
          oracle.arrived(arrival);
          const { mood, patience } = this.special.get(sequence) ?? this.#take();
          const answer = (): void => (signal?.aborted === true ? undefined : end(answerOf(mood)));
          timeline.after(patience, answer, this.#machine);
        };
        timeline.after(this.#machine.isCalm ? 1 : this.#machine.randomness.integer(0, 20), arrive, this.#machine);
      });
  }

  #take(): { readonly mood: Mood; readonly patience: number } {
    const { isCalm, randomness } = this.#machine;
    if (isCalm) return { mood: "good", patience: 1 };
    const mood = randomness.weighted({ good: 8, busy: 2, bad: 1, refused: 1 });
    const isSlow = randomness.chance(0.1);
    this.#machine.count(isSlow ? "handler slow" : `handler ${mood}`);
    return {
      mood,
      patience: isSlow ? randomness.integer(10 * second, 40 * second) : randomness.duration(1, 8 * second),
    };
  }
}

function answerOf(mood: Mood): SendOutcome {
  const rest = { headers: [], body: new Uint8Array(), bytes: 0, milliseconds: 1 };
  if (mood !== "refused") return { kind: "answered", status: { good: 200, busy: 503, bad: 400 }[mood], ...rest };
  const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  return { kind: "failed", milliseconds: 1, ...failureOf(refused, new URL("http://localhost:3000")) };
}
