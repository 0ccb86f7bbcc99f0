import * as vscode from "vscode";
import { CancelledError, ProblemError } from "../../base/problem.ts";
import { type AddressWay, addressWays } from "../../core/address/addressSource.ts";
import type { AddressState, PublicAddress } from "../../core/address/publicAddress.ts";
import { tryAddress } from "../../core/address/tryAddress.ts";
import { isPublic } from "../../base/publicHost.ts";
import { checkProbe } from "../../core/diagnose/checks/probeOutcome.ts";
import type { ProbeContext } from "../../core/diagnose/probe.ts";
import { whenCaughtUp } from "../../core/recovery/caughtUp.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { type Choice, type StepPlace, askText, back, pickOne } from "../multiStep.ts";
import { commandIds, settingIds } from "../names.ts";
import { orThrow } from "../results.ts";
import { settings, writeMachineSetting } from "../settings.ts";
import { openSettings } from "../walkthrough/helpCommands.ts";
import type { AddressSources } from "./addressSources.ts";
import { wayWords } from "./addressWords.ts";

export interface AddressCommandsDependencies {
  readonly publicAddress: PublicAddress;
  readonly sources: AddressSources;
  readonly tunnel: Tunnel;
  readonly probe: ProbeContext;
}

/** What the person chooses among. */
type AddressChoice =
  | { readonly kind: "way"; readonly way: AddressWay }
  /** The relay that is configured, or the address that was given for it. */
  | { readonly kind: "configured" }
  | { readonly kind: "own-address" }
  | { readonly kind: "own-relay" };

/** Getting a public address, proving it, and closing it again. */
export class AddressCommands {
  readonly #deps: AddressCommandsDependencies;

  constructor(deps: AddressCommandsDependencies) {
    this.#deps = deps;
  }

  /** Asks for the way, opens the address, tries it from outside, and says in one sentence how that went. */
  async get(): Promise<void> {
    for (;;) {
      const choice = await this.#choose();
      if (choice.kind === "own-relay") {
        await openSettings(settingIds.relayUrl);
        return;
      }
      if (choice.kind === "own-address" && (await askForAddress()) === back) continue;
      await this.#openAndProve(choice);
      return;
    }
  }

  /** Closes the address on the whole machine, and opens it no more with the editor. */
  async stop(): Promise<void> {
    await writeMachineSetting(settingIds.relayTunnel, undefined);
    this.#deps.publicAddress.close();
    vscode.window.setStatusBarMessage(vscode.l10n.t("Public address closed"), 3000);
  }

  async #choose(): Promise<AddressChoice> {
    const place: StepPlace = { title: vscode.l10n.t("Get a Public Address"), step: 0, total: 0 };
    const placeholder = vscode.l10n.t("Zoho delivers to public HTTPS addresses only. How shall it reach this machine?");
    const picked = await pickOne<AddressChoice>({ place, placeholder, choices: this.#choices() });
    if (picked === back) throw new CancelledError();
    return picked;
  }

  #choices(): Choice<AddressChoice>[] {
    const there = addressWays.filter(way => this.#deps.sources.isThere(way));
    const missing = addressWays.filter(way => way !== "forwarded-port" && !there.includes(way));
    return [
      ...configuredChoices(),
      ...there.map(way => wayChoice(way, this.#deps.publicAddress.state)),
      {
        label: `$(edit) ${vscode.l10n.t("An Address of Your Own…")}`,
        description: vscode.l10n.t("of a tunnel or a proxy that leads to the relay of this machine"),
        value: { kind: "own-address" },
      },
      {
        label: `$(server) ${vscode.l10n.t("A Relay of Your Own…")}`,
        description: vscode.l10n.t(
          "on a host with a public address; also keeps what arrives while this machine is off",
        ),
        ...(missing.length === 0
          ? {}
          : { detail: vscode.l10n.t("Not found on this machine: {0}", missing.map(way => way).join(", ")) }),
        value: { kind: "own-relay" },
      },
    ];
  }

  async #openAndProve(choice: Exclude<AddressChoice, { kind: "own-relay" }>): Promise<void> {
    const sentence = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t("Public address"), cancellable: true },
      async (progress, cancelled) => {
        const abort = new AbortController();
        cancelled.onCancellationRequested(() => abort.abort());
        progress.report({ message: vscode.l10n.t("starting the relay…") });
        orThrow(await this.#deps.tunnel.waitForAddress(abort.signal));
        if (choice.kind === "way") {
          progress.report({ message: vscode.l10n.t("waiting for {0}…", wayWords(choice.way).name) });
          await this.#open(choice.way, abort.signal);
        }
        progress.report({ message: vscode.l10n.t("sending a test event through it…") });
        return this.#prove(abort.signal);
      },
    );
    // Not awaited: the command has ended, and a notification may stay up for as long as it likes.
    void this.#tell(sentence, choice);
  }

  /** Opens the address in this way, unless it is open; rejects with the problem where there is none to be had. */
  async #open(way: AddressWay, signal: AbortSignal): Promise<void> {
    const { publicAddress } = this.#deps;
    const { state } = publicAddress;
    if (state.kind !== "open" || state.way !== way) publicAddress.open(way);
    const settled = await whenSettled(publicAddress, signal);
    if (signal.aborted) {
      publicAddress.close();
      throw new CancelledError();
    }
    if (settled.kind === "failed") throw new ProblemError(settled.problem);
    // Somebody closed it meanwhile, here or in another window.
    if (settled.kind === "none") throw new CancelledError();
  }

  /** A test event on the way that Zoho's take: out to the address, and back into this editor. */
  async #prove(signal: AbortSignal): Promise<Proof> {
    const { tunnel, probe } = this.#deps;
    await whenCaughtUp(tunnel, probe.clock, signal);
    const address = orThrow(await tunnel.waitForAddress(signal));
    const finding = checkProbe(await tryAddress(address, probe, signal));
    const isReady = finding.status === "ok" || finding.status === "warning";
    return { address, sentence: finding.sentence, isReady };
  }

  async #tell({ address, sentence, isReady }: Proof, choice: AddressChoice): Promise<void> {
    const host = new URL(address).host;
    if (!isReady) {
      const diagnose = vscode.l10n.t("Diagnose");
      const message = vscode.l10n.t("{0} does not lead here: {1}", host, sentence);
      const pressed = await vscode.window.showErrorMessage(message, diagnose);
      if (pressed === diagnose) await vscode.commands.executeCommand(commandIds.diagnose);
      return;
    }
    const subscribe = vscode.l10n.t("New Subscription");
    const keep = vscode.l10n.t("Open It with the Editor");
    const canKeep = choice.kind === "way" && settings.relayTunnel() !== choice.way;
    const message = vscode.l10n.t("{0} leads here. {1}", host, sentence);
    const pressed = await vscode.window.showInformationMessage(message, subscribe, ...(canKeep ? [keep] : []));
    if (pressed === subscribe) await vscode.commands.executeCommand(commandIds.createSubscription);
    if (pressed === keep && choice.kind === "way") await writeMachineSetting(settingIds.relayTunnel, choice.way);
  }
}

/** How the test event went. */
interface Proof {
  readonly address: string;
  readonly sentence: string;
  readonly isReady: boolean;
}

function wayChoice(way: AddressWay, state: AddressState): Choice<AddressChoice> {
  const { name, description, exposure } = wayWords(way);
  const isOpen = state.kind === "open" && state.way === way;
  return {
    label: `$(${isOpen ? "pass" : "globe"}) ${name}`,
    description: isOpen ? vscode.l10n.t("open: {0}", new URL(state.url).host) : description,
    detail: exposure,
    value: { kind: "way", way },
  };
}

function configuredChoices(): Choice<AddressChoice>[] {
  const address = settings.relayPublicUrl() ?? settings.relayUrl();
  if (address === undefined || !URL.canParse(address) || !isPublic(new URL(address))) return [];
  return [
    {
      label: `$(pass) ${new URL(address).host}`,
      description: vscode.l10n.t("set in the settings; the address stays"),
      detail: vscode.l10n.t("Anyone with the address can post; the operator of what answers there could read it."),
      value: { kind: "configured" },
    },
  ];
}

/** Asks for the address of a tunnel that somebody else runs, and keeps it in the settings of the machine. */
async function askForAddress(): Promise<undefined | typeof back> {
  const answer = await askText({
    place: { title: vscode.l10n.t("An Address of Your Own"), step: 0, total: 0, canGoBack: true },
    prompt: vscode.l10n.t("The public HTTPS address that leads to the relay of this machine, without “/in/…”"),
    placeholder: "https://tunnel.example.com",
    value: settings.relayPublicUrl() ?? "",
    validate: faultOf,
  });
  if (answer === back) return back;
  await writeMachineSetting(settingIds.relayPublicUrl, answer);
  return undefined;
}

function faultOf(value: string): string | undefined {
  if (!URL.canParse(value) || new URL(value).protocol !== "https:") {
    return vscode.l10n.t("An address that begins with https://, please.");
  }
  return isPublic(new URL(value))
    ? undefined
    : vscode.l10n.t("{0} is known on this machine or network only.", new URL(value).host);
}

/** Resolves with the state once the address is no longer on its way, or at once when `signal` aborts. */
async function whenSettled(address: PublicAddress, signal: AbortSignal): Promise<AddressState> {
  return new Promise(resolve => {
    const done = (): void => {
      listening.dispose();
      signal.removeEventListener("abort", done);
      resolve(address.state);
    };
    const listening = address.onDidChange(({ kind }) => kind !== "opening" && done());
    signal.addEventListener("abort", done);
    if (address.state.kind !== "opening" || signal.aborted) done();
  });
}
