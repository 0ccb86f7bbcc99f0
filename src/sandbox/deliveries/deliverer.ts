import { second } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { BehaviourSwitches } from "../behaviour.ts";
import { organizationTime } from "../crm/organization.ts";
import type { RecordChange } from "../crm/records.ts";
import type { MovableClock } from "../state/movableClock.ts";
import type { Channel, WatchOperation } from "../watch/channel.ts";
import type { Channels } from "../watch/channels.ts";
import { conditionHolds } from "../watch/fieldCondition.ts";
import type { DeliveryLog, DeliveryOutcome } from "./deliveryLog.ts";
import { notificationBody } from "./notificationBody.ts";
import { post } from "./post.ts";

export interface DelivererContext {
  readonly channels: Channels;
  readonly clock: MovableClock;
  readonly behaviour: BehaviourSwitches;
  readonly log: DeliveryLog;
  readonly baseUrl: () => string;
  readonly allowAnyHost: boolean;
}

/** How long a receiver has to answer. */
const deadline = 10 * second;

const subscribedAs: Readonly<Record<RecordChange["operation"], WatchOperation>> = {
  insert: "create",
  update: "edit",
  delete: "delete",
};

type Changes = readonly [RecordChange, ...RecordChange[]];

/** Tells the channels that asked for it what changed: each change once, without another try. */
export class Deliverer implements Disposable {
  readonly #context: DelivererContext;
  readonly #stopped = new AbortController();
  /** The last delivery of each channel, for the next one to wait for. */
  readonly #tails = new Map<string, Promise<void>>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(context: DelivererContext) {
    this.#context = context;
  }

  /** Starts deliveries of the changes, all of one module and operation, to whoever subscribed to them. */
  deliver(changes: readonly RecordChange[]): void {
    for (const channel of this.#context.channels.all()) {
      const wanted = changes.filter(change => wants(channel, change));
      for (const part of chunks(wanted, this.#context.behaviour.current.idsPerDelivery)) this.#deliver(channel, part);
    }
  }

  /** Resolves when no delivery is under way any more. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Gives up what is under way. */
  dispose(): void {
    this.#stopped.abort();
  }

  #deliver(channel: Channel, changes: Changes): void {
    const finish = this.#context.log.begin({
      at: this.#context.clock.now(),
      channelId: channel.channelId,
      module: changes[0].module.apiName,
      operation: changes[0].operation,
      ids: changes.map(({ recordId }) => recordId),
      notifyUrl: channel.notifyUrl,
    });
    if (this.#context.channels.isExpired(channel)) {
      finish({ kind: "not-sent", reason: `the channel expired at ${organizationTime(channel.expiresAt)}` });
      return;
    }
    const send = this.#prepare(channel, changes);
    this.#enqueue(`${channel.userId}/${channel.channelId}`, async () => finish(await send()));
  }

  /** The body is of the moment of the change; it may be sent later. */
  #prepare(channel: Channel, changes: Changes): () => Promise<DeliveryOutcome> {
    const { behaviour, clock, baseUrl, allowAnyHost } = this.#context;
    const { tokenOnDelete, deliveryContentType: contentType } = behaviour.current;
    const body = notificationBody(channel, changes, { serverTime: clock.now(), baseUrl: baseUrl(), tokenOnDelete });
    const { signal } = this.#stopped;
    return async () => post(channel.notifyUrl, JSON.stringify(body), { contentType, allowAnyHost, deadline, signal });
  }

  #enqueue(channel: string, send: () => Promise<void>): void {
    const inOrder = this.#context.behaviour.current.deliveryOrder === "in-order";
    const before = inOrder ? (this.#tails.get(channel) ?? Promise.resolve()) : Promise.resolve();
    const delivery = before.then(send).finally(() => {
      this.#underWay.delete(delivery);
      if (this.#tails.get(channel) === delivery) this.#tails.delete(channel);
    });
    this.#underWay.add(delivery);
    this.#tails.set(channel, delivery);
  }
}

function wants({ subscriptions, notificationCondition }: Channel, change: RecordChange): boolean {
  const module = change.module.apiName;
  const wanted = subscriptions.find(subscription => subscription.module === module)?.operations ?? [];
  if (!wanted.includes(subscribedAs[change.operation])) return false;
  return change.operation !== "update" || conditionHolds(notificationCondition, module, Object.keys(change.changed));
}

function chunks(changes: readonly RecordChange[], size: number): Changes[] {
  const result: Changes[] = [];
  for (let start = 0; start < changes.length; start += size) {
    const [first, ...rest] = changes.slice(start, start + size);
    if (first !== undefined) result.push([first, ...rest]);
  }
  return result;
}
