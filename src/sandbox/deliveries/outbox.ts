import { type Clock, second, sleep } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { BehaviourSwitches } from "../behaviour.ts";
import type { DeliveryPlan, ReorderPlan } from "../faults/deliveryPlan.ts";
import type { Faults } from "../faults/faults.ts";
import type { DeliveryDescription, DeliveryLog, DeliveryOutcome } from "./deliveryLog.ts";
import { ReorderBuffer } from "./reorderBuffer.ts";
import { type OutgoingRequest, sendRequest } from "./sendRequest.ts";

export interface OutboxContext {
  readonly clock: Clock;
  readonly behaviour: BehaviourSwitches;
  readonly faults: Faults;
  readonly log: DeliveryLog;
  readonly allowAnyHost: boolean;
}

/** Something to be sent once. */
export interface Parcel {
  /** Parcels of one lane keep their order, unless that is switched off. */
  readonly lane: string;
  readonly about: DeliveryDescription;
  readonly request: OutgoingRequest;
}

/** How long a delivery that failed waits for its next try, where there is one. */
const retryWait = second;

/**
 * Everything that the sandbox sends of its own accord goes through here: logged, in order, once,
 * unless faults or switches have it otherwise.
 */
export class Outbox implements Disposable {
  readonly #context: OutboxContext;
  readonly #stopped = new AbortController();
  readonly #reorder: ReorderBuffer;
  /** The last parcel of each lane, for the next one to wait for. */
  readonly #tails = new Map<string, Promise<void>>();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(context: OutboxContext) {
    this.#context = context;
    this.#reorder = new ReorderBuffer(context.clock);
  }

  send(parcel: Parcel): void {
    const plan = this.#context.faults.strikeDelivery(parcel.about);
    if (plan.dropped) this.refuse(parcel.about, "a fault dropped it");
    else for (let copy = 0; copy <= plan.copies; copy++) this.#start(parcel, plan);
  }

  /** Notes that something was not sent, and why. */
  refuse(about: DeliveryDescription, reason: string): void {
    this.#context.log.begin(about, this.#context.clock.now())({ kind: "not-sent", reason });
  }

  /** Has {@link idle} wait for something that will send. */
  expect(coming: Promise<unknown>): void {
    const counted = coming.finally(() => this.#underWay.delete(counted));
    this.#underWay.add(counted);
  }

  /** Resolves when nothing is under way any more, faults that delay included. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Gives up what is under way. */
  dispose(): void {
    this.#stopped.abort();
    this.#reorder.dispose();
  }

  #start({ lane, about, request }: Parcel, { delay, reorder }: DeliveryPlan): void {
    const finish = this.#context.log.begin(about, this.#context.clock.now());
    const transmit = async (): Promise<void> => {
      if (delay > 0) await sleep(this.#context.clock, delay, this.#stopped.signal);
      finish(await this.#transmit(request));
    };
    if (reorder === undefined) this.#enqueue(lane, transmit);
    else this.#holdBack(reorder, () => this.#enqueue(lane, transmit));
  }

  /** Sends a request, and again as often as the switch says while nobody takes it. */
  async #transmit(request: OutgoingRequest): Promise<DeliveryOutcome> {
    const { clock, allowAnyHost, behaviour } = this.#context;
    const { deliveryTimeoutMilliseconds: deadline, deliveryRetries } = behaviour.current;
    const { signal } = this.#stopped;
    for (let left = deliveryRetries; ; left--) {
      const outcome = await sendRequest(request, { allowAnyHost, deadline, signal });
      if (left === 0 || isOver(outcome) || signal.aborted) return outcome;
      await sleep(clock, retryWait, signal);
    }
  }

  #holdBack(reorder: ReorderPlan, enqueue: () => void): void {
    const released = Promise.withResolvers<undefined>();
    this.expect(released.promise);
    const release = (): void => {
      enqueue();
      released.resolve(undefined);
    };
    this.#reorder.hold(release, reorder);
  }

  #enqueue(lane: string, transmit: () => Promise<void>): void {
    const inOrder = this.#context.behaviour.current.deliveryOrder === "in-order";
    const before = inOrder ? (this.#tails.get(lane) ?? Promise.resolve()) : Promise.resolve();
    const sent = before.then(transmit).finally(() => {
      if (this.#tails.get(lane) === sent) this.#tails.delete(lane);
    });
    this.#tails.set(lane, sent);
    this.expect(sent);
  }
}

/** Whether another try would change nothing: it was taken, or may not be sent at all. */
function isOver(outcome: DeliveryOutcome): boolean {
  if (outcome.kind === "answered") return outcome.status >= 200 && outcome.status < 300;
  return outcome.kind === "not-sent";
}
