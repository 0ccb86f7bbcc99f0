import { randomBytes, randomInt } from "node:crypto";
import { minute, second } from "../../base/clock.ts";
import type { BehaviourSwitches } from "../behaviour.ts";
import type { MovableClock } from "../state/movableClock.ts";
import type { Client } from "./clients.ts";
import type { Grant } from "./tokens.ts";

/** A code that waits for a person to enter it; not kept across restarts. */
export interface DeviceRequest {
  readonly userCode: string;
  readonly deviceCode: string;
  readonly client: Client;
  readonly scopes: readonly string[];
  readonly offline: boolean;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What a person said about a code. `userId`: as whom they accepted. */
export type DeviceDecision = { readonly kind: "accepted"; readonly userId: string } | { readonly kind: "denied" };

/** What a poll finds. */
export type DeviceState =
  | { readonly kind: "granted"; readonly grant: Grant; readonly offline: boolean }
  | { readonly kind: "other-centre"; readonly location: string }
  | { readonly kind: "pending" | "slow-down" | "denied" | "expired" | "unknown" };

/** How long the person may take, and how often to poll. */
export const deviceCodeLife = 5 * minute;
export const devicePollInterval = 5 * second;
const documentedInterval = 30 * second;

interface Waiting extends DeviceRequest {
  decision: DeviceDecision | undefined;
  polledAt: number | undefined;
}

/** The device codes that the sandbox gave out. */
export class DeviceCodes {
  readonly #clock: MovableClock;
  readonly #behaviour: BehaviourSwitches;
  readonly #waiting = new Map<string, Waiting>();

  constructor(clock: MovableClock, behaviour: BehaviourSwitches) {
    this.#clock = clock;
    this.#behaviour = behaviour;
  }

  issue(client: Client, scopes: readonly string[], offline: boolean): DeviceRequest {
    this.#forgetOld();
    const deviceCode = `1004.${randomBytes(16).toString("hex")}.${randomBytes(16).toString("hex")}`;
    const expiresAt = this.#clock.now() + deviceCodeLife;
    const waiting = { userCode: newUserCode(), deviceCode, client, scopes, offline, expiresAt };
    this.#waiting.set(deviceCode, { ...waiting, decision: undefined, polledAt: undefined });
    return waiting;
  }

  /** One that has just expired is still known, so that its device learns that it did. */
  #forgetOld(): void {
    for (const { deviceCode, expiresAt } of [...this.#waiting.values()]) {
      if (expiresAt + deviceCodeLife <= this.#clock.now()) this.#waiting.delete(deviceCode);
    }
  }

  /** The codes that a person can still decide about, oldest first. */
  open(): readonly DeviceRequest[] {
    return [...this.#waiting.values()].filter(
      ({ decision, expiresAt }) => decision === undefined && expiresAt > this.#clock.now(),
    );
  }

  /** The open request of this user code, however it was typed. */
  find(userCode: string): DeviceRequest | undefined {
    return this.open().find(request => plain(request.userCode) === plain(userCode));
  }

  decide({ deviceCode }: DeviceRequest, decision: DeviceDecision): void {
    const waiting = this.#waiting.get(deviceCode);
    if (waiting !== undefined) waiting.decision = decision;
  }

  /** What a poll of this client finds; a code that led to tokens, or to none for good, is used up. */
  poll(deviceCode: string, clientId: string): DeviceState {
    const waiting = this.#waiting.get(deviceCode);
    if (waiting?.client.client_id !== clientId) return { kind: "unknown" };
    const now = this.#clock.now();
    if (waiting.expiresAt <= now) return { kind: "expired" };
    const tooSoon = waiting.polledAt !== undefined && now - waiting.polledAt < this.#leastInterval();
    waiting.polledAt = now;
    return tooSoon ? { kind: "slow-down" } : this.#outcome(waiting);
  }

  #outcome({ deviceCode, client, scopes, offline, decision }: Waiting): DeviceState {
    if (decision === undefined) return { kind: "pending" };
    const { location, deviceUserLocation = location } = this.#behaviour.current;
    if (decision.kind === "accepted" && deviceUserLocation !== location) {
      return { kind: "other-centre", location: deviceUserLocation };
    }
    this.#waiting.delete(deviceCode);
    if (decision.kind === "denied") return { kind: "denied" };
    const grant = { clientId: client.client_id, userId: decision.userId, scopes: [...scopes] };
    return { kind: "granted", grant, offline };
  }

  #leastInterval(): number {
    return this.#behaviour.current.deviceSlowDown === "within-30-seconds" ? documentedInterval : devicePollInterval;
  }
}

/** Letters that are not taken for each other or for digits. */
const letters = "BCDFGHJKLMNPQRSTVWXZ";

function newUserCode(): string {
  const group = (): string => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join("");
  return `${group()}-${group()}`;
}

function plain(userCode: string): string {
  return userCode.toUpperCase().replace(/[^A-Z]/g, "");
}
