import { second } from "../../../base/clock.ts";
import type { FieldChange } from "../../../protocol/event.ts";
import type { EarlierValue } from "./earlierValues.ts";
import type { EventValues } from "./eventValues.ts";
import type { FetchedState } from "./fetchedRecords.ts";
import type { NamedField } from "./namedFields.ts";

/** What is known of a record beside the event itself. */
export interface RecordKnowledge {
  earlier(recordId: string, field: string): EarlierValue | undefined;
  /** Newest first. */
  fetched(recordId: string): readonly FetchedState[];
}

/** The event as far as comparing needs it. Instants in milliseconds since 1970. */
export interface ComparedEvent extends EventValues {
  readonly receivedAt: number;
}

/** Each field that the event names, before and after it, and how each value is known. */
export function fieldChanges(event: ComparedEvent, knowledge: RecordKnowledge): FieldChange[] {
  return event.fields.map(field => {
    const states = knowledge.fetched(field.recordId);
    return {
      recordId: field.recordId,
      field: field.field,
      ...before(event, field, knowledge.earlier(field.recordId, field.field), states),
      ...after(event, field, states),
      ...presently(event, field, states),
    };
  });
}

type Before = Pick<FieldChange, "before" | "basis" | "earlierId" | "beforeAt">;

/** The later of what an earlier event and an earlier fetching tell. */
function before(
  event: ComparedEvent,
  { field }: NamedField,
  earlier: EarlierValue | undefined,
  states: readonly FetchedState[],
): Before {
  if (event.operation === "create") return { basis: "event" };
  const state = states.find(each => isBefore(each, event));
  const fetched = state?.values.get(field);
  const isFetchedLater = state?.modifiedAt !== undefined && state.modifiedAt >= wholeSecond(earlier?.at ?? 0);
  if (fetched !== undefined && isFetchedLater) return { before: fetched, basis: "fetched", beforeAt: state.fetchedAt };
  if (earlier?.value === undefined) return { basis: "none" };
  return { before: earlier.value, basis: "earlier-event", earlierId: earlier.eventId, beforeAt: earlier.at };
}

function after(
  event: ComparedEvent,
  { field, value }: NamedField,
  states: readonly FetchedState[],
): Pick<FieldChange, "after" | "afterBasis"> {
  if (value !== undefined) return { after: value, afterBasis: "event" };
  const fetched = states.find(each => isUnchangedSince(each, event))?.values.get(field);
  return fetched === undefined ? { afterBasis: "none" } : { after: fetched, afterBasis: "fetched" };
}

/** The value in the record as it was last fetched, if that was after the event. */
function presently(
  event: ComparedEvent,
  { field }: NamedField,
  [last]: readonly FetchedState[],
): Pick<FieldChange, "now"> {
  const now = last !== undefined && last.fetchedAt >= event.receivedAt ? last.values.get(field) : undefined;
  return now === undefined ? {} : { now };
}

/** The record was fetched before the event came, and is as it was before the change. Zoho's times are in whole seconds. */
function isBefore(state: FetchedState, { at, receivedAt }: ComparedEvent): boolean {
  if (at === undefined || state.modifiedAt === undefined) return false;
  return state.fetchedAt < receivedAt && state.modifiedAt < wholeSecond(at);
}

/** The record was fetched after the event came, and had not been modified since the change. */
function isUnchangedSince(state: FetchedState, { at, receivedAt }: ComparedEvent): boolean {
  if (at === undefined || state.modifiedAt === undefined) return false;
  return state.fetchedAt >= receivedAt && state.modifiedAt <= wholeSecond(at);
}

function wholeSecond(instant: number): number {
  return Math.floor(instant / second) * second;
}
