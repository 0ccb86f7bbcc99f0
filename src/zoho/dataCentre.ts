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

/** What kind of organisation answers at an API address, where the host's name tells: `sandbox.zohoapis.eu`. */
export function organizationTypeAt(apiDomain: string): "Sandbox" | "Developer" | undefined {
  const { protocol, hostname } = new URL(apiDomain);
  const [first, ...domain] = hostname.split(".");
  const isZoho = dataCentres.some(({ apiUrl }) => apiUrl === `${protocol}//www.${domain.join(".")}`);
  if (!isZoho) return undefined;
  return first === "sandbox" ? "Sandbox" : first === "developer" ? "Developer" : undefined;
}
