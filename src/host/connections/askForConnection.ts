import * as vscode from "vscode";
import { assertNever } from "../../base/assertNever.ts";
import { type DataCentre, type DataCentreId, dataCentres } from "../../zoho/dataCentre.ts";
import { type Step, askText, back, pickOne, runSteps } from "../multiStep.ts";

/** How the person wants to connect, with what each way needs. */
export type SignInChoice =
  | { readonly kind: "sandbox" }
  | ({ readonly kind: "browser" } & ZohoApplication)
  | ({ readonly kind: "self-client"; readonly code: string } & ZohoApplication);

/** A client registered in Zoho's API console, and the accounts server that knows it. */
export interface ZohoApplication {
  /** Undefined: another address than Zoho's own data centres. */
  readonly dataCentre: DataCentreId | undefined;
  readonly accountsUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

interface Answers {
  readonly way: SignInChoice["kind"];
  /** Undefined: another address, which a step asks for. */
  readonly dataCentre: DataCentre | undefined;
  readonly accountsUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly code: string;
}

const nothingYet: Answers = {
  way: "sandbox",
  dataCentre: undefined,
  accountsUrl: "",
  clientId: "",
  clientSecret: "",
  code: "",
};

/** Asks how to connect, and for what that way needs. `redirectUri` is what the person registers with their client. */
export async function askForSignIn(redirectUri: string): Promise<SignInChoice> {
  const title = vscode.l10n.t("Add Connection");
  const way = await pickOne({
    place: { title, step: 1, total: 1 },
    placeholder: vscode.l10n.t("Connect to what?"),
    choices: [
      {
        label: `$(beaker) ${vscode.l10n.t("Local sandbox")}`,
        detail: vscode.l10n.t("A stand-in for Zoho CRM on this machine. No account, no questions."),
        value: "sandbox" as const,
      },
      {
        label: `$(globe) ${vscode.l10n.t("Zoho CRM, in the browser")}`,
        detail: vscode.l10n.t("Needs a server-based client with the redirect URI {0}.", redirectUri),
        value: "browser" as const,
      },
      {
        label: `$(key) ${vscode.l10n.t("Zoho CRM, with a self-client code")}`,
        detail: vscode.l10n.t(
          "Paste a code that the API console made. Good for remote machines and for a quick start.",
        ),
        value: "self-client" as const,
      },
    ],
  });
  if (way === back || way === "sandbox") return { kind: "sandbox" };
  const steps = [dataCentreStep, clientIdStep, clientSecretStep, ...(way === "self-client" ? [codeStep] : [])];
  const answers = await runSteps(title, { ...nothingYet, way }, steps);
  return toChoice(answers);
}

function toChoice({ way, code, ...answers }: Answers): SignInChoice {
  const { accountsUrl, clientId, clientSecret } = answers;
  const application = { dataCentre: answers.dataCentre?.id, accountsUrl, clientId, clientSecret };
  switch (way) {
    case "sandbox":
      return { kind: way };
    case "browser":
      return { kind: way, ...application };
    case "self-client":
      return { kind: way, ...application, code };
    default:
      return assertNever(way);
  }
}

const dataCentreStep: Step<Answers> = async (answers, place) => {
  const other = "other" as const;
  const picked = await pickOne<DataCentre | typeof other>({
    place,
    placeholder: vscode.l10n.t(
      "In which data centre is the organisation? It is the ending of the address you sign in at.",
    ),
    choices: [
      ...dataCentres.map(value => ({ label: value.label, description: new URL(value.accountsUrl).host, value })),
      { label: vscode.l10n.t("Another address…"), description: vscode.l10n.t("such as a sandbox's"), value: other },
    ],
    ...(answers.dataCentre === undefined ? {} : { active: answers.dataCentre }),
  });
  if (picked === back) return back;
  if (picked !== other) return { ...answers, dataCentre: picked, accountsUrl: picked.accountsUrl };
  const accountsUrl = await askText({
    place,
    prompt: vscode.l10n.t("Address of the accounts server"),
    placeholder: "https://accounts.zoho.com",
    validate: wrongAddress,
  });
  return accountsUrl === back ? back : { ...answers, dataCentre: undefined, accountsUrl: new URL(accountsUrl).origin };
};

const clientIdStep: Step<Answers> = async (answers, place) => {
  const clientId = await askText({
    place,
    prompt: vscode.l10n.t("Client ID, from the API console"),
    placeholder: "1000.…",
    value: answers.clientId,
    validate: value => (value === "" ? vscode.l10n.t("The client ID is needed.") : undefined),
  });
  return clientId === back ? back : { ...answers, clientId };
};

const clientSecretStep: Step<Answers> = async (answers, place) => {
  const clientSecret = await askText({
    place,
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
    prompt: vscode.l10n.t(
      "The code that the API console made for your self client. It is good for a few minutes, once.",
    ),
    placeholder: "1000.…",
    password: true,
    value: answers.code,
    validate: value => (value === "" ? vscode.l10n.t("The code is needed.") : undefined),
  });
  return code === back ? back : { ...answers, code };
};

function wrongAddress(value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined) return vscode.l10n.t("That is not an address. It begins with https://.");
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol === "https:" || (url.protocol === "http:" && loopback)) return undefined;
  return vscode.l10n.t("Use https://, so that the client secret is not sent in the open.");
}
