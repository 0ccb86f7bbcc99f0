import * as l10n from "@vscode/l10n";
import type { Problem } from "../../base/problem.ts";
import {
  type DataCentre,
  type DataCentreId,
  dataCentreNamed,
  dataCentreOfAccountsUrl,
  dataCentres,
  sharesAccounts,
} from "../../zoho/dataCentre.ts";

/** What an answer says about the server of the account, as far as it does. */
export interface NamedServer {
  readonly accountsServer?: string | undefined;
  /** Zoho's short name of a data centre. */
  readonly location: string | undefined;
}

/**
 * The server that gets code and client secret: the one asked, or another of Zoho's; an answer may name any. Where it
 * names only the location of the account, that centre's. Undefined where the one that it names must not be trusted.
 */
export function trustedServer({ accountsServer, location }: NamedServer, asked: string): string | undefined {
  const from = dataCentreOfAccountsUrl(asked);
  const located = from === undefined ? undefined : dataCentreNamed(location)?.accountsUrl;
  const named = accountsServer ?? located ?? asked;
  if (URL.canParse(named) && new URL(named).origin === new URL(asked).origin) return asked;
  const to = dataCentreOfAccountsUrl(named);
  return to !== undefined && (from === undefined || sharesAccounts(from, to)) ? to.accountsUrl : undefined;
}

/** The account is in a data centre that shares no accounts with the one asked. */
export interface OtherDataCentreProblem extends Problem {
  readonly dataCentre: DataCentreId;
}

/** The data centre that a sign-in has to begin in, where a problem says so. */
export function otherDataCentreOf(problem: Problem): DataCentre | undefined {
  return dataCentres.find(({ id }) => "dataCentre" in problem && problem.dataCentre === id);
}

/** An answer named a server that gets no secrets: that of another of Zoho's data centres, or of nobody we know. */
export function refusedServerProblem({ accountsServer, location }: NamedServer, asked: string): Problem {
  const from = dataCentreOfAccountsUrl(asked);
  const to = accountsServer === undefined ? dataCentreNamed(location) : dataCentreOfAccountsUrl(accountsServer);
  const isElsewhere = from !== undefined && to !== undefined && !sharesAccounts(from, to);
  return isElsewhere ? otherDataCentreProblem(to) : strangeServerProblem();
}

function otherDataCentreProblem({ id, label, accountsUrl }: DataCentre): OtherDataCentreProblem {
  return {
    code: "OTHER_DATA_CENTRE",
    message: l10n.t(
      "This account is in Zoho's data centre “{0}” ({1}), where its sign-ins have to begin; nothing was sent there. Sign in again and choose that data centre, with a client that is registered there.",
      label,
      new URL(accountsUrl).host,
    ),
    remedy: "sign-in",
    dataCentre: id,
  };
}

function strangeServerProblem(): Problem {
  return {
    code: "UNKNOWN_ACCOUNTS_SERVER",
    message: l10n.t(
      "The sign-in came back naming a server that is not one of Zoho's; nothing was sent there. Sign in again.",
    ),
    remedy: "sign-in",
  };
}
