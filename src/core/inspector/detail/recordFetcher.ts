import * as l10n from "@vscode/l10n";
import type { Clock } from "../../../base/clock.ts";
import type { Remedy } from "../../../base/problem.ts";
import type { FetchedRecord, PageRemedy } from "../../../protocol/inspector.ts";
import type { ZohoProblem } from "../../../zoho/problem.ts";
import type { ZohoApi } from "../../../zoho/zohoClient.ts";
import type { Connection } from "../../connections/connection.ts";
import { type ChannelDirectory, findOwner } from "./channelOwner.ts";

/** The sign-ins that records can be read with. */
export interface RecordReaders {
  for(connectionId: string): Pick<ZohoApi, "record">;
}

export interface RecordFetcherOptions {
  readonly directory: ChannelDirectory;
  readonly clients: RecordReaders;
  readonly clock: Clock;
}

/** A record that an event is about. */
export interface RecordAddress {
  readonly channelId: string;
  readonly module: string;
  readonly recordId: string;
  /** Origin of the API that the event names, such as `https://www.zohoapis.eu`. */
  readonly apiDomain?: string | undefined;
}

/** Fetches records with the sign-in that owns the channel of an event. Each fetch costs a credit of the organisation. */
export class RecordFetcher {
  readonly #options: RecordFetcherOptions;

  constructor(options: RecordFetcherOptions) {
    this.#options = options;
  }

  async fetch(address: RecordAddress): Promise<FetchedRecord> {
    const { recordId, module } = address;
    const connection = this.#connectionFor(address);
    if (connection === undefined) {
      return { kind: "problem", recordId, problem: notSignedIn(address.channelId), remedy: "sign-in" };
    }
    const read = await this.#options.clients.for(connection.id).record(module, recordId);
    if (!read.ok) return { kind: "problem", recordId, problem: read.error.message, ...remedyOf(read.error) };
    if (read.value === undefined) return { kind: "problem", recordId, problem: deleted() };
    return { kind: "record", recordId, fetchedAt: this.#options.clock.now(), json: read.value };
  }

  /** The one that has the channel; of a channel that is gone, the only one that leads to the CRM that the event names. */
  #connectionFor({ channelId, apiDomain }: RecordAddress): Connection | undefined {
    const { directory } = this.#options;
    const owner = findOwner(channelId, directory)?.connection;
    if (owner !== undefined) return owner;
    const same = directory.connections().filter(connection => connection.apiDomain === apiDomain);
    return same.length === 1 ? same[0] : undefined;
  }
}

function notSignedIn(channelId: string): string {
  return l10n.t(
    "The subscription with channel {0} belongs to an account that is not signed in here. Sign in to it, then fetch the record again.",
    channelId,
  );
}

function deleted(): string {
  return l10n.t("The CRM has no record with this ID any more: it was deleted, or your user may not see it.");
}

function remedyOf({ remedy }: Pick<ZohoProblem, "remedy">): { readonly remedy?: PageRemedy } {
  const known = pageRemedyOf(remedy);
  return known === undefined ? {} : { remedy: known };
}

function pageRemedyOf(remedy: Remedy): PageRemedy | undefined {
  switch (remedy) {
    case "retry":
    case "sign-in":
    case "start-sandbox":
    case "open-log":
      return remedy;
    default:
      return undefined;
  }
}
