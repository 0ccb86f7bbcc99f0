import * as l10n from "@vscode/l10n";
import type { Clock } from "../../base/clock.ts";
import type { Attempt } from "../../protocol/event.ts";
import type { EventDetail, FetchedRecord } from "../../protocol/inspector.ts";
import { type ReadEvent, bodyOf, plainOf, readEvent, textOf } from "../events/readEvent.ts";
import type { RequestSubject, StoredEvent } from "../events/storedEvent.ts";
import type { TokenVerifier } from "../events/verification.ts";
import { type BodySlice, sliceBody } from "./detail/bodySlice.ts";
import { type ChannelDirectory, channelLabel, findOwner } from "./detail/channelOwner.ts";
import { EarlierValues, type RecordHistory } from "./detail/earlierValues.ts";
import { valuesOf } from "./detail/eventValues.ts";
import { FetchedRecords } from "./detail/fetchedRecords.ts";
import { fieldChanges } from "./detail/fieldChanges.ts";
import { RecordFetcher, type RecordReaders } from "./detail/recordFetcher.ts";
import { type ParameterValue, parameterValue, readWebhook } from "../events/webhook.ts";
import { faultSentence } from "../events/content.ts";
import { detailOf } from "./eventPresenter.ts";
import { explainWebhook } from "./explanation.ts";
import type { RecordAnswer } from "./inspectorModel.ts";

export interface EventDetailsOptions {
  readonly history: RecordHistory & {
    get(id: number): StoredEvent | undefined;
    readonly attempts: { list(eventId: number): Attempt[] };
  };
  readonly tokens: TokenVerifier;
  readonly directory: ChannelDirectory;
  readonly clients: RecordReaders;
  readonly clock: Clock;
}

/** So many records are compared with what is known of them, and so many fields in all; the others are in the tree. */
const mostRecords = 100;
const mostFields = 1_000;

/** Brings together all that is known of one event. */
export class EventDetails {
  readonly #options: EventDetailsOptions;
  readonly #fetched = new FetchedRecords();
  readonly #fetcher: RecordFetcher;

  constructor(options: EventDetailsOptions) {
    this.#options = options;
    this.#fetcher = new RecordFetcher(options);
  }

  /** Undefined when the event is not kept any more. Throws when the history cannot be read. */
  of(id: number): EventDetail | undefined {
    const { history, tokens } = this.#options;
    const event = history.get(id);
    if (event === undefined) return undefined;
    const read = readEvent(event);
    const detail = detailOf(read, tokens);
    return {
      ...detail,
      attempts: history.attempts.list(id),
      ...this.#subscriptionOf(event),
      ...(detail.row.content.kind === "notification" ? this.#changesOf(read) : {}),
      ...webhookOf(read),
    };
  }

  /** A part of the body, without its codings or as it was sent, from the byte `from` on; undefined when the event is not kept any more. */
  bodySlice(id: number, from: number, as: "plain" | "sent"): BodySlice | undefined {
    const read = this.#read(id);
    if (read === undefined) return undefined;
    return as === "sent"
      ? sliceBody(bodyOf(read), from, false)
      : sliceBody(plainOf(read), from, textOf(read) !== undefined);
  }

  /** The value of a parameter of a form, by its place among all parameters; undefined where there is none. */
  parameter(id: number, index: number): ParameterValue | undefined {
    const read = this.#read(id);
    return read?.kind === "request" ? parameterValue(read.request, read.reading.body, index) : undefined;
  }

  /** Fetches a record that an event is about, and says what changed as far as can be told with it. */
  async fetchRecord(id: number, recordId: string): Promise<RecordAnswer> {
    const event = this.#options.history.get(id);
    const subject = event === undefined ? undefined : subjectOf(event);
    if (event === undefined || subject === undefined) return { record: goneProblem(recordId), changes: [] };
    const read = readEvent(event);
    const apiDomain = apiDomainOf(read);
    const { channelId, module } = subject;
    if (module === undefined) return { record: modulelessProblem(recordId), changes: [] };
    const record = await this.#fetcher.fetch({ channelId, module, recordId, apiDomain });
    if (record.kind === "record") this.#fetched.remember(module, recordId, record.json, record.fetchedAt);
    return { record, changes: this.#changesOf(read).changes ?? [] };
  }

  #read(id: number): ReadEvent | undefined {
    const event = this.#options.history.get(id);
    return event === undefined ? undefined : readEvent(event);
  }

  #subscriptionOf(event: StoredEvent): Pick<EventDetail, "subscription"> {
    const subject = subjectOf(event);
    const owner = subject === undefined ? undefined : findOwner(subject.channelId, this.#options.directory);
    if (owner === undefined) return {};
    const { channelId } = owner.channel;
    return { subscription: { connection: owner.connection.id, channelId, label: channelLabel(owner) } };
  }

  #changesOf(read: ReadEvent): Pick<EventDetail, "changes" | "actor"> {
    const { event } = read;
    const subject = subjectOf(event);
    const values = read.kind === "request" && subject !== undefined ? valuesOf(read) : undefined;
    if (values === undefined || subject === undefined) return {};
    const { module } = subject;
    const records = new Set([...new Set(values.fields.map(({ recordId }) => recordId))].slice(0, mostRecords));
    const fields = values.fields.filter(({ recordId }) => records.has(recordId)).slice(0, mostFields);
    const earlier = new EarlierValues(this.#options.history, module, { id: event.id, at: values.at }, records.size);
    const changes = fieldChanges(
      { ...values, fields, receivedAt: event.receivedAt },
      {
        earlier: (recordId, field) => earlier.of(recordId, field),
        fetched: recordId => (module === undefined ? [] : this.#fetched.of(module, recordId)),
      },
    );
    return { changes, ...(values.actor === undefined ? {} : { actor: values.actor }) };
  }
}

function subjectOf(event: StoredEvent): RequestSubject | undefined {
  return event.kind === "gap" ? undefined : event.subject;
}

function webhookOf(read: ReadEvent): Partial<Pick<EventDetail, "webhook" | "explanation" | "warning">> {
  if (read.kind !== "request" || read.reading.kind !== "webhook") return {};
  const webhook = readWebhook(read.request, read.reading.body);
  return {
    webhook,
    explanation: explainWebhook(webhook),
    ...(webhook.isFaulty === true ? { warning: faultSentence({ kind: "multipart" }) } : {}),
  };
}

/** The origin of the CRM's API, as a delivery names it in `resource_uri`. */
function apiDomainOf(read: ReadEvent): string | undefined {
  const body = plainOf(read);
  const beginning = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, 64 * 1024)).toString("latin1");
  const uri = /"resource_uri"\s*:\s*"([^"\\]+)"/.exec(beginning)?.[1];
  return uri !== undefined && URL.canParse(uri) ? new URL(uri).origin : undefined;
}

function modulelessProblem(recordId: string): FetchedRecord {
  const problem = l10n.t("The event names no module, so it is not known where in the CRM its records are.");
  return { kind: "problem", recordId, problem };
}

function goneProblem(recordId: string): FetchedRecord {
  return { kind: "problem", recordId, problem: l10n.t("This event is no longer kept.") };
}
