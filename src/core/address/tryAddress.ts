import { second, sleep } from "../../base/clock.ts";
import { type ProbeContext, type ProbeOutcome, sendProbe } from "../diagnose/probe.ts";

/** A new name takes a while until it is known everywhere, and a tunnel's own servers answer before it stands. */
const patience = 45 * second;
const pause = 2 * second;

/**
 * Posts a test event to `notifyUrl` until one comes in, for as long as what is met on the way may pass by itself. Throws
 * CancelledError when `signal` aborts.
 */
export async function tryAddress(notifyUrl: string, context: ProbeContext, signal: AbortSignal): Promise<ProbeOutcome> {
  const deadline = context.clock.now() + patience;
  for (;;) {
    const outcome = await sendProbe(notifyUrl, context, signal);
    if (!mayPass(outcome) || context.clock.now() + pause >= deadline) return outcome;
    await sleep(context.clock, pause, signal);
  }
}

function mayPass(outcome: ProbeOutcome): boolean {
  return outcome.kind === "unreachable" || (outcome.kind === "refused" && outcome.status >= 500);
}
