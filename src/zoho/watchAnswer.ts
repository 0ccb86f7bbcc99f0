import * as l10n from "@vscode/l10n";
import type { Result } from "../base/result.ts";
import type { ZohoProblem } from "./problem.ts";
import type { GrantedSubscription } from "./subscription.ts";

/** What Zoho granted, and what it refused of the same request. At least one module was granted. */
export interface SubscribeOutcome {
  readonly granted: readonly GrantedSubscription[];
  readonly refused: readonly ZohoProblem[];
}

/** One outcome for each channel of a request that was about several. */
export type SubscribeOutcomes = ReadonlyMap<string, Result<SubscribeOutcome, ZohoProblem>>;

/** One result for each channel that was to be deleted. */
export type UnsubscribeOutcome = ReadonlyMap<string, Result<void, ZohoProblem>>;

/** It is not known what became of the request: only a look at the list tells. */
export function unansweredProblem(): ZohoProblem {
  return {
    kind: "unreadable",
    code: "UNANSWERED",
    message: l10n.t("Zoho's answer does not say what became of this subscription. Refresh to see."),
    remedy: "refresh",
  };
}
