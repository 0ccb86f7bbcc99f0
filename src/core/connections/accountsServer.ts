import * as l10n from "@vscode/l10n";
import type { Problem } from "../../base/problem.ts";
import { dataCentreNamed, dataCentreOfAccountsUrl, sharesAccounts } from "../../zoho/dataCentre.ts";

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

/** An answer named a server that gets no secrets. */
export function strangeServerProblem(): Problem {
  return {
    code: "UNKNOWN_ACCOUNTS_SERVER",
    message: l10n.t(
      "The sign-in came back naming a server that is not one of Zoho's; nothing was sent there. Sign in again.",
    ),
    remedy: "sign-in",
  };
}
