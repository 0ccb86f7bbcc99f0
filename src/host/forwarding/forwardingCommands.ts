import * as vscode from "vscode";
import { CancelledError, ProblemError } from "../../base/problem.ts";
import { formatRequest, parseRequest } from "../../core/forwarding/editedRequest.ts";
import type { ForwardedEvent } from "../../core/forwarding/forwardedEvent.ts";
import { firstTargetOf } from "../../core/forwarding/forwardRule.ts";
import type { Forwarding } from "../../core/forwarding/forwarding.ts";
import type { EventHistory } from "../../core/history/eventHistory.ts";
import type { InspectorModel } from "../../core/inspector/inspectorModel.ts";
import { eventIdsIn, eventIdsOf } from "../inspector/chosenEvents.ts";
import { confirm } from "../questions.ts";
import { type RuleSource, askForRule } from "./askForRule.ts";
import type { HandlerAddresses } from "./handlerAddresses.ts";
import { showResults, showUntilPassed } from "./replayProgress.ts";
import type { RequestDocuments } from "./requestDocuments.ts";
import { addRule } from "./writtenRules.ts";

export interface ForwardingCommandsOptions extends RuleSource {
  readonly forwarding: Forwarding;
  readonly addresses: HandlerAddresses;
  readonly documents: RequestDocuments;
  readonly history: EventHistory;
  readonly model: Pick<InspectorModel, "reveal" | "selectedIds">;
}

/** More than these are not sent without a question. */
const manyEvents = 50;

/** The commands that send events to handlers. Those about events get their ids, or are about what is chosen in the list. */
export class ForwardingCommands {
  readonly #options: ForwardingCommandsOptions;

  constructor(options: ForwardingCommandsOptions) {
    this.#options = options;
  }

  /** Makes a rule. */
  async forward(): Promise<void> {
    const { addresses, forwarding } = this.#options;
    const { rule, scope } = await askForRule(this.#options, addresses.last);
    await addRule(rule, scope);
    await addresses.noteLast(firstTargetOf(rule));
    forwarding.forwarder.resume();
  }

  stop(): void {
    this.#options.forwarding.forwarder.stop();
  }

  resume(): void {
    this.#options.forwarding.forwarder.resume();
  }

  async replay(...args: unknown[]): Promise<void> {
    const { forwarding, addresses } = this.#options;
    const events = this.#chosen(args);
    const replays = await addresses.of(events);
    if (events.length > manyEvents) {
      const question = vscode.l10n.t("Send {0} events to your handler?", events.length);
      await confirm(question, vscode.l10n.t("They are sent one after another."), vscode.l10n.t("Send"));
    }
    showResults(await forwarding.replays.replay(replays));
  }

  async editAndReplay(...args: unknown[]): Promise<void> {
    const { addresses, documents } = this.#options;
    const [event] = this.#chosen(args);
    if (event === undefined) throw new CancelledError();
    const target = await addresses.oneOf(event);
    await documents.open({ target, request: event.request }, event.id, formatRequest);
  }

  /** Sends the request that is being edited, as an event of its own. */
  async sendEdited(...args: unknown[]): Promise<void> {
    const { documents, history, forwarding, model } = this.#options;
    const edited = documents.find(args[0]);
    if (edited === undefined) throw new CancelledError();
    // Before it is saved: settings of the editor may add a last line end then.
    const text = edited.document.getText();
    await edited.document.save();
    const parsed = parseRequest(text, edited.original);
    if (!parsed.ok) throw new ProblemError(parsed.error);
    const id = history.addReplayed(parsed.value.request, edited.parentId);
    const event = id === undefined ? undefined : forwarding.eventOf(id);
    if (event === undefined) throw new CancelledError();
    model.reveal(event.id);
    showResults(await forwarding.replays.replay([{ event, target: parsed.value.target }]));
  }

  /** Sends one event again and again until the handler takes it; also whenever a file is saved. */
  async replayUntilPasses(...args: unknown[]): Promise<void> {
    const { forwarding, addresses } = this.#options;
    const [event] = this.#chosen(args);
    if (event === undefined) throw new CancelledError();
    const target = await addresses.oneOf(event);
    await showUntilPassed({ event, target }, forwarding.replays);
  }

  /** Calls off what is being sent: these events, or all that a person has sent. */
  stopReplay(...args: unknown[]): void {
    const { forwarding } = this.#options;
    const ids = eventIdsIn(args[0]);
    if (ids === undefined) forwarding.replays.stop();
    else forwarding.stop(ids);
  }

  async sendHeld(...args: unknown[]): Promise<void> {
    const { forwarder } = this.#options.forwarding;
    const among = eventIdsIn(args[0]);
    const count = among?.length ?? forwarder.held().length;
    if (count > manyEvents) {
      const question = vscode.l10n.t("Send {0} events that wait to your handlers?", count);
      await confirm(
        question,
        vscode.l10n.t("They are sent in the order in which they came in."),
        vscode.l10n.t("Send"),
      );
    }
    const sent = forwarder.sendHeld(among);
    if (sent === 0) void vscode.window.showInformationMessage(vscode.l10n.t("No event waits to be sent."));
  }

  discardHeld(...args: unknown[]): void {
    this.#options.forwarding.forwarder.discardHeld(eventIdsIn(args[0]));
  }

  /** In the order in which they came in. */
  #chosen(args: readonly unknown[]): readonly ForwardedEvent[] {
    const ids = [...eventIdsOf(args, this.#options.model)].sort((one, other) => one - other);
    const events = ids.flatMap(id => this.#options.forwarding.eventOf(id) ?? []);
    if (events.length > 0) return events;
    const message = vscode.l10n.t("There is no request here that could be sent.");
    throw new ProblemError({ code: "NOTHING_TO_SEND", message, remedy: "none" });
  }
}
