import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { HandlerAddresses } from "../forwarding/handlerAddresses.ts";
import { commandIds } from "../names.ts";
import { fixtureFiles } from "./fixtureFiles.ts";
import type { FixtureResult, FixtureResults } from "./fixtureResults.ts";

/** Above the request of a fixture: where to send it, and what came of that. */
export class FixtureLenses implements vscode.CodeLensProvider, Disposable {
  readonly #store = new DisposableStore();
  readonly #addresses: Pick<HandlerAddresses, "known">;
  readonly #results: FixtureResults;

  readonly onDidChangeCodeLenses: vscode.Event<void>;

  constructor(addresses: Pick<HandlerAddresses, "known">, results: FixtureResults) {
    this.#addresses = addresses;
    this.#results = results;
    this.onDidChangeCodeLenses = results.onDidChange;
    this.#store.add(vscode.languages.registerCodeLensProvider(fixtureFiles, this));
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const range = rangeOfRequest(document);
    const lens = (title: string, command: string, ...args: unknown[]): vscode.CodeLens =>
      new vscode.CodeLens(range, { title, command, arguments: args });
    const { uri } = document;
    const known = this.#addresses.known;
    const to = known === undefined ? vscode.l10n.t("Send to Handler…") : vscode.l10n.t("Send to {0}", known);
    return [
      lens(`$(play) ${to}`, commandIds.sendFixture, uri),
      ...(known === undefined ? [] : [lens(vscode.l10n.t("Send to…"), commandIds.sendFixtureTo, uri)]),
      ...this.#resultLenses(uri, lens),
    ];
  }

  dispose(): void {
    this.#store.dispose();
  }

  #resultLenses(
    uri: vscode.Uri,
    lens: (title: string, command: string, ...args: unknown[]) => vscode.CodeLens,
  ): vscode.CodeLens[] {
    const result = this.#results.of(uri);
    if (result === undefined) return [];
    if (result === "sending") return [lens(`$(sync~spin) ${vscode.l10n.t("Sending")}`, "")];
    const icon = result.passed ? "$(pass)" : "$(error)";
    const { eventId } = result;
    const args = eventId === undefined ? [] : [{ eventIds: [eventId] }];
    return [lens(`${icon} ${resultText(result)}`, eventId === undefined ? "" : commandIds.revealEvent, ...args)];
  }
}

function resultText({ passed, status, milliseconds, problem, expected }: FixtureResult): string {
  if (status === undefined) return problem?.message ?? vscode.l10n.t("No answer");
  const time = Math.round(milliseconds);
  return passed
    ? vscode.l10n.t("{0} in {1} ms", status, time)
    : vscode.l10n.t("{0} in {1} ms, expected {2}", status, time, expected.join(", "));
}

/** The line of the member `request`; the first line while the file is being written and has none. */
function rangeOfRequest(document: vscode.TextDocument): vscode.Range {
  const offset = Math.max(0, document.getText().search(/"request"\s*:/));
  const { line } = document.positionAt(offset);
  return new vscode.Range(line, 0, line, 0);
}
