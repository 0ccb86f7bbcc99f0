import * as vscode from "vscode";
import { CancelledError, ProblemError } from "../../base/problem.ts";
import { Turns } from "../../base/process/turns.ts";
import type { Steps } from "../../base/steps.ts";
import { eventLabel, fileNameOf } from "../../core/events/label.ts";
import { readEvent, requestOf } from "../../core/events/readEvent.ts";
import { type Fixture, formatFixture, parseFixture } from "../../core/exchange/fixture.ts";
import { fixtureSuffix } from "../../core/exchange/fixtureSuffix.ts";
import { channelOf, needsToken } from "../../core/exchange/fixtureToken.ts";
import { type KnownSecrets, Redaction } from "../../core/events/redaction.ts";
import { outgoing } from "../../core/exchange/outgoingRequest.ts";
import { type Replayed, replayFixture, requestToSend } from "../../core/exchange/replayFixture.ts";
import type { SendOutcome } from "../../core/forwarding/sendOutcome.ts";
import type { StoredEvent } from "../../core/events/storedEvent.ts";
import type { InspectorModel } from "../../core/inspector/inspectorModel.ts";
import type { TokenVerifier } from "../../core/events/verification.ts";
import { rowOf } from "../../core/inspector/presentRow.ts";
import type { CapturedRequest } from "../../protocol/capturedRequest.ts";
import type { HandlerAddresses } from "../forwarding/handlerAddresses.ts";
import { eventIdsOf } from "../inspector/chosenEvents.ts";
import type { InspectorView } from "../inspector/inspectorView.ts";
import { askText, back, unnumbered } from "../multiStep.ts";
import { orThrow } from "../results.ts";
import type { FixtureResults } from "./fixtureResults.ts";

export interface FixtureCommandsOptions {
  readonly history: {
    get(id: number): StoredEvent | undefined;
    addTest(request: CapturedRequest): number | undefined;
  };
  readonly tokens: TokenVerifier;
  readonly model: Pick<InspectorModel, "selectedIds" | "reveal">;
  readonly inspector: Pick<InspectorView, "show">;
  readonly addresses: Pick<HandlerAddresses, "known" | "ask">;
  readonly results: FixtureResults;
  readonly secrets: KnownSecrets;
  /** The token of a channel that this editor made or was told. */
  readonly tokenOf: (channelId: string) => string | undefined;
  /** Sends a request that has an entry in the history, and writes down what comes of it. */
  readonly sendTo: (
    target: string,
    request: CapturedRequest,
    options: { readonly origin: "fixture"; readonly eventId?: number; readonly signal?: AbortSignal },
  ) => Promise<SendOutcome>;
}

/** A fixture that is to be saved. */
interface FixtureFile {
  readonly name: string;
  readonly text: string;
}

/** The commands about fixtures: events that are kept in files, to be sent as often as somebody likes. */
export class FixtureCommands {
  readonly #options: FixtureCommandsOptions;
  /** Tokens that the person gave, for as long as the window is open. */
  readonly #givenTokens = new Map<string, string>();

  constructor(options: FixtureCommandsOptions) {
    this.#options = options;
  }

  /** Saves events as fixtures: one under a name that is asked for, several into a folder. Tokens stay out. */
  async save(...args: unknown[]): Promise<void> {
    const events = await this.#fixturesOf(eventIdsOf(args, this.#options.model));
    const [first, ...others] = events;
    if (first === undefined) throw new ProblemError(noRequestProblem());
    const files = others.length === 0 ? [await askForFile(first.name)] : await askForFiles(events);
    for (const [index, uri] of files.entries()) {
      await vscode.workspace.fs.writeFile(uri, Buffer.from(events[index]?.text ?? ""));
    }
    const [file] = files;
    if (file !== undefined) await vscode.window.showTextDocument(file);
  }

  /** Sends fixtures to where the last ones were sent: those of the explorer's selection, or the one that is open. */
  async send(...args: unknown[]): Promise<void> {
    const { addresses } = this.#options;
    await this.#sendAll(filesIn(args), addresses.known ?? (await addresses.ask(sendTitle())));
  }

  /** Sends fixtures to an address that is asked for. */
  async sendToAnother(...args: unknown[]): Promise<void> {
    const files = filesIn(args);
    await this.#sendAll(files, await this.#options.addresses.ask(sendTitle()));
  }

  /** Shows the event of the last sending in the inspector. */
  async reveal(...args: unknown[]): Promise<void> {
    const [id] = eventIdsOf(args, this.#options.model);
    await this.#options.inspector.show();
    if (id !== undefined) this.#options.model.reveal(id);
  }

  async #fixturesOf(ids: readonly number[]): Promise<readonly FixtureFile[]> {
    const turns = new Turns();
    const files: FixtureFile[] = [];
    for (const id of ids) {
      const file = await turns.finish(this.#fixtureOf(id));
      if (file !== undefined) files.push(file);
    }
    return files;
  }

  *#fixtureOf(id: number): Steps<FixtureFile | undefined> {
    const event = this.#options.history.get(id);
    const read = event === undefined ? undefined : readEvent(event);
    const request = read === undefined ? undefined : requestOf(read);
    if (read === undefined || request === undefined) return undefined;
    const redaction = new Redaction(this.#options.secrets()).of(request);
    const label = redaction.marked(eventLabel(rowOf(read, this.#options.tokens).content));
    const shown = yield* outgoing(request, redaction);
    return { name: fileNameOf(label), text: formatFixture(shown, label) };
  }

  async #sendAll(files: readonly vscode.Uri[], target: string): Promise<void> {
    const [file, ...others] = files;
    if (file === undefined) throw new ProblemError(noFixtureProblem());
    if (others.length === 0) await this.#sendFile(file, target);
    else await this.#sendMany(files, target);
  }

  async #sendMany(files: readonly vscode.Uri[], target: string): Promise<void> {
    const location = { location: vscode.ProgressLocation.Notification, cancellable: true };
    const title = vscode.l10n.t("Sending to {0}", target);
    await vscode.window.withProgress({ ...location, title }, async (progress, cancelled) => {
      const abort = new AbortController();
      const cancelling = cancelled.onCancellationRequested(() => abort.abort());
      let passed = 0;
      for (const each of files) {
        if (abort.signal.aborted) break;
        progress.report({ message: vscode.workspace.asRelativePath(each), increment: 100 / files.length });
        if ((await this.#sendFile(each, target, abort.signal)).passed) passed++;
      }
      cancelling.dispose();
      this.#tellPassed(passed, files.length);
    });
  }

  #tellPassed(passed: number, total: number): void {
    const show = vscode.l10n.t("Show Events");
    const message = vscode.l10n.t("{0} of {1} fixtures passed.", passed, total);
    const tell = passed === total ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
    void tell(message, show).then(pressed => {
      if (pressed === show) void this.#options.inspector.show();
    });
  }

  /** As it stands in the editor, saved or not. */
  async #sendFile(file: vscode.Uri, target: string, signal?: AbortSignal): Promise<Replayed> {
    const { history, results, sendTo } = this.#options;
    const document = await vscode.workspace.openTextDocument(file);
    const fixture = orThrow(parseFixture(document.getText()));
    const token = needsToken(fixture.request) ? await this.#tokenFor(fixture) : undefined;
    const eventId = history.addTest(requestToSend(fixture, token));
    results.begin(file);
    const known = eventId === undefined ? {} : { eventId };
    const sender = {
      send: async (to: string, request: CapturedRequest): Promise<SendOutcome> =>
        sendTo(to, request, { origin: "fixture", ...known, ...(signal === undefined ? {} : { signal }) }),
    };
    const replayed = await replayFixture(fixture, sender, { target, token });
    results.finish(file, { ...replayed, ...known });
    return replayed;
  }

  async #tokenFor({ request }: Fixture): Promise<string> {
    const channelId = channelOf(request) ?? "";
    const known = this.#options.tokenOf(channelId) ?? this.#givenTokens.get(channelId);
    if (known !== undefined && known !== "") return known;
    const token = await askText({
      place: unnumbered(vscode.l10n.t("Send Fixture"), false),
      prompt: vscode.l10n.t("Token that your handler expects. It is kept until this window closes, and only here."),
      password: true,
      validate: value => (value === "" ? vscode.l10n.t("A token is needed.") : undefined),
    });
    if (token === back) throw new CancelledError();
    this.#givenTokens.set(channelId, token);
    return token;
  }
}

/** The explorer passes the file under the pointer, then all that are selected; a title or a lens one file. */
function filesIn([first, selected]: readonly unknown[]): readonly vscode.Uri[] {
  const many = Array.isArray(selected) ? selected.filter(each => each instanceof vscode.Uri) : [];
  if (many.length > 0) return many.filter(({ path }) => path.endsWith(fixtureSuffix));
  const active = vscode.window.activeTextEditor?.document.uri;
  const one = first instanceof vscode.Uri ? first : active;
  return one?.path.endsWith(fixtureSuffix) === true ? [one] : [];
}

/** Where fixtures go that nobody has a place for: the folder of tests, if there is one that says so. */
function usualFolder(): vscode.Uri | undefined {
  const root = vscode.workspace.workspaceFolders?.[0]?.uri;
  return root === undefined ? undefined : vscode.Uri.joinPath(root, "fixtures");
}

async function askForFile(name: string): Promise<vscode.Uri> {
  const folder = usualFolder() ?? vscode.Uri.file("/");
  const file = await vscode.window.showSaveDialog({
    title: vscode.l10n.t("Save as Fixture"),
    defaultUri: vscode.Uri.joinPath(folder, `${name}${fixtureSuffix}`),
    // Dialogs of the editor itself look at what follows the last dot.
    filters: { [vscode.l10n.t("Event fixtures")]: ["json"] },
  });
  if (file === undefined) throw new CancelledError();
  return file.path.endsWith(fixtureSuffix)
    ? file
    : file.with({ path: `${file.path.replace(/(\.zoho-event)?(\.json)?$/, "")}${fixtureSuffix}` });
}

/** One name for each event; what is there already is not written over. */
async function askForFiles(events: readonly { readonly name: string }[]): Promise<readonly vscode.Uri[]> {
  const defaultUri = vscode.workspace.workspaceFolders?.[0]?.uri;
  const folders = await vscode.window.showOpenDialog({
    title: vscode.l10n.t("Save as Fixtures"),
    openLabel: vscode.l10n.t("Save Here"),
    canSelectFiles: false,
    canSelectFolders: true,
    ...(defaultUri === undefined ? {} : { defaultUri }),
  });
  const [folder] = folders ?? [];
  if (folder === undefined) throw new CancelledError();
  const there = await vscode.workspace.fs.readDirectory(folder);
  const taken = new Set(there.map(([name]) => name.toLowerCase()));
  return events.map(({ name }) => vscode.Uri.joinPath(folder, freeName(name, taken)));
}

function freeName(name: string, taken: Set<string>): string {
  for (let number = 1; ; number++) {
    const file = `${name}${number === 1 ? "" : `-${number}`}${fixtureSuffix}`;
    if (taken.has(file.toLowerCase())) continue;
    taken.add(file.toLowerCase());
    return file;
  }
}

function noFixtureProblem(): ProblemError["problem"] {
  const message = vscode.l10n.t("Open a fixture first: a file whose name ends in {0}.", fixtureSuffix);
  return { code: "NO_FIXTURE", message, remedy: "none" };
}

function noRequestProblem(): ProblemError["problem"] {
  const message = vscode.l10n.t("This entry holds no request that could be saved.");
  return { code: "NO_REQUEST", message, remedy: "none" };
}

function sendTitle(): string {
  return vscode.l10n.t("Send Fixture to a Handler");
}
