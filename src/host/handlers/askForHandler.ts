import * as vscode from "vscode";
import { type NodeVersion, argumentsFor } from "../../core/handlers/debugging/nodeVersion.ts";
import { type HandlerLanguage, type HandlerSample, extensionOf } from "../../core/handlers/scaffold/handlerPlan.ts";
import { isFolderName, readPort } from "../../core/handlers/scaffold/newHandlerDefaults.ts";
import { type Choice, type Step, askText, back, pickOne } from "../multiStep.ts";
import type { HandlerSubject } from "./handlerSubject.ts";

/** What New Handler asks for. */
export interface HandlerAnswers extends HandlerSubject {
  readonly sample: HandlerSample;
  readonly language: HandlerLanguage;
  readonly port: number;
  /** The name of the handler's folder, in the folder of the workspace. */
  readonly name: string;
  /** Whether to subscribe to what nothing tells of yet. */
  readonly subscribe: boolean;
}

/** What the handler begins with. The sample about deals is offered where deals are among the modules. */
export const sampleStep: Step<HandlerAnswers> = async (answers, place) => {
  const siteVisits = {
    label: `$(calendar) ${vscode.l10n.t("Site visits")}`,
    description: vscode.l10n.t("sample"),
    detail: vscode.l10n.t("A deal that moves to “Site Visit Scheduled” gets an hour in a calendar file."),
    value: "siteVisits" as const,
  };
  const blank = {
    label: `$(file-code) ${vscode.l10n.t("Blank")}`,
    detail: vscode.l10n.t("Prints each change; your code goes there."),
    value: "blank" as const,
  };
  const sample = await pickOne<HandlerSample>({
    place,
    placeholder: vscode.l10n.t("What to begin with?"),
    choices: answers.modules.includes("Deals") ? [blank, siteVisits] : [blank],
    active: answers.sample,
  });
  return sample === back ? back : { ...answers, sample };
};

/** Says where this machine's Node is too old for a language. */
export function languageStep(version: NodeVersion | undefined): Step<HandlerAnswers> {
  const choice = (language: HandlerLanguage, label: string, detail: string): Choice<HandlerLanguage> => ({
    label,
    description: `handler.${extensionOf(language)}`,
    detail: isTooOld(language, version)
      ? vscode.l10n.t("{0} Here is {1}.", detail, `${version.major}.${version.minor}`)
      : detail,
    value: language,
  });
  return async (answers, place) => {
    const language = await pickOne<HandlerLanguage>({
      place,
      placeholder: vscode.l10n.t("Which language?"),
      choices: [
        choice("typescript", "TypeScript", vscode.l10n.t("Node 22.18 or newer runs it as it is, without a build.")),
        choice("javascript", "JavaScript", vscode.l10n.t("Node 20.12 or newer. Types are for the editor's help.")),
      ],
      active: answers.language,
    });
    return language === back ? back : { ...answers, language };
  };
}

/** TypeScript, unless the Node of this machine is known not to run it. */
export function likelyLanguage(version: NodeVersion | undefined): HandlerLanguage {
  return isTooOld("typescript", version) ? "javascript" : "typescript";
}

function isTooOld(language: HandlerLanguage, version: NodeVersion | undefined): version is NodeVersion {
  return version !== undefined && argumentsFor(language, version) === undefined;
}

export const portStep: Step<HandlerAnswers> = async (answers, place) => {
  const port = await askText({
    place,
    prompt: vscode.l10n.t("The port on this machine that the handler listens on"),
    value: String(answers.port),
    validate: value =>
      readPort(value) === undefined ? vscode.l10n.t("Type a port from 1024 to 65535, such as 3000.") : undefined,
  });
  return port === back ? back : { ...answers, port: readPort(port) ?? answers.port };
};

/** `taken` are the names that the workspace folder has already. */
export function nameStep(taken: readonly string[]): Step<HandlerAnswers> {
  const names = new Set(taken.map(name => name.toLowerCase()));
  return async (answers, place) => {
    const name = await askText({
      place,
      prompt: vscode.l10n.t("The name of the handler's folder"),
      value: answers.name,
      validate: value => {
        if (!isFolderName(value)) return vscode.l10n.t("Use letters, digits, “-”, “_” and “.”, such as zoho-handler.");
        return names.has(value.toLowerCase()) ? vscode.l10n.t("{0} is there already.", value) : undefined;
      },
    });
    return name === back ? back : { ...answers, name };
  };
}

/** Asked only about modules of which no subscription of this editor tells. */
export function subscribeStep(missing: (answers: HandlerAnswers) => readonly string[]): Step<HandlerAnswers> {
  return async (answers, place) => {
    const modules = missing(answers);
    if (modules.length === 0) return { ...answers, subscribe: false };
    const subscribe = await pickOne<boolean>({
      place,
      placeholder: vscode.l10n.t("Nothing tells this editor of {0} yet.", modules.join(", ")),
      choices: [
        {
          label: `$(bell) ${vscode.l10n.t("Subscribe to {0}", modules.join(", "))}`,
          detail: vscode.l10n.t("All changes, with changed values; the handler gets the token."),
          value: true,
        },
        { label: vscode.l10n.t("Subscribe Later"), value: false },
      ],
    });
    return subscribe === back ? back : { ...answers, subscribe };
  };
}
