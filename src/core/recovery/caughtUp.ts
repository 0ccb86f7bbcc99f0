import { type Clock, minute } from "../../base/clock.ts";
import type { Event } from "../../base/lifecycle.ts";
import type { RelayState } from "../relay/relaySession.ts";

/** How long to wait for the relay: what it still keeps then is shown twice at worst, as recovered and as delivered. */
const patience = minute;

export interface RelayProgress {
  readonly state: RelayState;
  readonly onDidChangeState: Event<RelayState>;
}

/** Resolves when the relay's backlog has been stored, when there is no relay to wait for, or after a minute. */
export async function whenCaughtUp(relay: RelayProgress, clock: Clock, signal: AbortSignal): Promise<void> {
  if (isSettled(relay.state) || signal.aborted) return;
  await new Promise<void>(resolve => {
    const done = (): void => {
      timer.dispose();
      listening.dispose();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = clock.after(patience, done);
    const listening = relay.onDidChangeState(state => {
      if (isSettled(state)) done();
    });
    signal.addEventListener("abort", done);
  });
}

/** Off and refused stay as they are: nothing will come. */
function isSettled({ kind }: RelayState): boolean {
  return kind === "live" || kind === "off" || kind === "refused";
}
