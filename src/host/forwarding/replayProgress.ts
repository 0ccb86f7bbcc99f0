import * as vscode from "vscode";
import { DisposableStore } from "../../base/lifecycle.ts";
import type { Replay, ReplayResult, Replays } from "../../core/forwarding/replays.ts";
import { shownTarget } from "../../core/forwarding/forwardTarget.ts";
import type { Handling } from "../../protocol/event.ts";

/** How long the words stay in the status bar: the rows keep them. */
const shownFor = 6_000;

/** Says in the status bar what came of sending; the rows of the events have it too. */
export function showResults(all: readonly ReplayResult[]): void {
  const results = [...Map.groupBy(all, ({ eventId }) => eventId).values()].flatMap(worstOf);
  const [first, ...others] = results;
  if (first === undefined) return;
  const text = others.length === 0 ? resultWords(first) : summaryWords(results);
  vscode.window.setStatusBarMessage(text, shownFor);
}

/** Of an event that went to several handlers. */
function worstOf(results: readonly ReplayResult[]): readonly ReplayResult[] {
  const refused = results.find(({ handling }) => !isAccepted(handling));
  return refused === undefined ? results.slice(0, 1) : [refused];
}

function resultWords({ eventId, handling }: ReplayResult): string {
  const t = vscode.l10n.t;
  if (handling?.state === "answered") {
    const icon = isAccepted(handling) ? "$(check)" : "$(warning)";
    const words = t("Event {0}: {1} in {2} ms", eventId, handling.status ?? "", handling.milliseconds ?? "");
    return `${icon} ${words}`;
  }
  if (handling?.state === "stopped") return `$(circle-slash) ${t("Event {0}: stopped", eventId)}`;
  return `$(error) ${t("Event {0}: {1}", eventId, handling?.problem ?? t("not sent"))}`;
}

function summaryWords(results: readonly ReplayResult[]): string {
  const accepted = results.filter(({ handling }) => isAccepted(handling)).length;
  const icon = accepted === results.length ? "$(check)" : "$(warning)";
  return `${icon} ${vscode.l10n.t("{0} of {1} events were taken by the handler", accepted, results.length)}`;
}

function isAccepted(handling: Handling | undefined): boolean {
  const { status = 0 } = handling ?? {};
  return handling?.state === "answered" && status >= 200 && status <= 299;
}

/**
 * Sends an event until the handler takes it, with a notification that says how it goes and can stop it. Saving a file
 * makes the next try come at once: the handler may be mended now.
 */
export async function showUntilPassed(replay: Replay, replays: Replays): Promise<void> {
  const { id } = replay.event;
  const title = vscode.l10n.t("Sending event {0} to {1} until it passes", id, shownTarget(new URL(replay.target)));
  const options = { location: vscode.ProgressLocation.Notification, cancellable: true, title };
  const result = await vscode.window.withProgress(options, async (progress, cancel) => {
    const store = new DisposableStore();
    store.add(cancel.onCancellationRequested(() => replays.stop([id])));
    store.add(
      vscode.workspace.onDidSaveTextDocument(({ uri }) => {
        if (uri.scheme === "file") replays.hurry();
      }),
    );
    try {
      return await replays.untilPasses(replay, tries => progress.report({ message: vscode.l10n.t("try {0}", tries) }));
    } finally {
      store.dispose();
    }
  });
  showResults([result]);
}
