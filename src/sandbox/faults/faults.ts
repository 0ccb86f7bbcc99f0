import type { BehaviourSwitches } from "../behaviour.ts";
import { type CallEffect, callEffect } from "./callEffect.ts";
import { type DeliveryPlan, deliveryPlan } from "./deliveryPlan.ts";
import { type CallFault, type DeliveryFault, type Fault, isDeliveryFault } from "./fault.ts";

/** What a delivery is about, for the faults that strike only some. */
export interface DeliverySubject {
  readonly channelId: string | undefined;
  readonly module: string;
  readonly operation: string;
}

/** The faults that wait for calls and deliveries. Calls to `/sandbox/` and the pages for people are never struck. */
export class Faults {
  readonly #random: () => number;
  readonly #behaviour: BehaviourSwitches;
  #calls: readonly Waiting<CallFault>[] = [];
  #deliveries: readonly Waiting<DeliveryFault>[] = [];

  constructor(initial: readonly Fault[], random: () => number, behaviour: BehaviourSwitches) {
    this.#random = random;
    this.#behaviour = behaviour;
    for (const fault of initial) this.add(fault);
  }

  add(fault: Fault): void {
    if (isDeliveryFault(fault)) this.#deliveries = [...this.#deliveries, new Waiting(fault)];
    else this.#calls = [...this.#calls, new Waiting(fault)];
  }

  clear(): void {
    this.#calls = [];
    this.#deliveries = [];
  }

  /** What still waits, with the strokes that each has left. */
  list(): readonly Fault[] {
    return [...this.#calls, ...this.#deliveries].map(waiting => waiting.remainder);
  }

  /** Uses up one stroke of the oldest fault whose turn it is with this call. */
  strikeCall(method: string, path: string): CallEffect | undefined {
    if (!path.startsWith("/crm/") && !path.startsWith("/oauth/")) return undefined;
    const struck = this.#calls.find(waiting => fitsCall(waiting.fault, method, path) && waiting.strike());
    this.#calls = this.#calls.filter(({ isSpent }) => !isSpent);
    return struck === undefined ? undefined : callEffect(struck.fault, this.#behaviour.current);
  }

  /** Uses up one stroke of every fault whose turn it is with this delivery, and says how the delivery goes. */
  strikeDelivery(subject: DeliverySubject): DeliveryPlan {
    const struck = this.#deliveries.filter(waiting => fitsDelivery(waiting.fault, subject) && waiting.strike());
    this.#deliveries = this.#deliveries.filter(({ isSpent }) => !isSpent);
    return deliveryPlan(
      struck.map(({ fault }) => fault),
      this.#random,
    );
  }
}

/** A fault and how much of it is left. */
class Waiting<T extends Fault> {
  readonly fault: T;
  #seen = 0;
  #left: number;

  constructor(fault: T) {
    this.fault = fault;
    this.#left = fault.times === "always" ? Infinity : fault.times;
  }

  get isSpent(): boolean {
    return this.#left === 0;
  }

  get remainder(): T {
    return { ...this.fault, times: this.#left === Infinity ? "always" : this.#left };
  }

  /** Counts something that fits; whether it is struck. */
  strike(): boolean {
    this.#seen++;
    if (this.#seen % this.fault.every !== 0) return false;
    this.#left--;
    return true;
  }
}

function fitsCall({ method: wanted, path: paths }: CallFault, method: string, path: string): boolean {
  const begins = [paths].flat().some(start => path.startsWith(start));
  return begins && (wanted ?? method) === method;
}

function fitsDelivery(fault: DeliveryFault, { channelId, module, operation }: DeliverySubject): boolean {
  if (fault.channel_id !== undefined && fault.channel_id !== channelId) return false;
  return (fault.module ?? module) === module && (fault.operation ?? operation) === operation;
}
