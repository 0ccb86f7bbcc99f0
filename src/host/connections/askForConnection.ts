import * as vscode from "vscode";
import { assertNever } from "../../base/assertNever.ts";
import type { SignInQuestion } from "../../core/connections/signInRetry.ts";
import { type DataCentre, type DataCentreId, dataCentreById, dataCentres } from "../../zoho/dataCentre.ts";
import { type Back, type Step, type StepPlace, askText, back, pickOne, runSteps, unnumbered } from "../multiStep.ts";
import { type SignInWay, clientButtons, clientIdPrompt, scopesButton, signInWays } from "./signInWays.ts";

/** How the person wants to connect, with what each way needs. */
export type SignInChoice = { readonly kind: "sandbox" } | ZohoSignIn;

/** A way to sign in to Zoho, with what it needs. */
export type ZohoSignIn =
  | ({ readonly kind: "browser" | "device" } & ZohoApplication)
  | ({ readonly kind: "self-client"; readonly code: string } & ZohoApplication)
  | ({ readonly kind: "credentials"; readonly zgid: string } & ZohoApplication);

/** A client registered in Zoho's API console, and the accounts server that knows it. */
export interface ZohoApplication {
  /** Undefined: another address than Zoho's own data centres. */
  readonly dataCentre: DataCentreId | undefined;
  readonly accountsUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

interface Answers {
  /** Undefined until it is chosen, in the first step. */
  readonly way: SignInWay | undefined;
  readonly redirectUri: string;
  /** Undefined: another address, which a step asks for. */
  readonly dataCentre: DataCentre | undefined;
  readonly accountsUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly code: string;
  readonly zgid: string;
}

/** A sign-in that failed, and the question to go on at. */
export interface UnfinishedSignIn {
  readonly kept: ZohoSignIn;
  readonly from: SignInQuestion;
}

const nothingYet: Omit<Answers, "redirectUri"> = {
  way: undefined,
  dataCentre: undefined,
  accountsUrl: "",
  clientId: "",
  clientSecret: "",
  code: "",
  zgid: "",
};

/**
 * Asks how to connect, and for what that way needs; what was answered in an unfinished sign-in is there already.
 * `redirectUri` is what the person registers with their client.
 */
export async function askForSignIn(redirectUri: string, unfinished?: UnfinishedSignIn): Promise<SignInChoice> {
  const answers = { ...nothingYet, redirectUri, ...(unfinished === undefined ? {} : answersIn(unfinished)) };
  const first = unfinished === undefined ? 0 : stepsOf(answers).indexOf(questions[unfinished.from]);
  return toChoice(await runSteps(vscode.l10n.t("Add Connection"), answers, stepsOf, Math.max(0, first)));
}

function answersIn({ kept, from }: UnfinishedSignIn): Partial<Answers> {
  const { kind, dataCentre, ...answers } = kept;
  return {
    ...answers,
    way: kind,
    dataCentre: dataCentre === undefined ? undefined : dataCentreById(dataCentre),
    // A code is good once.
    ...(from === "code" ? { code: "" } : {}),
  };
}

function stepsOf({ way }: Answers): readonly Step<Answers>[] {
  const client = [wayStep, dataCentreStep, clientIdStep, clientSecretStep];
  switch (way) {
    case undefined:
    case "sandbox":
      return [wayStep];
    case "browser":
    case "device":
      return client;
    case "self-client":
      return [...client, codeStep];
    case "credentials":
      return [...client, zgidStep];
    default:
      return assertNever(way);
  }
}

function toChoice({ way, code, zgid, ...answers }: Answers): SignInChoice {
  const { accountsUrl, clientId, clientSecret } = answers;
  const application = { dataCentre: answers.dataCentre?.id, accountsUrl, clientId, clientSecret };
  switch (way) {
    case undefined:
    case "sandbox":
      return { kind: "sandbox" };
    case "browser":
    case "device":
      return { kind: way, ...application };
    case "self-client":
      return { kind: way, ...application, code };
    case "credentials":
      return { kind: way, ...application, zgid };
    default:
      return assertNever(way);
  }
}

/** Has no number: how many steps there are depends on what is chosen here. */
const wayStep: Step<Answers> = async (answers, { title }) => {
  const way = await pickOne({
    place: unnumbered(title, false),
    placeholder: vscode.l10n.t("How do you want to connect?"),
    choices: signInWays(answers.redirectUri),
    ...(answers.way === undefined ? {} : { active: answers.way }),
  });
  return way === back ? back : { ...answers, way };
};

const otherAddress = "other" as const;

/** Asks for the address as a part of this step: back from there leads to the data centres. */
const dataCentreStep: Step<Answers> = async (answers, place) => {
  let active = answers.dataCentre ?? (answers.accountsUrl === "" ? undefined : otherAddress);
  for (;;) {
    const picked = await pickDataCentre(place, active);
    if (picked === back) return back;
    if (picked !== otherAddress) return { ...answers, dataCentre: picked, accountsUrl: picked.accountsUrl };
    const accountsUrl = await askAddress(place, answers);
    if (accountsUrl !== back) return { ...answers, dataCentre: undefined, accountsUrl: new URL(accountsUrl).origin };
    active = otherAddress;
  }
};

async function pickDataCentre(
  place: StepPlace,
  active: DataCentre | typeof otherAddress | undefined,
): Promise<DataCentre | typeof otherAddress | Back> {
  return pickOne<DataCentre | typeof otherAddress>({
    place,
    placeholder: vscode.l10n.t(
      "In which data centre is the organisation? It is the ending of the address you sign in at.",
    ),
    choices: [
      ...dataCentres.map(value => ({ label: value.label, description: new URL(value.accountsUrl).host, value })),
      {
        label: vscode.l10n.t("Another address…"),
        description: vscode.l10n.t("such as a sandbox's"),
        value: otherAddress,
      },
    ],
    ...(active === undefined ? {} : { active }),
  });
}

async function askAddress(place: StepPlace, { dataCentre, accountsUrl }: Answers): Promise<string | Back> {
  return askText({
    place,
    prompt: vscode.l10n.t("Address of the accounts server"),
    placeholder: "https://accounts.zoho.com",
    value: dataCentre === undefined ? accountsUrl : "",
    validate: wrongAddress,
  });
}

const clientIdStep: Step<Answers> = async (answers, place) => {
  const clientId = await askText({
    place,
    buttons: clientButtons(answers),
    prompt: clientIdPrompt(answers.way),
    placeholder: "1000.abc…",
    value: answers.clientId,
    validate: value => (value === "" ? vscode.l10n.t("The client ID is needed.") : undefined),
  });
  return clientId === back ? back : { ...answers, clientId };
};

const clientSecretStep: Step<Answers> = async (answers, place) => {
  const clientSecret = await askText({
    place,
    buttons: clientButtons(answers),
    prompt: vscode.l10n.t("Client secret. It is kept in the editor's secret storage only."),
    password: true,
    value: answers.clientSecret,
    validate: value => (value === "" ? vscode.l10n.t("The client secret is needed.") : undefined),
  });
  return clientSecret === back ? back : { ...answers, clientSecret };
};

const codeStep: Step<Answers> = async (answers, place) => {
  const code = await askText({
    place,
    buttons: [...clientButtons(answers), scopesButton()],
    prompt: vscode.l10n.t(
      "The code that the API console made for your self client. It is good for a few minutes, once.",
    ),
    placeholder: "1000.abc…",
    password: true,
    value: answers.code,
    validate: value => (value === "" ? vscode.l10n.t("The code is needed.") : undefined),
  });
  return code === back ? back : { ...answers, code };
};

const zgidStep: Step<Answers> = async (answers, place) => {
  const typed = await askText({
    place,
    prompt: vscode.l10n.t("The organisation's ID: the digits after “org” in the address of your CRM"),
    placeholder: "https://crm.zoho.com/crm/org…/",
    value: answers.zgid,
    validate: value => (zgidIn(value) === undefined ? vscode.l10n.t("Enter the ID, which is digits only.") : undefined),
  });
  return typed === back ? back : { ...answers, zgid: zgidIn(typed) ?? "" };
};

const questions: Readonly<Record<SignInQuestion, Step<Answers>>> = {
  way: wayStep,
  "data-centre": dataCentreStep,
  "client-id": clientIdStep,
  "client-secret": clientSecretStep,
  code: codeStep,
  zgid: zgidStep,
};

/** The organisation's id in what people paste: digits alone, `org…`, `ZohoCRM.…`, or the address of a page of the CRM. */
function zgidIn(text: string): string | undefined {
  return /^(?:org|ZohoCRM\.)?(\d+)$/i.exec(text)?.[1] ?? /\/crm\/org(\d+)(?:\/|$)/.exec(text)?.[1];
}

function wrongAddress(value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined) return vscode.l10n.t("That is not an address. It begins with https://.");
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol === "https:" || (url.protocol === "http:" && loopback)) return undefined;
  return vscode.l10n.t("Use https://, so that the client secret is not sent in the open.");
}
