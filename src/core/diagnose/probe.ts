import { randomUUID } from "node:crypto";
import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore, type Event } from "../../base/lifecycle.ts";
import { CancelledError } from "../../base/problem.ts";
import type { Result } from "../../base/result.ts";
import { chosenAnswerHeader } from "../../protocol/chosenAnswer.ts";
import { probeHeader } from "../../protocol/probe.ts";
import type { HttpAnswer, HttpTransport } from "../../zoho/httpTransport.ts";
import type { ZohoProblem } from "../../zoho/problem.ts";
import { readEvent } from "../events/readEvent.ts";
import type { StoredEvent } from "../events/storedEvent.ts";

/** What became of a test event that was posted to an address. */
export type ProbeOutcome =
  /** It came in; milliseconds from sending to having it stored here. */
  | {
      readonly kind: "arrived";
      readonly milliseconds: number;
      /** The sender is told that it failed all the same: this status was chosen for the channel. */
      readonly chosenFailure?: number;
    }
  /** Nothing answered at the address. */
  | { readonly kind: "unreachable"; readonly problem: ZohoProblem }
  /** What answered there did not take it. */
  | { readonly kind: "refused"; readonly status: number }
  /** It was taken, but did not come in within the time allowed. */
  | { readonly kind: "lost" };

export interface ProbeContext {
  readonly transport: HttpTransport;
  /** What reaches this editor's history. */
  readonly arrivals: Event<readonly StoredEvent[]>;
  readonly clock: Clock;
}

/** How long a probe may take, in milliseconds: a relay that is far away and busy takes a tenth. */
const probeDeadline = 15 * second;

/**
 * Posts one event to `notifyUrl`, as Zoho would, and waits for it to come in. It carries a marker that was never used
 * before, so that what comes in is this very request; its body is in no form of Zoho's, so that nobody who reads the
 * history, here or in another window, takes it for a change in the CRM. Throws CancelledError when `signal` aborts.
 */
export async function sendProbe(
  notifyUrl: string,
  { transport, arrivals, clock }: ProbeContext,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const marker = randomUUID();
  const sentAt = clock.now();
  const over = new AbortController();
  const arrival = awaitMarker(marker, arrivals, clock, AbortSignal.any([signal, over.signal]));
  try {
    const answer = await transport.send({ ...probeRequest(notifyUrl, marker), signal });
    throwIfCancelled(signal);
    const failure = failureOf(answer);
    if (failure !== undefined) return failure;
    const arrivedAt = await arrival;
    throwIfCancelled(signal);
    if (arrivedAt === undefined) return { kind: "lost" };
    return { kind: "arrived", milliseconds: arrivedAt - sentAt, ...chosenFailureIn(answer) };
  } finally {
    over.abort();
  }
}

function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new CancelledError();
}

function probeRequest(url: string, marker: string): Parameters<HttpTransport["send"]>[0] {
  const body = JSON.stringify({ test: "Diagnose of Zoho CRM Notifications for VS Code", marker });
  return { method: "POST", url, headers: { "content-type": "application/json", [probeHeader]: marker }, body };
}

function failureOf(answer: Result<HttpAnswer, ZohoProblem>): ProbeOutcome | undefined {
  if (!answer.ok) return { kind: "unreachable", problem: answer.error };
  const { status } = answer.value;
  return isSuccess(status) || isChosen(answer.value) ? undefined : { kind: "refused", status };
}

function chosenFailureIn(answer: Result<HttpAnswer, ZohoProblem>): { readonly chosenFailure?: number } {
  return answer.ok && !isSuccess(answer.value.status) ? { chosenFailure: answer.value.status } : {};
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Whether a relay says that it has kept the event, whatever the status. */
function isChosen({ headers }: HttpAnswer): boolean {
  return headers[chosenAnswerHeader] === "chosen";
}

/** When the event with `marker` came in, in milliseconds since 1970; undefined after the deadline or an abort. */
async function awaitMarker(
  marker: string,
  arrivals: ProbeContext["arrivals"],
  clock: Clock,
  signal: AbortSignal,
): Promise<number | undefined> {
  const store = new DisposableStore();
  const arrived = await new Promise<number | undefined>(resolve => {
    store.add(clock.after(probeDeadline, () => resolve(undefined)));
    store.add(
      arrivals(events => {
        if (events.some(event => markerOf(event) === marker)) resolve(clock.now());
      }),
    );
    store.add(onAbort(signal, () => resolve(undefined)));
  });
  store.dispose();
  return arrived;
}

function onAbort(signal: AbortSignal, action: () => void): Disposable {
  signal.addEventListener("abort", action);
  return { dispose: () => signal.removeEventListener("abort", action) };
}

function markerOf(event: StoredEvent): string | undefined {
  const read = readEvent(event);
  return read.kind === "request" && read.reading.kind === "probe" ? read.reading.marker : undefined;
}
