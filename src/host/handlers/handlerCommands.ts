import * as vscode from "vscode";
import type { Clock } from "../../base/clock.ts";
import { describeCauses } from "../../base/problem.ts";
import type { Logger } from "../../base/logger.ts";
import type { ZohoClients } from "../../core/connections/clients.ts";
import type { Connection } from "../../core/connections/connection.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import { type LaunchConfiguration, handlerLaunch } from "../../core/handlers/debugging/handlerLaunch.ts";
import { addConfiguration } from "../../core/handlers/debugging/launchFile.ts";
import { handlerFile } from "../../core/handlers/scaffold/handlerPlan.ts";
import { freeFolderName } from "../../core/handlers/scaffold/newHandlerDefaults.ts";
import { scaffoldFiles } from "../../core/handlers/scaffold/scaffold.ts";
import { eventTypes } from "../../core/handlers/types/eventTypes.ts";
import type { SubscriptionService } from "../../core/subscriptions/subscriptionService.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { runSteps } from "../multiStep.ts";
import { confirmProductionWrite } from "../questions.ts";
import { addressToUse } from "../relay/addressToUse.ts";
import { orThrow } from "../results.ts";
import { settings } from "../settings.ts";
import {
  type HandlerAnswers,
  languageStep,
  likelyLanguage,
  nameStep,
  portStep,
  sampleStep,
  subscribeStep,
} from "./askForHandler.ts";
import { requireConnection, subjectOf, subjectSteps } from "./handlerSubject.ts";
import { localNodeVersion } from "./localNode.ts";
import type { HandlerTokens } from "./handlerTokens.ts";
import type { TypesCommands } from "./typesCommands.ts";
import { namesIn, readText, requireWorkspaceFolder, writeText } from "./workspaceFiles.ts";

export interface HandlerCommandsDependencies {
  readonly connections: ConnectionStore;
  readonly clients: ZohoClients;
  readonly subscriptions: SubscriptionService;
  readonly tunnel: Tunnel;
  readonly tokens: HandlerTokens;
  readonly types: TypesCommands;
  /** Gives the text of a template; see scaffold.ts. */
  readonly readTemplate: (path: string) => Promise<string>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** New handlers: a folder with a server that takes events, and the configuration that starts it. */
export class HandlerCommands {
  readonly #deps: HandlerCommandsDependencies;

  constructor(deps: HandlerCommandsDependencies) {
    this.#deps = deps;
  }

  /** Asks step by step, writes the files, and offers to start. */
  async create(...args: unknown[]): Promise<void> {
    const folder = await requireWorkspaceFolder();
    const answers = await this.#ask(args, await namesIn(folder.uri));
    const connection = requireConnection(answers);
    if (answers.subscribe) await this.#subscribe(connection, this.#missing(answers));
    const target = vscode.Uri.joinPath(folder.uri, answers.name);
    await this.#write(target, connection, answers);
    const file = handlerFile(answers.language);
    const launch = handlerLaunch(answers.name, file, answers.port, answers.modules);
    const isAdded = await this.#addLaunch(folder, launch);
    await vscode.window.showTextDocument(vscode.Uri.joinPath(target, file));
    // Not awaited: the command has ended, and the offer may stay for as long as it likes.
    void this.#offerToStart(folder, launch, isAdded);
  }

  async #ask(args: readonly unknown[], taken: readonly string[]): Promise<HandlerAnswers> {
    const connections = this.#deps.connections.list();
    const known = subjectOf(args, connections);
    const version = await localNodeVersion();
    const initial: HandlerAnswers = {
      ...known,
      sample: "blank",
      language: likelyLanguage(version),
      port: 3000,
      name: freeFolderName(taken),
      subscribe: false,
    };
    return runSteps<HandlerAnswers>(vscode.l10n.t("New Handler"), initial, [
      ...subjectSteps<HandlerAnswers>(known, connections, this.#deps.clients),
      sampleStep,
      languageStep(version),
      portStep,
      nameStep(taken),
      subscribeStep(answers => this.#missing(answers)),
    ]);
  }

  #missing(answers: HandlerAnswers): readonly string[] {
    const known = this.#deps.tokens.channelsHere(requireConnection(answers).id);
    const told = new Set(known.flatMap(({ subscriptions }) => subscriptions.map(({ module }) => module)));
    return answers.modules.filter(module => !told.has(module));
  }

  async #subscribe(connection: Connection, modules: readonly string[]): Promise<void> {
    const title = vscode.l10n.t("Subscribe to {0}", modules.join(", "));
    await confirmProductionWrite([connection], title);
    const { subscriptions, tunnel } = this.#deps;
    await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, async () => {
      const notifyUrl = await addressToUse(tunnel);
      const request = {
        modules: modules.map(module => ({ module, operations: ["create", "edit", "delete"] as const })),
        expiresInMs: settings.expiry(),
        notifyUrl,
        returnAffectedFieldValues: true,
        notifyOnRelatedAction: false,
      };
      return orThrow(await subscriptions.create(connection.id, request));
    });
  }

  async #write(target: vscode.Uri, connection: Connection, answers: HandlerAnswers): Promise<void> {
    const { tokens, types, readTemplate, clock } = this.#deps;
    const metadata = await types.readMetadata(connection, answers.modules);
    const plan = {
      ...answers,
      modules: metadata.modules,
      types: eventTypes(metadata),
      tokens: tokens.of(answers.modules, connection.id),
      now: clock.now(),
    };
    for (const { path, text } of await scaffoldFiles(plan, readTemplate)) {
      await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(target, path), new TextEncoder().encode(text));
    }
  }

  /** False where the launch file is not what one should be; then it is left alone. */
  async #addLaunch(folder: vscode.WorkspaceFolder, launch: LaunchConfiguration): Promise<boolean> {
    const file = vscode.Uri.joinPath(folder.uri, ".vscode", "launch.json");
    const text = addConfiguration((await readText(file)) ?? "", launch);
    if (text !== undefined) await writeText(file, text);
    return text !== undefined;
  }

  async #offerToStart(folder: vscode.WorkspaceFolder, launch: LaunchConfiguration, isAdded: boolean): Promise<void> {
    const start = vscode.l10n.t("Start and Forward");
    const message = isAdded
      ? vscode.l10n.t("The handler is ready. Events are forwarded to it while it runs in the debugger.")
      : vscode.l10n.t(
          "The handler is ready. The launch file could not be read, so the configuration that starts it is not in there.",
        );
    const isTrusted = vscode.workspace.isTrusted;
    const pressed = await vscode.window.showInformationMessage(message, ...(isTrusted ? [start] : []));
    if (pressed !== start) return;
    try {
      await vscode.debug.startDebugging(folder, { ...launch });
    } catch (error) {
      this.#deps.logger.error(`new handler: ${describeCauses(error)}`);
    }
  }
}
