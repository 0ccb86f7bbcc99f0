import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Replayed } from "../../core/exchange/replayFixture.ts";

/** What came of sending a fixture, and the event that it became. */
export interface FixtureResult extends Replayed {
  readonly eventId?: number;
}

/** What came of each fixture that was sent from this window, the last time. */
export class FixtureResults implements Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  readonly #results = new Map<string, FixtureResult | "sending">();

  readonly onDidChange = this.#changed.event;

  of(file: vscode.Uri): FixtureResult | "sending" | undefined {
    return this.#results.get(file.toString());
  }

  begin(file: vscode.Uri): void {
    this.#set(file, "sending");
  }

  finish(file: vscode.Uri, result: FixtureResult): void {
    this.#set(file, result);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #set(file: vscode.Uri, result: FixtureResult | "sending"): void {
    this.#results.set(file.toString(), result);
    this.#changed.fire();
  }
}
