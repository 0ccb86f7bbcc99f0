import * as vscode from "vscode";
import { CancelledError } from "../../base/problem.ts";
import type { ForwardRule } from "../../core/forwarding/forwardRule.ts";
import { askForAddress } from "../forwarding/askForAddress.ts";
import { back, unnumbered } from "../multiStep.ts";

const lastKey = "fixture.address";

/** Where fixtures are sent: to the address that was given last in this workspace, or where the first rule sends events. */
export class FixtureAddresses {
  readonly #memory: vscode.Memento;
  readonly #rules: () => readonly ForwardRule[];

  constructor(memory: vscode.Memento, rules: () => readonly ForwardRule[]) {
    this.#memory = memory;
    this.#rules = rules;
  }

  /** Undefined: nobody said yet. */
  get known(): string | undefined {
    return this.#memory.get<string>(lastKey) ?? this.#rules().find(({ enabled }) => enabled)?.url;
  }

  /** Asks for another address, and remembers it. */
  async ask(): Promise<string> {
    const place = unnumbered(vscode.l10n.t("Send Fixture to a Handler"), false);
    const address = await askForAddress(place, this.known);
    if (address === back) throw new CancelledError();
    await this.#memory.update(lastKey, address);
    return address;
  }
}
