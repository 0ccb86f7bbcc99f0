import * as vscode from "vscode";
import { CancelledError } from "../../base/problem.ts";
import { parseTarget } from "../../core/forwarding/forwardTarget.ts";
import { askText, back, unnumbered } from "../multiStep.ts";

const lastKey = "fixture.address";

export interface FixtureAddressesOptions {
  readonly memory: vscode.Memento;
  /** Where the rules send events, if there are any. */
  readonly ruled: () => string | undefined;
  readonly allowedHosts: () => readonly string[];
}

/** Where fixtures are sent: to the address that was given last in this workspace, or where the rules say. */
export class FixtureAddresses {
  readonly #options: FixtureAddressesOptions;

  constructor(options: FixtureAddressesOptions) {
    this.#options = options;
  }

  /** Undefined: nobody said yet. */
  get known(): string | undefined {
    return this.#options.memory.get<string>(lastKey) ?? this.#options.ruled();
  }

  /** Asks for another address, and remembers it. */
  async ask(): Promise<string> {
    const address = await askText({
      place: unnumbered(vscode.l10n.t("Send Fixture to a Handler"), false),
      prompt: vscode.l10n.t("Address of your handler, with its path"),
      placeholder: "http://localhost:3000/hooks/zoho",
      value: this.known ?? "http://localhost:3000/",
      validate: value => {
        const target = parseTarget(value, this.#options.allowedHosts());
        return target.ok ? undefined : target.error.message;
      },
    });
    if (address === back) throw new CancelledError();
    await this.#options.memory.update(lastKey, address);
    return address;
  }
}
