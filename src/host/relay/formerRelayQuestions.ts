import * as vscode from "vscode";
import type { Problem } from "../../base/problem.ts";
import { type FormerAddress, type FormerAddressesSource, formerAddresses } from "../../core/address/formerAddresses.ts";
import { placeOf } from "../../core/address/formerWords.ts";
import type { FormerChannels } from "../../core/tunnel/formerChannels.ts";
import { orThrow } from "../results.ts";

export interface FormerRelayQuestionsDependencies extends FormerAddressesSource {
  readonly former: Pick<FormerChannels, "list" | "delete" | "forget">;
}

/** `again`: things had changed by the time of the answer, so nothing was done, and it is to be asked again. */
export type Asked = "done" | "again";

/** What is asked about a former address, and what is said of it. */
export class FormerRelayQuestions {
  readonly #deps: FormerRelayQuestionsDependencies;

  constructor(deps: FormerRelayQuestionsDependencies) {
    this.#deps = deps;
  }

  /** Webhooks of workflows may carry the address, too, and cannot be read from here: so the person decides. */
  async askToDelete({ relay, channel }: FormerAddress): Promise<Asked> {
    const remove = vscode.l10n.t("Delete Channel");
    const message = vscode.l10n.t(
      "No subscription sends to your former address at {0} anymore, and everything that arrived there is here. Delete it? Keep it if a workflow webhook still uses it.",
      placeOf(relay),
    );
    if ((await vscode.window.showInformationMessage(message, remove)) !== remove) return "done";
    const now = this.#asItIs(channel);
    if (now?.isUnused === true) orThrow(await this.#deps.former.delete(channel));
    else if (now !== undefined) {
      return tellKept(
        vscode.l10n.t("Your former address at {0} may be in use again, so it wasn't deleted.", placeOf(relay)),
      );
    }
    return "done";
  }

  /** Whether a relay is gone for good only a person can know. */
  async askToForget({ relay, channel }: FormerAddress, daysAway: number): Promise<Asked> {
    const forget = vscode.l10n.t("Forget Address");
    const message = vscode.l10n.t(
      "Your former address at {0} hasn't been reachable for {1} days. If you forget it, events still waiting there and anything sent to it later can never be read, even if the relay comes back.",
      placeOf(relay),
      daysAway,
    );
    if ((await vscode.window.showWarningMessage(message, forget)) !== forget) return "done";
    const now = this.#asItIs(channel);
    if (now?.daysAway !== undefined) await this.#deps.former.forget(channel);
    else if (now !== undefined) {
      return tellKept(
        vscode.l10n.t("Your former address at {0} can be reached again, so it wasn't forgotten.", placeOf(relay)),
      );
    }
    return "done";
  }

  /** Without a question: that was announced when another address was made at the same relay. */
  tellDeleted(relay: string): void {
    const done = vscode.l10n.t(
      "Your former address at {0} is deleted: nothing was sent to it anymore.",
      placeOf(relay),
    );
    vscode.window.setStatusBarMessage(done, 8000);
  }

  async tellNotDeleted(problem: Problem): Promise<void> {
    const message = vscode.l10n.t("Your former address isn't deleted yet. That is tried again. {0}", problem.message);
    await vscode.window.showWarningMessage(message);
  }

  /** A question may stay open for days. Undefined where another window was faster. */
  #asItIs(channel: string): FormerAddress | undefined {
    return formerAddresses(this.#deps).find(address => address.channel === channel);
  }
}

/** Not awaited: the message may stay up for as long as it likes. */
function tellKept(message: string): Asked {
  void vscode.window.showInformationMessage(message);
  return "again";
}
