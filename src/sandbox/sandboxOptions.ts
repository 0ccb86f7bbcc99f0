import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import type { SandboxBehaviour } from "./behaviour.ts";
import type { OrganizationType } from "./crm/organization.ts";
import type { Fault } from "./faults/fault.ts";

/** What one may choose about a sandbox. Everything has a default that suits a test. */
export interface SandboxOptions {
  /** Default 127.0.0.1: the sandbox has no passwords, so it is for this machine only. */
  readonly host?: string | undefined;
  /** Default 0, any free port. */
  readonly port?: number | undefined;
  /** Take any free port when `port` is taken. Default false. */
  readonly portOrAny?: boolean | undefined;
  /** Where the state is kept; without it, in memory. One process at a time. */
  readonly dataDir?: string | undefined;
  /** Default Sandbox, so that nobody is asked to confirm writes. */
  readonly organizationType?: OrganizationType | undefined;
  /** Whether a new organisation gets invented records. Default true. */
  readonly seed?: boolean | undefined;
  /** How many modules there are at least: custom ones are added to the standard ones. */
  readonly modules?: number | undefined;
  /** One change by invented users every so many seconds. Default none. */
  readonly activitySeconds?: number | undefined;
  /** Whether deliveries may go to other machines. Default false: nobody should be able to make this machine call others. */
  readonly allowAnyHost?: boolean | undefined;
  readonly behaviour?: Partial<SandboxBehaviour> | undefined;
  /** Faults that wait from the start. */
  readonly faults?: readonly Fault[] | undefined;
  /** Calls `onUnused` once nobody has held a lease for so many seconds, and writes server.json into `dataDir`. */
  readonly exitWhenUnused?: { readonly seconds: number; readonly onUnused: () => void } | undefined;
  readonly clock?: Clock | undefined;
  /** Gives [0, 1); what the simulated users do and how long random delays are depends on it. */
  readonly random?: (() => number) | undefined;
  readonly logger?: Logger | undefined;
}
