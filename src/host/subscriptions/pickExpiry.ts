import * as vscode from "vscode";
import { day, hour, minute } from "../../base/clock.ts";
import { type Back, type Choice, type StepPlace, pickOne } from "../multiStep.ts";

/** Asks for how long a subscription is to last; milliseconds from now. */
export async function pickExpiry(place: StepPlace, preferred: number): Promise<number | Back> {
  return pickOne({
    place,
    placeholder: vscode.l10n.t("For how long? Zoho ends every subscription within a week; it can be renewed."),
    choices: expiryChoices(preferred),
    active: preferred,
  });
}

function expiryChoices(preferred: number): Choice<number>[] {
  const choices = [
    {
      label: vscode.l10n.t("One week"),
      description: vscode.l10n.t("maximum, minus one hour"),
      value: 7 * day - hour,
    },
    { label: vscode.l10n.t("Three days"), value: 3 * day },
    { label: vscode.l10n.t("One day"), value: day },
    { label: vscode.l10n.t("One hour"), value: hour },
    {
      label: vscode.l10n.t("Five minutes"),
      description: vscode.l10n.t("to see what expiry looks like"),
      value: 5 * minute,
    },
  ];
  if (choices.some(choice => choice.value === preferred)) return choices;
  const hours = Math.round(preferred / hour);
  return [
    { label: vscode.l10n.t("{0} hours", hours), description: vscode.l10n.t("your setting"), value: preferred },
    ...choices,
  ];
}
