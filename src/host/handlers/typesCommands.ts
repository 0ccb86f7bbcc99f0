import * as vscode from "vscode";
import type { ZohoClients } from "../../core/connections/clients.ts";
import type { Connection } from "../../core/connections/connection.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import { type EventTypesInput, eventTypes, eventTypesFile } from "../../core/handlers/types/eventTypes.ts";
import { type EventTypesSource, readEventTypesSource } from "../../core/handlers/types/eventTypesSource.ts";
import { readModuleMetadata } from "../../core/handlers/types/moduleMetadata.ts";
import { withCancellableProgress } from "../cancellableProgress.ts";
import { type Step, back, pickOne, runSteps } from "../multiStep.ts";
import { confirm } from "../questions.ts";
import { orThrow } from "../results.ts";
import { type HandlerSubject, requireConnection, subjectOf, subjectSteps } from "./handlerSubject.ts";
import { readText, requireWorkspaceFolder, writeText } from "./workspaceFiles.ts";

export interface TypesCommandsDependencies {
  readonly connections: ConnectionStore;
  readonly clients: ZohoClients;
}

interface TypesAnswers extends HandlerSubject {
  readonly file: vscode.Uri | undefined;
}

/** A file of generated types in the workspace. */
interface TypesFile {
  readonly uri: vscode.Uri;
  readonly source: EventTypesSource;
}

/** Types of notifications from the metadata of an organisation, as a file of the workspace. */
export class TypesCommands {
  readonly #deps: TypesCommandsDependencies;

  constructor(deps: TypesCommandsDependencies) {
    this.#deps = deps;
  }

  /** Asks for modules and a file, and writes the types there. A file of before knows its modules. */
  async generate(...args: unknown[]): Promise<void> {
    const folder = await requireWorkspaceFolder();
    const connections = this.#deps.connections.list();
    const known = subjectOf(args, connections);
    const files = await findTypesFiles();
    const initial = { ...known, modules: known.modules.length > 0 ? known.modules : modulesBefore(files, known) };
    const answers = await runSteps<TypesAnswers>(vscode.l10n.t("Generate Types"), { ...initial, file: undefined }, [
      ...subjectSteps<TypesAnswers>(known, connections, this.#deps.clients),
      fileStep(files, vscode.Uri.joinPath(folder.uri, eventTypesFile)),
    ]);
    if (answers.file === undefined) return;
    await confirmOverwrite(answers.file);
    const types = eventTypes(await this.readMetadata(requireConnection(answers), answers.modules));
    await writeText(answers.file, types);
    await vscode.window.showTextDocument(answers.file);
  }

  /** The fields of modules, while the window shows that it reads. */
  async readMetadata(connection: Connection, modules: readonly string[]): Promise<EventTypesInput> {
    const title = vscode.l10n.t("Reading the fields of {0}", modules.join(", "));
    const metadata = await withCancellableProgress(title, async signal =>
      orThrow(await readModuleMetadata(this.#deps.clients.for(connection.id), modules, { signal })),
    );
    return { organization: connection.organization, ...metadata };
  }
}

async function findTypesFiles(): Promise<readonly TypesFile[]> {
  const uris = await vscode.workspace.findFiles(`**/${eventTypesFile}`, "**/node_modules/**", 20);
  const files = uris.map(async uri => ({ uri, source: readEventTypesSource((await readText(uri)) ?? "") }));
  return (await Promise.all(files)).flatMap(({ uri, source }) => (source === undefined ? [] : { uri, source }));
}

/** What the only file of before was made for, if it is of the same organisation. */
function modulesBefore(files: readonly TypesFile[], { connection }: HandlerSubject): readonly string[] {
  const [file, ...others] = files;
  if (file === undefined || others.length > 0) return [];
  const isSame = connection === undefined || connection.organization.id === file.source.organization;
  return isSame ? file.source.modules : [];
}

function fileStep(files: readonly TypesFile[], fresh: vscode.Uri): Step<TypesAnswers> {
  return async (answers, place) => {
    const existing = files.map(({ uri, source }) => ({
      label: `$(refresh) ${vscode.workspace.asRelativePath(uri)}`,
      description: vscode.l10n.t("write anew"),
      detail: source.modules.join(", "),
      value: uri,
    }));
    const isThere = files.some(({ uri }) => uri.toString() === fresh.toString());
    const added = {
      label: `$(new-file) ${vscode.workspace.asRelativePath(fresh)}`,
      description: vscode.l10n.t("new file"),
      value: fresh,
    };
    const elsewhere = { label: `$(folder-opened) ${vscode.l10n.t("Elsewhere…")}`, value: "ask" as const };
    const picked = await pickOne<vscode.Uri | "ask">({
      place,
      placeholder: vscode.l10n.t("Where to?"),
      choices: [...existing, ...(isThere ? [] : [added]), elsewhere],
    });
    if (picked === back) return back;
    return { ...answers, file: picked === "ask" ? await askForFile(fresh) : picked };
  };
}

async function askForFile(defaultUri: vscode.Uri): Promise<vscode.Uri | undefined> {
  const filters = { [vscode.l10n.t("TypeScript declarations")]: ["ts"] };
  return vscode.window.showSaveDialog({ defaultUri, filters });
}

/** A file that somebody wrote by hand is not replaced without a word. */
async function confirmOverwrite(file: vscode.Uri): Promise<void> {
  const text = await readText(file);
  if (text === undefined || text.trim() === "" || readEventTypesSource(text) !== undefined) return;
  await confirm(
    vscode.l10n.t("Replace {0}?", vscode.workspace.asRelativePath(file)),
    vscode.l10n.t("It was not generated by this command: what is in it is lost."),
    vscode.l10n.t("Replace"),
  );
}
