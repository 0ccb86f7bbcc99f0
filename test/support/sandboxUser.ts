import * as v from "valibot";
import { type RawAnswer, RawZoho } from "./rawZoho.ts";

const watchSchema = v.object({
  watch: v.array(
    v.object({ channel_id: v.string(), channel_expiry: v.string(), resource_name: v.string(), notify_url: v.string() }),
  ),
});
const detailsSchema = v.object({
  watch: v.tupleWithRest(
    [v.object({ events: v.array(v.string()), token: v.nullable(v.string()), notify_url: v.string() })],
    v.object({ events: v.array(v.string()) }),
  ),
});

/** A subscription as the watch API lists it. */
export interface ListedChannel {
  readonly channelId: string;
  readonly module: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly notifyUrl: string;
}

/**
 * Somebody else who uses the sandbox over plain HTTP, with nothing of this project's client: what they see is what the
 * CRM has, and what they do is what happens "elsewhere".
 */
export class SandboxUser {
  readonly #zoho: RawZoho;

  private constructor(zoho: RawZoho) {
    this.#zoho = zoho;
  }

  static async connect(url: string): Promise<SandboxUser> {
    return new SandboxUser(await RawZoho.signIn(url));
  }

  /** What `GET /actions/watch` answers, ids to the digit. */
  async channels(): Promise<ListedChannel[]> {
    const answer = await this.#call("GET", "actions/watch");
    if (answer.status === 204) return [];
    return v.parse(watchSchema, answer.json).watch.map(item => ({
      channelId: item.channel_id,
      module: item.resource_name,
      expiresAt: Date.parse(item.channel_expiry),
      notifyUrl: item.notify_url,
    }));
  }

  async unsubscribe(channelId: string): Promise<void> {
    await this.#call("DELETE", `actions/watch?channel_ids=${channelId}`);
  }

  /** Makes a channel that sends its events somewhere else. */
  async subscribe(channelId: string, events: readonly string[], notifyUrl: string, token?: string): Promise<void> {
    const channel_expiry = expiryIn(3_600_000);
    await this.#call("POST", "actions/watch", {
      watch: [{ channel_id: channelId, events, notify_url: notifyUrl, channel_expiry, token }],
    });
  }

  /** Makes a channel end `left` milliseconds from now, with the events, the address and the token that it has. */
  async shorten(channelId: string, left: number): Promise<void> {
    const { watch } = v.parse(detailsSchema, (await this.#call("GET", `actions/watch?channel_id=${channelId}`)).json);
    const channel_expiry = expiryIn(left);
    const events = watch.flatMap(item => item.events);
    const { token, notify_url } = watch[0];
    await this.#call("PATCH", "actions/watch", {
      watch: [{ channel_id: channelId, events, notify_url, token, channel_expiry }],
    });
  }

  /** Creates a lead, and gives its id. */
  async createLead(lastName: string): Promise<string> {
    return this.#zoho.create("Leads", { Last_Name: lastName, Company: "Example" });
  }

  async updateLead(id: string, values: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#call("PUT", `Leads/${id}`, { data: [values] });
  }

  async deleteLead(id: string): Promise<void> {
    await this.#call("DELETE", `Leads/${id}`);
  }

  /** Resolves when every delivery that is under way has been answered or given up. */
  async whenDelivered(): Promise<void> {
    await fetch(`${this.#zoho.url}/sandbox/deliveries?settled=true`);
  }

  /** Uses one of the sandbox's own switches, such as `faults` or `revoke-tokens`. */
  async control(name: string, body: unknown = {}): Promise<void> {
    const response = await fetch(`${this.#zoho.url}/sandbox/${name}`, { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`The sandbox refused ${name}: ${await response.text()}`);
  }

  async clearFaults(): Promise<void> {
    await fetch(`${this.#zoho.url}/sandbox/faults`, { method: "DELETE" });
  }

  async #call(method: string, path: string, body?: unknown): Promise<RawAnswer> {
    const answer = await this.#zoho.call(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
    return answer;
  }
}

function expiryIn(milliseconds: number): string {
  return new Date(Date.now() + milliseconds).toISOString().replace(/\.\d+Z$/, "+00:00");
}
