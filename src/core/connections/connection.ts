import * as v from "valibot";
import type { Event } from "../../base/lifecycle.ts";
import { dataCentres } from "../../zoho/dataCentre.ts";
import type { Exclusive } from "../windows/turns.ts";

/** An HTTP or HTTPS address without what would make its origin ambiguous. */
const originSchema = v.pipe(v.string(), v.url(), v.regex(/^https?:\/\//));
const filledSchema = v.pipe(v.string(), v.minLength(1));

const keptSchema = v.object({
  /** The same for the same user of the same organisation on the same server, so that signing in again replaces. */
  id: filledSchema,
  kind: v.picklist(["zoho", "sandbox"]),
  /** Organisation and user, for people. */
  label: filledSchema,
  /** "other": a server on HTTPS that is not in the list of data centres. */
  dataCentre: v.picklist(["sandbox", "other", ...dataCentres.map(centre => centre.id)]),
  accountsUrl: originSchema,
  apiDomain: originSchema,
  clientId: filledSchema,
  clientSecret: filledSchema,
  /** What access tokens are made from; missing where the client gets them by its own credentials. */
  refreshToken: v.optional(filledSchema),
  /** Zoho's id of the organisation, which client credentials need; missing where there is a refresh token. */
  zgid: v.optional(v.pipe(v.string(), v.digits())),
  scopes: v.pipe(v.array(v.string()), v.readonly()),
  organization: v.object({ id: v.string(), name: v.string(), type: v.string() }),
  user: v.object({ id: v.string(), name: v.string(), email: v.string() }),
});

/** A sign-in that is kept: whose it is, where it leads, and the secrets that it needs. Lives in the secret vault only. */
export const connectionSchema = v.pipe(
  keptSchema,
  v.check(({ refreshToken, zgid }) => (refreshToken === undefined) !== (zgid === undefined), "One way to a token"),
);
export type Connection = Readonly<v.InferOutput<typeof connectionSchema>>;

/** How a connection gets its access tokens. */
export type TokenOrigin =
  | { readonly kind: "refresh-token"; readonly refreshToken: string }
  | { readonly kind: "client-credentials"; readonly zgid: string };

/** How the connection gets its access tokens; the schema sees to it that there is exactly one way. */
export function tokenOriginOf({ refreshToken, zgid }: Connection): TokenOrigin {
  if (refreshToken !== undefined) return { kind: "refresh-token", refreshToken };
  if (zgid !== undefined) return { kind: "client-credentials", zgid };
  throw new Error("A connection without a way to get tokens");
}

/** The user's email address, or the name where Zoho tells none. */
export function userWords({ email, name }: Connection["user"]): string {
  return email === "" ? name : email;
}

/** The user of a connection, where its organisation's name alone does not tell it from the others of `all`. */
export function userWhereNeeded({ organization, user }: Connection, all: readonly Connection[]): string | undefined {
  const namesakes = all.filter(other => other.organization.name === organization.name);
  return namesakes.length > 1 ? userWords(user) : undefined;
}

/** True where a write would reach an organisation that people work in. */
export function isProduction(connection: Connection): boolean {
  return connection.kind === "zoho" && !["Sandbox", "Developer"].includes(connection.organization.type);
}

/** Where secrets are kept: the part of the editor's secret storage that is needed here. */
export interface SecretVault {
  get(key: string): Promise<string | undefined>;
  store(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
  /** Tells the key of every change, also of those that another window made. */
  readonly onDidChange: Event<string>;
  /** Keeps other windows from changing the same key meanwhile. Without it, nobody else changes anything. */
  readonly exclusive?: Exclusive;
}
