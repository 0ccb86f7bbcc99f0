import * as vscode from "vscode";
import { type Clock, hour, minute } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import { CancelledError, type Problem, ProblemError } from "../../base/problem.ts";
import type { Borrowing } from "../../core/borrow/borrowing.ts";
import type { Resolution } from "../../core/borrow/giveBack.ts";
import { type Loan, loanName } from "../../core/borrow/loan.ts";
import { amissProblem } from "../../core/borrow/problems.ts";
import { leadsToFormer } from "../../core/address/arrivals.ts";
import { pointsHere } from "../../core/subscriptions/channel.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { remedyCommand } from "../commandBoundary.ts";
import { back, pickOne, unnumbered } from "../multiStep.ts";
import { viewIds } from "../names.ts";
import { confirm, productionNames } from "../questions.ts";
import { addressToUse } from "../relay/addressToUse.ts";
import { orThrow } from "../results.ts";
import { type ChannelSource, chooseChannel } from "./chooseChannel.ts";
import { lateReturnWords } from "./loanWords.ts";
import { showWarnings } from "./showWarnings.ts";
import { hostOf, modulesOf } from "./subscriptionItems.ts";
import { type ChannelNode, asNode, channelsOf } from "./subscriptionNodes.ts";

export interface BorrowCommandsDependencies extends ChannelSource {
  readonly borrowing: Borrowing;
  readonly tunnel: Tunnel;
  /** The ingest paths of this editor's former addresses. */
  readonly clock: Clock;
}

/** A message that was closed without a decision comes back after this time, while what it is about is not mended. */
const remindAfter = 15 * minute;

/** Borrowing channels and giving them back, and the one message about what cannot be given back. */
export class BorrowCommands implements Disposable {
  readonly #deps: BorrowCommandsDependencies;
  readonly #store = new DisposableStore();
  /** By loan: until when no message about it is needed. Infinity while one is shown. */
  readonly #quietUntil = new Map<string, number>();

  constructor(deps: BorrowCommandsDependencies) {
    this.#deps = deps;
    this.#store.add(deps.borrowing.onDidChange(() => this.#tell()));
    this.#store.add(
      deps.borrowing.onDidReturnLate(late => void vscode.window.showInformationMessage(lateReturnWords(late))),
    );
    this.#store.add(deps.borrowing.onDidWarn(({ loan, warnings }) => showWarnings([amissProblem(loan, warnings)])));
  }

  async borrow(...args: unknown[]): Promise<void> {
    const title = vscode.l10n.t("Borrow Subscription");
    const node = await chooseChannel(title, args, this.#deps, channel => this.#canBorrow(channel.notifyUrl));
    const duration = await this.#askDuration(node);
    await confirmBorrow(node);
    const borrowed = await this.#withProgress(async () => {
      const notifyUrl = await addressToUse(this.#deps.tunnel);
      const { connection, channel } = node;
      return this.#deps.borrowing.borrow({
        connectionId: connection.id,
        channelId: channel.channelId,
        notifyUrl,
        ...(duration === Infinity ? {} : { duration }),
      });
    });
    showWarnings(orThrow(borrowed).warnings);
  }

  async giveBack(...args: unknown[]): Promise<void> {
    await this.#giveBack(await this.#chooseLoan(args));
  }

  dispose(): void {
    this.#store.dispose();
  }

  #canBorrow(notifyUrl: string): boolean {
    const { address } = this.#deps.tunnel;
    if (leadsToFormer({ notifyUrl }, this.#deps.arrivals().formerPaths)) return false;
    return address === undefined || !pointsHere({ notifyUrl }, [address]);
  }

  async #askDuration({ channel }: ChannelNode): Promise<number> {
    const title = vscode.l10n.t("Borrow Subscription to {0} from {1}", modulesOf(channel), hostOf(channel.notifyUrl));
    const duration = await pickOne({
      place: unnumbered(title, false),
      placeholder: vscode.l10n.t("Borrow for how long?"),
      choices: [
        { label: vscode.l10n.t("15 minutes"), value: 15 * minute },
        { label: vscode.l10n.t("One hour"), value: hour },
        {
          label: vscode.l10n.t("Until I give it back"),
          description: vscode.l10n.t("or close the last window"),
          value: Infinity,
        },
      ],
    });
    if (duration === back) throw new CancelledError();
    return duration;
  }

  async #chooseLoan(args: readonly unknown[]): Promise<Loan> {
    const { borrowing, view } = this.#deps;
    const clicked = asNode(args[0]);
    const [node, ...further] = channelsOf(clicked === undefined ? view.selection : [clicked]);
    const isOne = node !== undefined && further.length === 0;
    const meant = isOne ? borrowing.find(node.connection.id, node.channel.channelId) : undefined;
    const [first, ...others] = borrowing.loans;
    if (meant !== undefined) return meant;
    if (first === undefined) throw new ProblemError(nothingBorrowed());
    if (others.length === 0) return first;
    const picked = await pickOne({
      place: unnumbered(vscode.l10n.t("Give Back Subscription"), false),
      placeholder: vscode.l10n.t("Which one?"),
      choices: borrowing.loans.map(value => ({
        label: hostOf(value.original.notifyUrl),
        description: value.original.events.join(", "),
        value,
      })),
    });
    if (picked === back) throw new CancelledError();
    return picked;
  }

  async #giveBack(loan: Loan, resolution?: Resolution): Promise<void> {
    const key = loanName(loan);
    // What comes of it is shown here; the message about what happens by itself keeps quiet.
    this.#quietUntil.set(key, Infinity);
    try {
      const given = await this.#withProgress(async () => this.#deps.borrowing.giveBack(loan, resolution));
      if (!given.ok && this.#deps.borrowing.statusOf(loan).kind === "undecided") await this.#askWhatToDo(loan);
      else orThrow(given);
    } finally {
      this.#quietUntil.set(key, this.#deps.clock.now() + remindAfter);
    }
  }

  /** One message at a time for each loan, until it is done. */
  #tell(): void {
    const { borrowing, clock } = this.#deps;
    for (const loan of borrowing.loans) {
      const status = borrowing.statusOf(loan);
      const isQuiet = (this.#quietUntil.get(loanName(loan)) ?? 0) > clock.now();
      if (!isQuiet && (status.kind === "stuck" || status.kind === "undecided")) void this.#remind(loan, status);
    }
  }

  async #remind(
    loan: Loan,
    status: { readonly kind: "stuck" | "undecided"; readonly problem: Problem },
  ): Promise<void> {
    const key = loanName(loan);
    this.#quietUntil.set(key, Infinity);
    try {
      if (status.kind === "undecided") await this.#offerToDecide(loan, status.problem);
      else await this.#offerRemedy(loan, status.problem);
    } finally {
      this.#quietUntil.set(key, this.#deps.clock.now() + remindAfter);
    }
  }

  async #offerRemedy(loan: Loan, { message, remedy }: Problem): Promise<void> {
    const giveBack = vscode.l10n.t("Give Back Now");
    const offered = remedy === "none" || remedy === "retry" ? undefined : remedyCommand(remedy);
    const buttons = [giveBack, ...(offered === undefined ? [] : [offered.title])];
    const pressed = await vscode.window.showErrorMessage(message, ...buttons);
    if (pressed === giveBack) await this.#tryAgain(loan);
    else if (pressed !== undefined && offered !== undefined) {
      await vscode.commands.executeCommand(offered.command.command);
    }
  }

  /** What comes up by itself interrupts nobody; the question comes once the person wants it. */
  async #offerToDecide(loan: Loan, { message }: Problem): Promise<void> {
    const decide = vscode.l10n.t("Decide…");
    if ((await vscode.window.showWarningMessage(message, decide)) === decide) await this.#askWhatToDo(loan);
  }

  /** Failing again is told by the next message. */
  async #tryAgain(loan: Loan, resolution?: Resolution): Promise<void> {
    const given = await this.#withProgress(async () => this.#deps.borrowing.giveBack(loan, resolution));
    if (!given.ok) void vscode.window.showErrorMessage(given.error.message);
  }

  async #askWhatToDo(loan: Loan): Promise<void> {
    const status = this.#deps.borrowing.statusOf(loan);
    if (status.kind !== "undecided") return;
    const resolutions = resolutionsOf(status.found.kind);
    const labels = [...resolutions.keys()];
    // Not a notification: it would hide by itself, and has no room for these buttons.
    const pressed = await vscode.window.showWarningMessage(status.problem.message, { modal: true }, ...labels);
    const resolution = resolutions.get(pressed ?? "");
    if (resolution !== undefined) await this.#tryAgain(loan, resolution);
  }

  async #withProgress<T>(task: () => Promise<T>): Promise<T> {
    return vscode.window.withProgress({ location: { viewId: viewIds.subscriptions } }, task);
  }
}

function resolutionsOf(found: "deleted" | "changed" | "moved"): ReadonlyMap<string, Resolution> {
  const leave = [vscode.l10n.t("Leave as It Is"), "leave"] as const;
  switch (found) {
    case "changed":
      return new Map<string, Resolution>([
        [vscode.l10n.t("Keep Changes"), "address"],
        [vscode.l10n.t("Put Everything Back"), "everything"],
        leave,
      ]);
    case "deleted":
      return new Map<string, Resolution>([[vscode.l10n.t("Create Again"), "everything"], leave]);
    case "moved":
      return new Map<string, Resolution>([[vscode.l10n.t("Put Back"), "everything"], leave]);
  }
}

/** Somebody's events are about to go elsewhere: always asked, whoever's it is. */
async function confirmBorrow({ connection, channel }: ChannelNode): Promise<void> {
  const host = hostOf(channel.notifyUrl);
  const lines = [
    vscode.l10n.t("Until it is given back, {0} gets no events; they come here. They are not sent there later.", host),
    channel.token === undefined
      ? vscode.l10n.t("It has no token, so what comes cannot be verified.")
      : vscode.l10n.t("Its token stays as it is: late deliveries still verify at both ends."),
    ...(channel.createdHere ? [] : [vscode.l10n.t("It was not created by this editor.")]),
    ...productionNames([connection]).map(name => vscode.l10n.t("{0} is a production organisation.", name)),
  ];
  const question = vscode.l10n.t("Borrow the subscription to {0} from {1}?", modulesOf(channel), host);
  await confirm(question, lines.join("\n"), vscode.l10n.t("Borrow"));
}

function nothingBorrowed(): Problem {
  return { code: "NOT_BORROWED", message: vscode.l10n.t("Nothing is borrowed."), remedy: "none" };
}
