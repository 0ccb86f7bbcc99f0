import type { Connection } from "../../../src/core/connections/connection.ts";

/** The one user of Zoho that signs in on both machines. */
export const connectionId = "accounts.zoho.eu/1/2";

/** What a sign-in leaves. */
export function connectionOf(refreshToken: string): Connection {
  return {
    id: connectionId,
    kind: "zoho",
    label: "Hearth Homes · ines@example.com",
    dataCentre: "eu",
    accountsUrl: "https://accounts.zoho.eu",
    apiDomain: "https://www.zohoapis.eu",
    clientId: "1000.ID",
    clientSecret: "client-hush",
    refreshToken,
    scopes: ["ZohoCRM.notifications.ALL"],
    organization: { id: "1", name: "Hearth Homes", type: "Production" },
    user: { id: "2", name: "Ines Holm", email: "ines@example.com" },
  };
}
