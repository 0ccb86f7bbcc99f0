import type { Disposable } from "../../base/lifecycle.ts";
import type { BehaviourSwitches } from "../behaviour.ts";
import { organizationTime } from "../crm/organization.ts";
import type { ModuleCatalog } from "../crm/moduleCatalog.ts";
import type { RecordChange, Records } from "../crm/records.ts";
import type { MovableClock } from "../state/movableClock.ts";
import type { Channel } from "../watch/channel.ts";
import type { Channels } from "../watch/channels.ts";
import { conditionHolds } from "../watch/fieldCondition.ts";
import { ChangeBatches, joined } from "./changeBatches.ts";
import { notificationBody, subscribedAs } from "./notificationBody.ts";
import type { Outbox } from "./outbox.ts";
import { relatedChanges } from "./relatedChanges.ts";

export interface NotifierContext {
  readonly channels: Channels;
  readonly catalog: ModuleCatalog;
  readonly records: Records;
  readonly clock: MovableClock;
  readonly behaviour: BehaviourSwitches;
  readonly outbox: Outbox;
  readonly baseUrl: () => string;
}

type Changes = readonly [RecordChange, ...RecordChange[]];

/** Tells the channels that asked for it what changed: each change once. */
export class Notifier implements Disposable {
  readonly #context: NotifierContext;
  readonly #batches: ChangeBatches;

  constructor(context: NotifierContext) {
    this.#context = context;
    this.#batches = new ChangeBatches(context.clock);
  }

  /** Tells whoever subscribed to them of changes, all of one module and operation, and of what these are related to. */
  notify(changes: readonly RecordChange[]): void {
    const { channels, behaviour, catalog, records } = this.#context;
    const toldOfRelated = behaviour.current.relatedActions === "edit-of-parent";
    const related = toldOfRelated ? relatedChanges(changes, catalog, records) : [];
    for (const channel of channels.all()) {
      this.#tellOf(channel, changes);
      if (channel.notifyOnRelatedAction) for (const touched of related) this.#tellOf(channel, touched);
    }
  }

  #tellOf(channel: Channel, changes: readonly RecordChange[]): void {
    const wanted = changes.filter(change => wants(channel, change));
    if (wanted.length > 0) this.#collect(channel, wanted);
  }

  /** Forgets what waits to be told together. */
  dispose(): void {
    this.#batches.dispose();
  }

  #collect(channel: Channel, changes: readonly RecordChange[]): void {
    const { deliveryBatchMilliseconds: milliseconds } = this.#context.behaviour.current;
    if (milliseconds === 0) this.#tell(channel, changes);
    else this.#tellTogether(channel, changes, milliseconds);
  }

  #tellTogether(channel: Channel, changes: readonly RecordChange[], milliseconds: number): void {
    const told = Promise.withResolvers<undefined>();
    const key = [channel.userId, channel.channelId, changes[0]?.module.apiName, changes[0]?.operation].join("/");
    const isFirst = this.#batches.add(key, changes, milliseconds, all => {
      this.#tell(channel, this.#context.behaviour.current.changesOfOneRecord === "joined" ? joined(all) : all);
      told.resolve(undefined);
    });
    if (isFirst) this.#context.outbox.expect(told.promise);
  }

  #tell(channel: Channel, changes: readonly RecordChange[]): void {
    for (const part of chunks(changes, this.#context.behaviour.current.idsPerDelivery)) this.#deliver(channel, part);
  }

  #deliver(channel: Channel, changes: Changes): void {
    const { channels, clock, behaviour, outbox, baseUrl } = this.#context;
    const about = {
      channelId: channel.channelId,
      module: changes[0].module.apiName,
      operation: changes[0].operation,
      ids: changes.map(({ recordId }) => recordId),
      notifyUrl: channel.notifyUrl,
    };
    if (channels.isExpired(channel)) {
      outbox.refuse(about, `the channel expired at ${organizationTime(channel.expiresAt)}`);
      return;
    }
    const options = { serverTime: clock.now(), baseUrl: baseUrl(), behaviour: behaviour.current };
    const body = notificationBody(channel, changes, options);
    outbox.send({
      lane: `${channel.userId}/${channel.channelId}`,
      about,
      request: {
        method: "POST",
        url: channel.notifyUrl,
        headers: { "Content-Type": behaviour.current.deliveryContentType },
        body: JSON.stringify(body),
      },
    });
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
