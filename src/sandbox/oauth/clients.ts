import { randomBytes } from "node:crypto";
import * as v from "valibot";
import { Collection } from "../state/collection.ts";
import type { Storage } from "../state/storage.ts";

/** The client types of Zoho's API console: server-based, self client, non-browser, and mobile or desktop. */
const clientTypeSchema = v.picklist(["web", "self", "non-browser", "mobile-desktop"]);

/** An application as one registers it at Zoho's API console. Its secret is no secret: it opens invented data only. */
const clientSchema = v.object({
  client_id: v.pipe(v.string(), v.minLength(1)),
  client_secret: v.pipe(v.string(), v.minLength(1)),
  name: v.string(),
  type: clientTypeSchema,
  /** Matched exactly, to the last character. */
  redirect_uris: v.array(v.pipe(v.string(), v.url())),
});
export type Client = v.InferOutput<typeof clientSchema>;

/** For the consent flow in the browser; always registered, so that documents and tests can name it. */
export const browserClient: Client = {
  client_id: "1000.SANDBOXBROWSERCLIENT000000001",
  client_secret: "sandbox-browser-client-secret",
  name: "Zoho CRM Notifications (browser)",
  type: "web",
  redirect_uris: ["http://localhost:47631/callback", "http://127.0.0.1:47631/callback"],
};

/** For codes that `POST /sandbox/self-client-code` gives. */
export const selfClient: Client = {
  client_id: "1000.SANDBOXSELFCLIENT00000000001",
  client_secret: "sandbox-self-client-secret",
  name: "Self client",
  type: "self",
  redirect_uris: [],
};

/** For the device flow. */
export const deviceClient: Client = {
  client_id: "1000.SANDBOXDEVICECLIENT000000001",
  client_secret: "sandbox-device-client-secret",
  name: "Zoho CRM Notifications (another device)",
  type: "non-browser",
  redirect_uris: [],
};

/** For the consent flow in the browser, of the type that has to prove who asked for the code. */
export const desktopClient: Client = {
  client_id: "1000.SANDBOXDESKTOPCLIENT00000001",
  client_secret: "sandbox-desktop-client-secret",
  name: "Zoho CRM Notifications (desktop)",
  type: "mobile-desktop",
  redirect_uris: browserClient.redirect_uris,
};

/** True for the types that send a browser to the consent page. */
export function hasRedirect({ type }: Pick<Client, "type">): boolean {
  return type === "web" || type === "mobile-desktop";
}

/** What a person may give to register a client; what is missing is made up. */
export const clientRegistrationSchema = v.pipe(
  v.object({
    client_id: v.optional(clientSchema.entries.client_id),
    client_secret: v.optional(clientSchema.entries.client_secret),
    name: v.optional(v.string(), "Registered client"),
    type: v.optional(clientTypeSchema, "web"),
    redirect_uris: v.optional(clientSchema.entries.redirect_uris, []),
  }),
  v.check(client => !hasRedirect(client) || client.redirect_uris.length > 0, "This type needs a redirect URI"),
);

/** The registered applications. */
export class Clients {
  readonly #clients: Collection<Client>;

  constructor(storage: Storage) {
    this.#clients = new Collection("clients", storage, clientSchema);
    for (const client of [browserClient, selfClient, deviceClient, desktopClient]) {
      if (this.#clients.get(client.client_id) === undefined) this.#clients.put(client.client_id, client);
    }
  }

  get(clientId: string): Client | undefined {
    return this.#clients.get(clientId);
  }

  list(): readonly Client[] {
    return [...this.#clients.values()];
  }

  /** Registers a client, or gives a known id a new secret and new redirect URIs. */
  register(registration: v.InferOutput<typeof clientRegistrationSchema>): Client {
    const client: Client = {
      client_id: registration.client_id ?? `1000.${randomBytes(15).toString("hex").toUpperCase()}`,
      client_secret: registration.client_secret ?? randomBytes(20).toString("hex"),
      name: registration.name,
      type: registration.type,
      redirect_uris: registration.redirect_uris,
    };
    this.#clients.put(client.client_id, client);
    return client;
  }
}
