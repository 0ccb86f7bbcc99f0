import * as vscode from "vscode";
import { CancelledError } from "../../base/problem.ts";
import { parseInstant } from "../../core/recovery/parseInstant.ts";
import { type Choice, askText, back, pickOne, unnumbered } from "../multiStep.ts";

/** Instants that suggest themselves, in milliseconds since 1970; what is not known is not offered. */
export interface KnownInstants {
  readonly lastEvent: number | undefined;
  readonly lastExpiry: number | undefined;
}

const ask = Symbol("ask");

/** Asks since when to look: milliseconds since 1970, in the past. Rejects with CancelledError on Escape. */
export async function askSince(title: string, now: number, known: KnownInstants): Promise<number> {
  for (;;) {
    const picked = await pickOne<number | typeof ask>({
      place: unnumbered(title, false),
      placeholder: vscode.l10n.t("Since when may deliveries be missing?"),
      choices: choicesOf(known),
    });
    if (picked === back) throw new CancelledError();
    const since = picked === ask ? await askInstant(title, now) : picked;
    if (since !== back) return since;
  }
}

function choicesOf({ lastEvent, lastExpiry }: KnownInstants): Choice<number | typeof ask>[] {
  const known = (label: string, value: number | undefined): Choice<number>[] =>
    value === undefined ? [] : [{ label, description: timeWords(value), value }];
  return [
    ...known(vscode.l10n.t("Since It Last Expired"), lastExpiry),
    ...known(vscode.l10n.t("Since the Last Event"), lastEvent),
    { label: vscode.l10n.t("Since Another Time…"), value: ask },
  ];
}

async function askInstant(title: string, now: number): Promise<number | typeof back> {
  const answer = await askText({
    place: unnumbered(title),
    prompt: vscode.l10n.t("A date, or a date and time, in this machine's time zone unless it says another"),
    value: localTime(now - 60 * 60 * 1000),
    validate: text => problemOf(text, now),
  });
  return answer === back ? back : (parseInstant(answer) ?? back);
}

function problemOf(text: string, now: number): string | undefined {
  const instant = parseInstant(text);
  if (instant !== undefined) return instant > now ? vscode.l10n.t("That is in the future") : undefined;
  const example = localTime(now);
  return vscode.l10n.t("Write a date such as {0}, or a date and time such as {1}", example.slice(0, 10), example);
}

/** `2026-01-05 09:30`, where the machine is. */
function localTime(instant: number): string {
  const offset = new Date(instant).getTimezoneOffset() * 60 * 1000;
  return new Date(instant - offset).toISOString().slice(0, 16).replace("T", " ");
}

function timeWords(instant: number): string {
  return new Date(instant).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
