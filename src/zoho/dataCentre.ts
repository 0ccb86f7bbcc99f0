import { isLoopback } from "./loopback.ts";

export type DataCentreId = "us" | "eu" | "in" | "au" | "jp" | "cn" | "ca" | "sa" | "uk" | "ae";

/** One of Zoho's regions. Accounts, data and client registrations of one are unknown to the others. */
export interface DataCentre {
  readonly id: DataCentreId;
  readonly label: string;
  /** Where people sign in and tokens are issued; no trailing slash. */
  readonly accountsUrl: string;
  /** Where the API of production organisations is, until a token answer says otherwise; no trailing slash. */
  readonly apiUrl: string;
  /** False where Zoho's documentation does not confirm the addresses. */
  readonly confirmed: boolean;
}

/** Zoho's data centres, the most common first. */
export const dataCentres: readonly DataCentre[] = [
  dataCentre("us", "United States", "zoho.com", "zohoapis.com"),
  dataCentre("eu", "Europe", "zoho.eu", "zohoapis.eu"),
  dataCentre("in", "India", "zoho.in", "zohoapis.in"),
  dataCentre("au", "Australia", "zoho.com.au", "zohoapis.com.au"),
  dataCentre("jp", "Japan", "zoho.jp", "zohoapis.jp"),
  dataCentre("cn", "China", "zoho.com.cn", "zohoapis.com.cn"),
  dataCentre("ca", "Canada", "zohocloud.ca", "zohoapis.ca"),
  dataCentre("sa", "Saudi Arabia", "zoho.sa", "zohoapis.sa"),
  { ...dataCentre("uk", "United Kingdom", "zoho.uk", "zohoapis.uk"), confirmed: false },
  { ...dataCentre("ae", "United Arab Emirates", "zoho.ae", "zohoapis.ae"), confirmed: false },
];

function dataCentre(id: DataCentreId, label: string, accountsDomain: string, apiDomain: string): DataCentre {
  return {
    id,
    label,
    accountsUrl: `https://accounts.${accountsDomain}`,
    apiUrl: `https://www.${apiDomain}`,
    confirmed: true,
  };
}

export function dataCentreById(id: DataCentreId): DataCentre {
  const found = dataCentres.find(centre => centre.id === id);
  if (found === undefined) throw new Error(`No data centre is called ${id}`);
  return found;
}

/** The data centre whose accounts server `url` is, by origin; undefined for every other server, and for plain HTTP. */
export function dataCentreOfAccountsUrl(url: string): DataCentre | undefined {
  if (!URL.canParse(url)) return undefined;
  const { origin } = new URL(url);
  return dataCentres.find(centre => centre.accountsUrl === origin);
}

/**
 * True where a sign-in that began at one accounts server may be finished at the other: the centres share accounts, but
 * China's, where consent is given on its own host only.
 */
export function sharesAccounts(one: DataCentre, other: DataCentre): boolean {
  return one.id === other.id || (one.id !== "cn" && other.id !== "cn");
}

/** Where the clients of an accounts server are registered; undefined for a server whose name does not tell. */
export function apiConsoleUrl(accountsUrl: string): string | undefined {
  return accountsUrl.startsWith("https://accounts.") ? accountsUrl.replace("//accounts.", "//api-console.") : undefined;
}

/** The data centre that Zoho's answers mean by a short name, such as `eu`; undefined for a name that is not known. */
export function dataCentreNamed(name: string | undefined): DataCentre | undefined {
  return dataCentres.find(({ id }) => id === name);
}

/**
 * The origin that `named` (an address, or a host alone) stands for, where tokens of the accounts server may be sent to
 * it: an API host of Zoho's over HTTPS, or the accounts server itself. Undefined for everything else, since whoever
 * changes an answer on its way could otherwise collect tokens.
 */
export function trustedApiDomain(named: string, accountsUrl: string): string | undefined {
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(named) ? named : `https://${named}`;
  if (!URL.canParse(address)) return undefined;
  const api = new URL(address);
  const accounts = new URL(accountsUrl);
  const trusted = isZohoApi(api) || api.origin === accounts.origin || areOneMachine(api, accounts);
  return trusted || isOfUnlistedCentre(api, accounts) ? api.origin : undefined;
}

/** One of Zoho's API hosts: `www`, `sandbox` or `developer` below the domain of a data centre, on HTTPS's own port. */
function isZohoApi({ origin, hostname }: URL): boolean {
  const domain = hostname.split(".").slice(1).join(".");
  return origin === `https://${hostname}` && dataCentres.some(({ apiUrl }) => apiUrl === `https://www.${domain}`);
}

/** A stand-in on this machine may be asked by one of its names and call itself by another. */
function areOneMachine(api: URL, accounts: URL): boolean {
  return (
    api.protocol === accounts.protocol &&
    api.port === accounts.port &&
    isLoopback(api.href) &&
    isLoopback(accounts.href)
  );
}

/** A data centre that Zoho opened later, and that somebody entered by hand: `zohoapis` of the same ending. */
function isOfUnlistedCentre(api: URL, accounts: URL): boolean {
  const ending = /^accounts\.zoho\.([a-z.]+)$/.exec(accounts.hostname)?.[1];
  if (ending === undefined || accounts.protocol !== "https:") return false;
  return ["www", "sandbox", "developer"].some(name => api.origin === `https://${name}.zohoapis.${ending}`);
}

/** What kind of organisation answers at an API address, where the host's name tells: `sandbox.zohoapis.eu`. */
export function organizationTypeAt(apiDomain: string): "Sandbox" | "Developer" | undefined {
  const { protocol, hostname } = new URL(apiDomain);
  const [first, ...domain] = hostname.split(".");
  const isZoho = dataCentres.some(({ apiUrl }) => apiUrl === `${protocol}//www.${domain.join(".")}`);
  if (!isZoho) return undefined;
  return first === "sandbox" ? "Sandbox" : first === "developer" ? "Developer" : undefined;
}
