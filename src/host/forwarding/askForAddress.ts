import * as vscode from "vscode";
import { parseTarget } from "../../core/forwarding/forwardTarget.ts";
import { listeningPorts, usualPorts } from "../../core/forwarding/listeningPorts.ts";
import { type Back, type Choice, type StepPlace, askText, back, pickOne, unnumbered } from "../multiStep.ts";
import { settings } from "../settings.ts";

/** Asks where a handler listens: first for the server, of those that run here, then for the whole address. */
export async function askForAddress(place: StepPlace, last?: string): Promise<string | Back> {
  for (;;) {
    const server = await pickOne({
      place,
      placeholder: vscode.l10n.t("Where does your handler listen?"),
      choices: serverChoices(last),
    });
    if (server === back) return back;
    const address = await askText({
      place: unnumbered(place.title),
      prompt: vscode.l10n.t("Address of your handler, with its path. Events are posted there as Zoho sent them."),
      placeholder: "http://localhost:3000/hooks/zoho",
      value: server,
      validate: value => {
        const target = parseTarget(value, settings.forwardAllowedHosts());
        return target.ok ? undefined : target.error.message;
      },
    });
    if (address !== back) return address;
  }
}

async function serverChoices(last: string | undefined): Promise<readonly Choice<string>[]> {
  const listening = await listeningPorts();
  const choice = (address: string, description: string): Choice<string> => ({
    label: address,
    description,
    value: address,
  });
  const local = (port: number): string => `http://localhost:${port}/`;
  const silent = usualPorts.filter(port => !listening.includes(port)).slice(0, 3);
  return [
    ...(last === undefined ? [] : [choice(last, vscode.l10n.t("used last"))]),
    ...listening.map(port => choice(local(port), vscode.l10n.t("something listens here"))),
    ...silent.map(port => choice(local(port), vscode.l10n.t("nothing listens here yet"))),
    { label: vscode.l10n.t("$(edit) Another address…"), value: "http://localhost:" },
  ];
}
