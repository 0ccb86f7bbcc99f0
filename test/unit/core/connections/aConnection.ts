import type { Connection } from "../../../../src/core/connections/connection.ts";

/** A connection as a sign-in makes it, with what the test wants different. */
export function aConnection(changes: Partial<Connection> = {}): Connection {
  return {
    id: "accounts.zoho.eu/1/2",
    kind: "zoho",
    label: "Hearth Homes · ines@example.com",
    dataCentre: "eu",
    accountsUrl: "https://accounts.zoho.eu",
    apiDomain: "https://www.zohoapis.eu",
    clientId: "1000.ID",
    clientSecret: "client-hush",
    refreshToken: "refresh-hush",
    scopes: ["ZohoCRM.notifications.ALL"],
    organization: { id: "1", name: "Hearth Homes", type: "Production" },
    user: { id: "2", name: "Ines Holm", email: "ines@example.com" },
    ...changes,
  };
}

/** A connection as a sign-in by client credentials makes it. */
export function aCredentialsConnection(changes: Partial<Connection> = {}): Connection {
  const { refreshToken: _, ...connection } = aConnection();
  return { ...connection, zgid: "66489999", ...changes };
}
