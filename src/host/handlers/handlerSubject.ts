import * as vscode from "vscode";
import { CancelledError, ProblemError } from "../../base/problem.ts";
import type { Connection } from "../../core/connections/connection.ts";
import { type Step, back, backWith } from "../multiStep.ts";
import { pickConnection } from "../connections/pickConnection.ts";
import { pickModules } from "../subscriptions/pickEvents.ts";
import { type SubscriptionNode, asNode } from "../subscriptions/subscriptionNodes.ts";
import type { ZohoClients } from "../../core/connections/clients.ts";

/** Whose changes, and of which modules: what both commands ask for first. */
export interface HandlerSubject {
  readonly connection: Connection | undefined;
  /** API names. */
  readonly modules: readonly string[];
}

/** What the tree item that a command was called on says already, and the only connection where there is one. */
export function subjectOf(args: readonly unknown[], connections: readonly Connection[]): HandlerSubject {
  if (connections.length === 0) throw new ProblemError(noConnection());
  const node = asNode(args[0]);
  const only = connections.length === 1 ? connections[0] : undefined;
  return { connection: node?.connection ?? only, modules: modulesOf(node) };
}

/** Asks for the connection, where that is not known, and for the modules. */
export function subjectSteps<Answers extends HandlerSubject>(
  known: HandlerSubject,
  connections: readonly Connection[],
  clients: ZohoClients,
): Step<Answers>[] {
  const connectionStep: Step<Answers> = async (answers, place) => {
    const connection = await pickConnection(place, connections, answers.connection);
    return connection === back ? back : { ...answers, connection };
  };
  const modulesStep: Step<Answers> = async (answers, place) => {
    const client = clients.for(requireConnection(answers).id);
    let { modules: picked } = answers;
    const onBack = (ticked: readonly string[]): void => void (picked = ticked);
    const modules = await pickModules(place, client, { picked, onBack });
    return modules === back ? backWith({ ...answers, modules: picked }) : { ...answers, modules };
  };
  return known.connection === undefined ? [connectionStep, modulesStep] : [modulesStep];
}

/** The connection that was chosen. */
export function requireConnection({ connection }: HandlerSubject): Connection {
  if (connection === undefined) throw new CancelledError();
  return connection;
}

function modulesOf(node: SubscriptionNode | undefined): readonly string[] {
  if (node?.kind === "module") return [node.subscription.module];
  return node?.kind === "channel" ? node.channel.subscriptions.map(({ module }) => module) : [];
}

function noConnection(): ProblemError["problem"] {
  const message = vscode.l10n.t(
    "There is no connection to read the fields of modules from. Add one, or try the local sandbox.",
  );
  return { code: "NO_CONNECTION", message, remedy: "start-sandbox" };
}
