import * as vscode from "vscode";
import { assertNever } from "../../base/assertNever.ts";
import { CancelledError, ProblemError } from "../../base/problem.ts";
import { Turns } from "../../base/process/turns.ts";
import type { Steps } from "../../base/steps.ts";
import { type Shell, curlCommand } from "../../core/exchange/curlCommand.ts";
import { readEvent, requestOf } from "../../core/events/readEvent.ts";
import { fetchCall } from "../../core/exchange/fetchCall.ts";
import { usualHandler } from "../../core/exchange/handlerUrl.ts";
import { type HarEvent, harEventOf, harOf } from "../../core/exchange/har.ts";
import { type KnownSecrets, Redaction } from "../../core/events/redaction.ts";
import type { Secrets } from "../../core/exchange/outgoingRequest.ts";
import type { StoredEvent } from "../../core/events/storedEvent.ts";
import type { InspectorModel } from "../../core/inspector/inspectorModel.ts";
import type { Attempt } from "../../protocol/event.ts";
import { eventIdsOf } from "../inspector/chosenEvents.ts";
import { type Choice, back, pickOne, unnumbered } from "../multiStep.ts";
import { orThrow } from "../results.ts";

export interface CopyOptions {
  readonly history: {
    get(id: number): StoredEvent | undefined;
    readonly attempts: { list(eventId: number): readonly Attempt[] };
  };
  readonly model: Pick<InspectorModel, "selectedIds">;
  /** Where a handler is that an event was not sent to yet, if anybody said. */
  readonly handler: () => string | undefined;
  readonly version: string;
  readonly secrets: KnownSecrets;
}

/** The words of another tool. */
type Form = "fetch" | "har" | Shell;

/** Copies events in the words of other tools. Unless it is wanted, the token of the channel stays here. */
export class CopyCommands {
  readonly #options: CopyOptions;

  constructor(options: CopyOptions) {
    this.#options = options;
  }

  async copyAsCurl(...args: unknown[]): Promise<void> {
    await this.#copy(args, usualShell(), "hidden");
  }

  async copyAsFetch(...args: unknown[]): Promise<void> {
    await this.#copy(args, "fetch", "hidden");
  }

  async copyAsHar(...args: unknown[]): Promise<void> {
    await this.#copy(args, "har", "hidden");
  }

  /** Asks in which words, and whether with the token. */
  async copyAs(...args: unknown[]): Promise<void> {
    const place = unnumbered(vscode.l10n.t("Copy Event As"), false);
    const form = await pickOne({ place, placeholder: vscode.l10n.t("In the words of which tool?"), choices: forms() });
    if (form === back) throw new CancelledError();
    const secrets = await pickOne({
      place,
      placeholder: vscode.l10n.t("With what is secret?"),
      choices: secretChoices(),
    });
    if (secrets === back) throw new CancelledError();
    await this.#copy(args, form, secrets);
  }

  async #copy(args: readonly unknown[], form: Form, secrets: Secrets): Promise<void> {
    const events = await this.#eventsOf(args, secrets);
    await vscode.env.clipboard.writeText(this.#textOf(events, form));
    const without = secrets === "hidden" && events.some(({ isSecret }) => isSecret);
    const message = without
      ? vscode.l10n.t("Copied without the token and credentials; Copy As… has a choice")
      : vscode.l10n.t("Copied");
    vscode.window.setStatusBarMessage(message, 4000);
  }

  #textOf(events: readonly CopiedEvent[], form: Form): string {
    switch (form) {
      case "har":
        return harOf(events, this.#options.version, events[0]?.known ?? usualHandler);
      case "fetch":
        return events.map(({ request, handler }) => fetchCall(request, handler)).join("\n");
      case "posix":
      case "powershell":
      case "cmd":
        return events.map(({ request, handler }) => orThrow(curlCommand(request, handler, form))).join("\n\n");
      default:
        return assertNever(form);
    }
  }

  async #eventsOf(args: readonly unknown[], secrets: Secrets): Promise<readonly CopiedEvent[]> {
    const { history, model } = this.#options;
    const redaction = secrets === "shown" ? undefined : new Redaction(this.#options.secrets());
    const turns = new Turns();
    const events: CopiedEvent[] = [];
    for (const id of eventIdsOf(args, model)) {
      const event = history.get(id);
      const copied = event && (await turns.finish(this.#copiedOf(event, redaction)));
      if (copied !== undefined) events.push(copied);
    }
    if (events.length === 0) throw new ProblemError(noRequestProblem());
    return events;
  }

  #handler(redaction: Redaction | undefined): string {
    const handler = this.#options.handler() ?? usualHandler;
    return redaction?.marked(handler) ?? handler;
  }

  /** The request goes to where the event was sent last, or else to the handler that there is. */
  *#copiedOf(event: StoredEvent, redaction: Redaction | undefined): Steps<CopiedEvent | undefined> {
    const captured = requestOf(readEvent(event));
    if (captured === undefined) return undefined;
    const all = this.#options.history.attempts.list(event.id);
    const copied = yield* harEventOf(event, captured, all, redaction);
    const known = this.#handler(redaction);
    const whole = yield* harEventOf(event, captured, all, undefined);
    const isSecret = JSON.stringify(copied) !== JSON.stringify(whole);
    return { ...copied, handler: copied.attempts.at(-1)?.target ?? known, known, isSecret };
  }
}

interface CopiedEvent extends HarEvent {
  /** Where it was sent last, or else the handler that is known. */
  readonly handler: string;
  readonly known: string;
  /** Something of it is left out. */
  readonly isSecret: boolean;
}

/** That of the terminals which the editor opens. */
function usualShell(): Shell {
  const shell = vscode.env.shell.toLowerCase();
  if (/(?:pwsh|powershell)(?:\.exe)?$/.test(shell)) return "powershell";
  return shell.endsWith("cmd.exe") ? "cmd" : "posix";
}

function forms(): readonly Choice<Form>[] {
  return [
    { label: "cURL", description: vscode.l10n.t("for bash, zsh and sh"), value: "posix" },
    { label: "cURL", description: vscode.l10n.t("for PowerShell"), value: "powershell" },
    { label: "cURL", description: vscode.l10n.t("for the Command Prompt of Windows"), value: "cmd" },
    { label: "fetch", description: vscode.l10n.t("JavaScript, for Node"), value: "fetch" },
    { label: "HAR", description: vscode.l10n.t("HTTP Archive, with the answers of your handler"), value: "har" },
  ];
}

function secretChoices(): readonly Choice<Secrets>[] {
  return [
    {
      label: vscode.l10n.t("Without the token and credentials"),
      detail: vscode.l10n.t("To share. A command takes the token from the variable {0}.", "ZOHO_CHANNEL_TOKEN"),
      value: "hidden",
    },
    {
      label: vscode.l10n.t("With the token and credentials"),
      detail: vscode.l10n.t("To run as it is. Whoever has it can make up events of this channel."),
      value: "shown",
    },
  ];
}

function noRequestProblem(): ProblemError["problem"] {
  const message = vscode.l10n.t("This entry holds no request that could be copied.");
  return { code: "NO_REQUEST", message, remedy: "none" };
}
