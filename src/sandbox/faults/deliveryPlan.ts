import { assertNever } from "../../base/assertNever.ts";
import type { DeliveryFault } from "./fault.ts";

/** Until when a delivery is held back, to be overtaken. */
export interface ReorderPlan {
  readonly count: number;
  /** Milliseconds. */
  readonly patience: number;
}

/** How one delivery goes: as it should unless faults struck it. */
export interface DeliveryPlan {
  readonly dropped: boolean;
  /** How often it is sent again. */
  readonly copies: number;
  /** Milliseconds by the sandbox's clock. */
  readonly delay: number;
  readonly reorder: ReorderPlan | undefined;
}

const undisturbed: DeliveryPlan = { dropped: false, copies: 0, delay: 0, reorder: undefined };

/** What the faults that struck one delivery do to it together. `random` gives [0, 1). */
export function deliveryPlan(struck: readonly DeliveryFault[], random: () => number): DeliveryPlan {
  return struck.reduce((plan, fault) => ({ ...plan, ...part(fault, random) }), undisturbed);
}

function part(fault: DeliveryFault, random: () => number): Partial<DeliveryPlan> {
  switch (fault.kind) {
    case "drop-delivery":
      return { dropped: true };
    case "duplicate-delivery":
      return { copies: fault.copies };
    case "delay-delivery":
      return { delay: between(fault.milliseconds, fault.up_to ?? fault.milliseconds, random) };
    case "reorder-deliveries":
      return { reorder: { count: fault.count, patience: fault.patience } };
    default:
      return assertNever(fault);
  }
}

function between(least: number, most: number, random: () => number): number {
  return Math.round(least + Math.max(0, most - least) * random());
}
