import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import { RawZoho, itemsOf } from "../../support/rawZoho.ts";

/** What a plain GET says of a channel, one entry for each module; nothing of this project's client is in between. */
export class RawWatch {
  readonly zoho: RawZoho;

  private constructor(zoho: RawZoho) {
    this.zoho = zoho;
  }

  static async connect(sandbox: Sandbox): Promise<RawWatch> {
    return new RawWatch(await RawZoho.signIn(sandbox.url));
  }

  async get(channelId: string): Promise<Readonly<Record<string, unknown>>[]> {
    const answer = await this.zoho.call("GET", `actions/watch?channel_id=${channelId}`);
    if (answer.status === 204) return [];
    return itemsOf(answer, "watch").map(item => ({ ...(item as object) }));
  }

  /** Somebody else's channel that has one of everything. */
  async subscribe(channelId: string, now: number): Promise<void> {
    const answer = await this.zoho.watch("POST", {
      channel_id: channelId,
      events: ["Deals.edit", "Deals.delete", "Leads.all"],
      notify_url: "http://127.0.0.1:9/theirs?tenant=4",
      channel_expiry: new Date(now + 2 * 86_400_000).toISOString().replace(/\.\d+Z$/, "+00:00"),
      token: "theirs",
      notify_on_related_action: false,
      return_affected_field_values: true,
      notification_condition: [
        {
          type: "field_selection",
          module: { api_name: "Deals" },
          field_selection: {
            group_operator: "or",
            group: [
              { field: { api_name: "Stage" } },
              {
                group_operator: "and",
                group: [{ field: { api_name: "Amount" } }, { field: { api_name: "Probability" } }],
              },
            ],
          },
        },
      ],
    });
    if (answer.status !== 201) throw new Error(JSON.stringify(answer));
  }
}
