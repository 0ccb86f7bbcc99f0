import type { RecordChange } from "../crm/records.ts";
import type { Outbox } from "../deliveries/outbox.ts";
import { Collection } from "../state/collection.ts";
import type { Storage } from "../state/storage.ts";
import { webhookRequest } from "./webhookRequest.ts";
import { type WebhookDraft, type WebhookRule, webhookRuleSchema } from "./webhookRule.ts";

const firedBy = { insert: "create", update: "edit", delete: "delete" } as const;

/** The workflow rules with webhooks: each calls its address once for every record that it is about. */
export class Webhooks {
  readonly #rules: Collection<WebhookRule>;
  readonly #outbox: Outbox;

  constructor(storage: Storage, outbox: Outbox) {
    this.#rules = new Collection("webhooks", storage, webhookRuleSchema);
    this.#outbox = outbox;
  }

  list(): readonly WebhookRule[] {
    return [...this.#rules.values()];
  }

  add(draft: WebhookDraft): WebhookRule {
    const last = this.list().at(-1)?.id ?? "0";
    const rule = { id: String(Number(last) + 1), ...draft };
    this.#rules.put(rule.id, rule);
    return rule;
  }

  /** False when there is no such rule. */
  remove(id: string): boolean {
    return this.#rules.delete(id);
  }

  clear(): void {
    for (const { id } of this.list()) this.remove(id);
  }

  /** Calls whom the changes concern, a request for each record. */
  fire(changes: readonly RecordChange[]): void {
    for (const rule of this.list()) {
      for (const change of changes.filter(each => concerns(rule, each))) this.#send(rule, change);
    }
  }

  #send(rule: WebhookRule, change: RecordChange): void {
    const request = webhookRequest(rule, change);
    this.#outbox.send({
      lane: `webhook/${rule.id}`,
      about: {
        channelId: undefined,
        webhookId: rule.id,
        module: rule.module,
        operation: change.operation,
        ids: [change.recordId],
        notifyUrl: request.url,
      },
      request,
    });
  }
}

function concerns({ module, operations, fields }: WebhookRule, change: RecordChange): boolean {
  if (change.module.apiName !== module || !operations.includes(firedBy[change.operation])) return false;
  const anyField = fields === undefined || change.operation !== "update";
  return anyField || fields.some(field => field in change.changed);
}
