import * as vscode from "vscode";
import {
  type AnswerDraft,
  type ChallengingService,
  challengesOfServices,
  contentTypes,
  isSameChallenge,
  likelyType,
  toAnswer,
  toDraft,
} from "../../core/relay/answerDraft.ts";
import { answerFaultSentence, answerSentence, ownAnswer } from "../../core/relay/answerWords.ts";
import type { SenderAnswer } from "../../core/tunnel/senderAnswer.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import {
  type AnswerFault,
  type Challenge,
  type ChosenAnswer,
  allowsBody,
  faultOfBody,
  faultOfChallenge,
  faultOfStatus,
} from "../../protocol/chosenAnswer.ts";
import { type Back, type Choice, type Step, askText, back, pickOne, runSteps, unnumbered } from "../multiStep.ts";
import { orThrow } from "../results.ts";
import { askHeaders } from "./answerHeaders.ts";
import { ownChannel } from "./ownChannel.ts";

/** What was answered so far. */
interface Chosen {
  /** What the relay gives now; undefined: its own answer. */
  readonly now: ChosenAnswer | undefined;
  readonly isOwn: boolean;
  readonly draft: AnswerDraft;
}

/** Choosing what those who post to this editor's address get back. */
export class AnswerCommands {
  readonly #answer: SenderAnswer;
  readonly #tunnel: Tunnel;

  constructor(answer: SenderAnswer, tunnel: Tunnel) {
    this.#answer = answer;
    this.#tunnel = tunnel;
  }

  /** Shows what senders get now, asks for another answer or for the relay's own, and has the relay give it. */
  async set(): Promise<void> {
    await ownChannel(this.#tunnel);
    const now = orThrow(await this.#readWithProgress());
    const initial: Chosen = { now, isOwn: false, draft: toDraft(now) };
    const { isOwn, draft } = await runSteps(vscode.l10n.t("Set Relay Answer"), initial, stepsFor);
    const taken = orThrow(await this.#answer.choose(isOwn ? undefined : toAnswer(draft)));
    vscode.window.setStatusBarMessage(answerSentence(taken), 5000);
  }

  async #readWithProgress(): ReturnType<SenderAnswer["read"]> {
    const location = vscode.ProgressLocation.Window;
    return vscode.window.withProgress({ location, title: vscode.l10n.t("Asking the relay…") }, async () =>
      this.#answer.read(),
    );
  }
}

/** Which steps there are depends on what is chosen: the relay's own answer has no others, and not every status a body. */
function stepsFor({ isOwn, draft }: Chosen): readonly Step<Chosen>[] {
  if (isOwn) return [chooseKind];
  const ofBody = [chooseBody, ...(draft.body === "" ? [] : [chooseType])];
  return [chooseKind, chooseStatus, ...(allowsBody(draft.status) ? ofBody : []), chooseHeaders, chooseChallenge];
}

const chooseKind: Step<Chosen> = async (answers, place) => {
  const isOwn = await pickOne<boolean>({
    place,
    placeholder: answerSentence(answers.now),
    active: answers.now === undefined,
    choices: [
      {
        label: vscode.l10n.t("The Relay's Own Answer"),
        description: ownAnswer,
        detail: vscode.l10n.t("Works for Zoho CRM and most other senders."),
        value: true,
      },
      {
        label: vscode.l10n.t("An Answer That You Choose…"),
        description: vscode.l10n.t("status, body, headers, challenge"),
        detail: vscode.l10n.t(
          "Sent once the event is stored. If it can't be stored, senders get an error from the relay.",
        ),
        value: false,
      },
    ],
  });
  return isOwn === back ? back : { ...answers, isOwn };
};

const chooseStatus: Step<Chosen> = async (answers, place) => {
  const status = await askText({
    place,
    prompt: vscode.l10n.t(
      "HTTP status from 200 to 599. Most senders treat 300 and above as a failure, although the event is stored.",
    ),
    value: String(answers.draft.status),
    validate: text =>
      /^\d+$/.test(text) ? wordsOf(faultOfStatus(Number(text))) : answerFaultSentence({ kind: "status" }),
  });
  return withDraft(answers, status === back ? back : { status: Number(status) });
};

const chooseBody: Step<Chosen> = async (answers, place) => {
  const { status, body } = answers.draft;
  // The box has one line. Whoever leaves it as it is keeps the lines that there are.
  const shown = body.replaceAll(/\s*[\r\n]+\s*/g, " ").trim();
  const typed = await askText({
    place,
    prompt: vscode.l10n.t("Body of the answer. Leave it empty for none."),
    placeholder: '{"received":true}',
    value: shown,
    validate: text => wordsOf(faultOfBody(status, text)),
  });
  return withDraft(answers, typed === back ? back : { body: typed === shown ? body : typed });
};

const chooseType: Step<Chosen> = async (answers, place) => {
  const { body, contentType } = answers.draft;
  const known: readonly string[] = contentTypes;
  const types = contentType === undefined || known.includes(contentType) ? known : [contentType, ...known];
  const picked = await pickOne<string>({
    place,
    placeholder: vscode.l10n.t("Content type of the body"),
    active: contentType ?? likelyType(body),
    choices: types.map(type => ({ label: type, value: type })),
  });
  return withDraft(answers, picked === back ? back : { contentType: picked });
};

const chooseHeaders: Step<Chosen> = async (answers, place) => {
  const headers = await askHeaders(answers.draft.headers, place);
  return withDraft(answers, headers === back ? back : { headers });
};

type ChallengeChoice = "none" | Challenge | "other-in-query" | "other-in-body";

const chooseChallenge: Step<Chosen> = async (answers, place) => {
  const { challenge } = answers.draft;
  for (;;) {
    const choices = challengeChoices(challenge);
    const active = challenge === undefined ? "none" : challengeIn(choices, challenge);
    const placeholder = vscode.l10n.t("Some services verify an address by a challenge that the answer has to repeat.");
    const picked = await pickOne<ChallengeChoice>({ place, placeholder, active, choices });
    if (picked === back) return back;
    const chosen = await toChallenge(picked, place.title);
    if (chosen !== back) return withDraft(answers, { challenge: chosen });
  }
};

function challengeChoices(now: Challenge | undefined): Choice<ChallengeChoice>[] {
  const known = Object.values<Challenge>(challengesOfServices);
  const isOther = now !== undefined && !known.some(challenge => isSameChallenge(challenge, now));
  return [
    { label: vscode.l10n.t("No Challenge"), value: "none" },
    ...(isOther ? [{ label: now.name, description: whereWords(now), value: now }] : []),
    serviceChoice("slack", "Slack"),
    serviceChoice("dropbox", "Dropbox"),
    serviceChoice("meta", vscode.l10n.t("Facebook, Instagram, WhatsApp, WebSub")),
    serviceChoice("microsoftGraph", "Microsoft Graph"),
    { label: vscode.l10n.t("Another Parameter of the Query…"), value: "other-in-query" },
    { label: vscode.l10n.t("Another Member of a JSON Body…"), value: "other-in-body" },
  ];
}

function serviceChoice(service: ChallengingService, label: string): Choice<ChallengeChoice> {
  const challenge = challengesOfServices[service];
  return { label, description: whereWords(challenge), value: challenge };
}

function whereWords({ from, name }: Challenge): string {
  return from === "query" ? vscode.l10n.t("{0} in the query", name) : vscode.l10n.t("{0} in the JSON body", name);
}

/** The choice that stands for the challenge: choices are told apart by identity. */
function challengeIn(choices: readonly Choice<ChallengeChoice>[], challenge: Challenge): ChallengeChoice {
  const values = choices.map(({ value }) => value);
  return values.find(value => typeof value === "object" && isSameChallenge(value, challenge)) ?? "none";
}

async function toChallenge(choice: ChallengeChoice, title: string): Promise<Challenge | undefined | Back> {
  if (choice === "none") return undefined;
  if (typeof choice === "object") return choice;
  const from = choice === "other-in-query" ? "query" : "body";
  const name = await askText({
    place: unnumbered(title),
    prompt:
      from === "query"
        ? vscode.l10n.t("Name of the query parameter whose value senders get back as plain text")
        : vscode.l10n.t("Name of the member of the JSON body whose text senders get back as plain text"),
    placeholder: "challenge",
    validate: text => wordsOf(faultOfChallenge({ from, name: text })),
  });
  return name === back ? back : { from, name };
}

function withDraft(answers: Chosen, change: Partial<AnswerDraft> | Back): Chosen | Back {
  return change === back ? back : { ...answers, draft: { ...answers.draft, ...change } };
}

function wordsOf(fault: AnswerFault | undefined): string | undefined {
  return fault && answerFaultSentence(fault);
}
