import * as l10n from "@vscode/l10n";
import { CancelledError } from "../../base/problem.ts";
import type { EventDetail } from "../../protocol/inspector.ts";
import { type ForwardRule, ruleFor, targetsOf } from "../forwarding/forwardRule.ts";
import { shownTarget } from "../forwarding/forwardTarget.ts";
import { type KnownSecrets, Redaction } from "../events/redaction.ts";
import { eventLabel } from "../events/label.ts";
import type { ForwardedEvent } from "../forwarding/forwardedEvent.ts";
import type { Replay } from "../forwarding/replays.ts";
import { reportEvent } from "./eventReport.ts";
import { ToolError } from "./toolError.ts";
import { parseToolInput } from "./toolInputs.ts";
import { plainInMarkdown, untrustedAnswer, visibleJson } from "./untrusted.ts";

export interface ReplayToolsOptions {
  readonly eventOf: (id: number) => ForwardedEvent | undefined;
  readonly detailOf: (id: number) => EventDetail | undefined;
  /** What the person set: a model cannot send events anywhere else. */
  readonly rules: () => readonly ForwardRule[];
  readonly replays: {
    replay(replays: readonly Replay[]): Promise<unknown>;
    stop(ids: readonly number[]): unknown;
  };
  /** The person trusts the folder that is open. */
  readonly isTrusted: () => boolean;
  /** Channel tokens that the editor knows, so that they are left out wherever they stand. */
  readonly secrets: KnownSecrets;
  /** A word that was never used before. */
  readonly makeBoundary: () => string;
}

/** What a person is asked before a model may go on; `message` is Markdown. */
export interface Confirmation {
  readonly title: string;
  readonly message: string;
}

const longestAnswerBody = 4_000;

/** The tool with which a language model sends events again. It does so only where the person's rules lead. */
export class ReplayTools {
  readonly #options: ReplayToolsOptions;

  constructor(options: ReplayToolsOptions) {
    this.#options = options;
  }

  /** What the person has to agree to. Throws ToolError where there is nothing to agree to. */
  confirmation(raw: unknown): Confirmation {
    const plan = this.#plan(raw);
    const lines = plan.map(({ event, target }) => `- ${this.#describe(event.id)} → ${this.#plainTarget(target)}`);
    return {
      title: plan.length === 1 ? l10n.t("Replay this event?") : l10n.t("Replay {0} events?", plan.length),
      message: [l10n.t("They are sent to the handler of your forwarding rules:"), "", ...lines].join("\n"),
    };
  }

  /** Sends the events one after another, once each, and gives what the handler answered. */
  async replayEvents(raw: unknown, signal: AbortSignal): Promise<string> {
    const plan = this.#plan(raw);
    const ids = plan.map(({ event }) => event.id);
    const stop = (): unknown => this.#options.replays.stop(ids);
    signal.addEventListener("abort", stop);
    try {
      if (!signal.aborted) await this.#options.replays.replay(plan);
    } finally {
      signal.removeEventListener("abort", stop);
    }
    if (signal.aborted) throw new CancelledError();
    const heading = visibleJson({ replayed: ids.length });
    return untrustedAnswer(
      heading,
      ids.map(id => this.#report(id)),
      this.#options.makeBoundary(),
    );
  }

  #plan(raw: unknown): Replay[] {
    if (!this.#options.isTrusted()) {
      throw new ToolError("Events are not replayed in a folder that the person does not trust.");
    }
    const { ids } = parseToolInput("replayEvents", raw);
    return [...new Set(ids)].flatMap(id => this.#planOne(id));
  }

  #planOne(id: number): readonly Replay[] {
    const event = this.#options.eventOf(id);
    if (event === undefined) throw new ToolError(`Event ${id} is not kept, or holds no request that could be sent.`);
    const rule = ruleFor(this.#options.rules(), event);
    if (rule !== undefined) return targetsOf(rule).map(target => ({ event, target }));
    throw new ToolError(
      `No forwarding rule fits event ${id}, so there is no handler to send it to. Ask the person to set one up.`,
    );
  }

  #describe(id: number): string {
    const content = this.#options.detailOf(id)?.row.content;
    return `${l10n.t("event {0}", id)}: ${content === undefined ? "" : this.#plain(eventLabel(content))}`;
  }

  #plain(text: string): string {
    return plainInMarkdown(new Redaction(this.#options.secrets()).marked(text));
  }

  #plainTarget(target: string): string {
    const url = URL.parse(target);
    return this.#plain(url === null ? target : shownTarget(url));
  }

  #report(id: number): unknown {
    const detail = this.#options.detailOf(id);
    const options = { parts: ["attempts"], longestBody: longestAnswerBody, secrets: this.#options.secrets() } as const;
    return detail === undefined ? { id, kind: "gone" } : reportEvent(detail, options);
  }
}
