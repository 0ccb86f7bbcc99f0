import * as l10n from "@vscode/l10n";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { Fetched } from "../detail/changesTab.ts";
import type { DetailState } from "../detail/detailPane.ts";
import type { HostConnection } from "./hostConnection.ts";

/** How long changes of the event on show are gathered before its detail is read again, in milliseconds. */
const refreshDelay = 100;

/** An answer that takes longer than this, in milliseconds, is announced: until then the last event stays on show. */
const lateAfter = 300;

export interface DetailLoaderOptions {
  readonly host: Pick<HostConnection, "getDetail" | "fetchRecord">;
  readonly clock: Clock;
  /** The event that is to be on show now. */
  readonly wanted: () => number | undefined;
  /** The event that is on show. */
  readonly shown: () => number | undefined;
  readonly show: (state: DetailState) => void;
}

/** Reads what there is to know of the event on show, and again when that is something else. */
export class DetailLoader {
  readonly #options: DetailLoaderOptions;
  #refreshing: Disposable | undefined;

  constructor(options: DetailLoaderOptions) {
    this.#options = options;
  }

  async load(id: number): Promise<void> {
    const { host, clock, wanted, shown, show } = this.#options;
    const late = clock.after(lateAfter, () => {
      if (shown() !== id) show({ kind: "loading" });
    });
    const answer = await host.getDetail(id);
    late.dispose();
    if (wanted() !== id) return;
    if (!answer.ok) show({ kind: "failed", retry: () => void this.load(id) });
    else if (answer.value === undefined) show({ kind: "gone" });
    else show({ kind: "shown", detail: answer.value });
  }

  refresh(): void {
    const id = this.#options.wanted();
    if (id !== undefined) void this.load(id);
  }

  /** The event on show says something else: handled, or pinned. */
  refreshSoon(): void {
    this.#refreshing ??= this.#options.clock.after(refreshDelay, () => {
      this.#refreshing = undefined;
      this.refresh();
    });
  }

  /** Has a record of the event fetched from the CRM. */
  async fetchRecord(id: number, recordId: string): Promise<Fetched> {
    const answer = await this.#options.host.fetchRecord(id, recordId);
    if (answer.ok) return answer.value;
    const problem = l10n.t("The editor did not answer.");
    return { record: { kind: "problem", recordId, problem, remedy: "retry" }, changes: [] };
  }
}
