import * as vscode from "vscode";
import { type ForwardRule, firstTargetOf } from "../../core/forwarding/forwardRule.ts";
import type { Forwarder } from "../../core/forwarding/forwarder.ts";
import type { ForwardedEvent } from "../../core/forwarding/forwardedEvent.ts";
import type { Replay } from "../../core/forwarding/replays.ts";
import { CancelledError } from "../../base/problem.ts";
import { back, pickOne, unnumbered } from "../multiStep.ts";
import { askForAddress } from "./askForAddress.ts";
import { addRule } from "./writtenRules.ts";

const rememberedKey = "forward.address";
const lastKey = "forward.lastAddress";

/** Where to send what a person wants sent, an event or a fixture: where the rules say, or where the person said before. */
export class HandlerAddresses {
  readonly #forwarder: Pick<Forwarder, "targetsOf">;
  readonly #rules: () => readonly ForwardRule[];
  readonly #memory: vscode.Memento;

  constructor(forwarder: Pick<Forwarder, "targetsOf">, rules: () => readonly ForwardRule[], memory: vscode.Memento) {
    this.#forwarder = forwarder;
    this.#rules = rules;
    this.#memory = memory;
  }

  /** The address that was given last in this workspace, to be offered again. */
  get last(): string | undefined {
    return this.#memory.get<string>(lastKey);
  }

  /** The address that was given last, or else where the first rule sends events. Undefined: nobody said yet. */
  get known(): string | undefined {
    const rule = this.#rules().find(({ enabled }) => enabled);
    return this.last ?? (rule === undefined ? undefined : firstTargetOf(rule));
  }

  async noteLast(address: string): Promise<void> {
    await this.#memory.update(lastKey, address);
  }

  /** Each event with each address that it goes to; asks once for all that no rule fits. */
  async of(events: readonly ForwardedEvent[]): Promise<readonly Replay[]> {
    const byRule = events.map(event => ({ event, targets: this.#forwarder.targetsOf(event) }));
    const needsOne = byRule.some(({ targets }) => targets === undefined);
    const other = needsOne ? (this.#memory.get<string>(rememberedKey) ?? (await this.#askForEvents())) : "";
    return byRule.flatMap(({ event, targets = [other] }) => targets.map(target => ({ event, target })));
  }

  /** One address for an event; asks which where its rule has several. */
  async oneOf(event: ForwardedEvent): Promise<string> {
    const targets = (await this.of([event])).map(({ target }) => target);
    const [first = "", ...others] = targets;
    if (others.length === 0) return first;
    const picked = await pickOne({
      place: unnumbered(vscode.l10n.t("Send to a Handler"), false),
      placeholder: vscode.l10n.t("Which handler?"),
      choices: targets.map(target => ({ label: target, value: target })),
    });
    if (picked === back) throw new CancelledError();
    return picked;
  }

  /** Asks where to send something of the kind that `title` says, and remembers it as the last. */
  async ask(title: string): Promise<string> {
    const address = await askForAddress(unnumbered(title, false), this.known);
    if (address === back) throw new CancelledError();
    await this.noteLast(address);
    return address;
  }

  async #askForEvents(): Promise<string> {
    const title = vscode.l10n.t("Send to a Handler");
    for (;;) {
      const address = await askForAddress(unnumbered(title, false), this.last);
      if (address === back) throw new CancelledError();
      const what = await askWhetherToRemember(title);
      if (what === back) continue;
      await this.noteLast(address);
      if (what === "remember") await this.#memory.update(rememberedKey, address);
      if (what === "forward") await addRule({ url: address }, "user");
      return address;
    }
  }
}

async function askWhetherToRemember(title: string): ReturnType<typeof pickOne<"once" | "remember" | "forward">> {
  return pickOne({
    place: unnumbered(title),
    placeholder: vscode.l10n.t("Remember the address?"),
    choices: [
      { label: vscode.l10n.t("Only this time"), value: "once" },
      {
        label: vscode.l10n.t("Remember for this workspace"),
        detail: vscode.l10n.t("Events that no rule fits are sent there without asking."),
        value: "remember",
      },
      {
        label: vscode.l10n.t("Forward new events there too"),
        detail: vscode.l10n.t("Writes a rule for all events into your user settings."),
        value: "forward",
      },
    ],
  });
}
