import * as l10n from "@vscode/l10n";
import type { EventDetail } from "../../protocol/inspector.ts";
import { formatDuration } from "../text/format.ts";

/** A moment in the life of an event. Instants in milliseconds since 1970. */
export interface Stage {
  readonly name: string;
  readonly at: number;
  /** Whose clock says so. */
  readonly clock: string;
  /** How long after the stage before, in words; of clocks that differ, what they say and that it cannot be. */
  readonly after: string;
  /** Where its stretch begins on the whole way and how much of it is: from 0 to 1. */
  readonly from: number;
  readonly share: number;
  /** The clocks of this stage and the one before differ: the stretch means nothing. */
  readonly isDoubtful: boolean;
}

interface Moment {
  readonly name: string;
  readonly at: number;
  readonly clock: string;
}

/** From Zoho's time of the change to the answer of the handler, as far as it went. */
export function stagesOf(detail: EventDetail): Stage[] {
  const moments = momentsOf(detail);
  const steps = moments.map(({ at }, index) => at - (moments[index - 1]?.at ?? at));
  const whole = steps.reduce((sum, step) => sum + Math.max(0, step), 0);
  let from = 0;
  return moments.map((moment, index) => {
    const step = steps[index] ?? 0;
    const share = whole === 0 ? 0 : Math.max(0, step) / whole;
    const stage = { ...moment, after: stepInWords(step, index), from, share, isDoubtful: step < 0 };
    from += share;
    return stage;
  });
}

/** From the first stage to the last, in milliseconds; undefined where there are fewer than two, or clocks differ. */
export function wholeTime(stages: readonly Stage[]): number | undefined {
  const [first, last] = [stages[0], stages.at(-1)];
  if (first === undefined || last === undefined || first === last) return undefined;
  return stages.some(stage => stage.isDoubtful) ? undefined : last.at - first.at;
}

function momentsOf(detail: EventDetail): Moment[] {
  const { serverTime, row, storedAt, attempts = [] } = detail;
  const [zoho, relay, here] = [l10n.t("Zoho's clock"), l10n.t("the relay's clock"), l10n.t("this machine's clock")];
  const isRecovered = row.content.kind === "recovered";
  const first = attempts[0];
  return [
    ...(serverTime === undefined ? [] : [{ name: l10n.t("Changed in the CRM"), at: serverTime, clock: zoho }]),
    isRecovered
      ? { name: l10n.t("Found in the CRM"), at: row.receivedAt, clock: here }
      : { name: l10n.t("Received by the relay"), at: row.receivedAt, clock: relay },
    ...(storedAt === undefined ? [] : [{ name: l10n.t("Stored on this machine"), at: storedAt, clock: here }]),
    ...(first === undefined ? [] : handlerMoments(first, here)),
  ];
}

function handlerMoments(
  { startedAt, milliseconds, status }: NonNullable<EventDetail["attempts"]>[number],
  clock: string,
): Moment[] {
  const sent = { name: l10n.t("Sent to the handler"), at: startedAt, clock };
  if (milliseconds === undefined) return [sent];
  const name =
    status === undefined ? l10n.t("No answer from the handler") : l10n.t("Answered by the handler ({0})", status);
  return [sent, { name, at: startedAt + milliseconds, clock }];
}

function stepInWords(step: number, index: number): string {
  if (index === 0) return "";
  if (step >= 0) return l10n.t("{0} later", formatDuration(step));
  return l10n.t("{0} earlier: the clocks differ", formatDuration(-step));
}
