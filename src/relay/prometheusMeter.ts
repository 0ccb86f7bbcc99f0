import { statSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import type { RelayMeter } from "./relayMeter.ts";

/** What is not counted but looked at when Prometheus asks. */
export interface RelayReadings {
  readonly version: string;
  streams(): number;
  connections(): Promise<number>;
  unstoredBytes(): number;
  unsentBytes(): number;
  isReady(): Promise<boolean>;
}

/** From a tenth of a millisecond (a fast disk, an idle relay) to ten seconds (a stalled one). */
const storeBuckets = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Counts for Prometheus. docs/operate-a-relay.md says what each is good for, and a test holds it to that. */
export class PrometheusMeter implements RelayMeter {
  readonly registry = new Registry();
  readonly #answers: Counter<"route" | "status">;
  readonly #chosen: Counter<"status">;
  readonly #events: Counter;
  readonly #eventBytes: Counter;
  readonly #storing: Histogram;
  readonly #streamsOpened: Counter;
  readonly #streamsClosed: Counter<"code">;
  readonly #streamsRefused: Counter<"status">;
  readonly #dropped: Counter;

  constructor() {
    this.#answers = this.#counter("relay_requests_total", "Requests answered, by route and status.", [
      "route",
      "status",
    ]);
    this.#chosen = this.#counter("relay_chosen_answers_total", "Answers chosen for a channel, by status.", ["status"]);
    this.#events = this.#counter("relay_events_accepted_total", "Events that are durable.");
    this.#eventBytes = this.#counter("relay_event_bytes_accepted_total", "Bytes of these events as they are kept.");
    this.#storing = new Histogram({
      name: "relay_event_store_seconds",
      help: "From the last byte of a request until its event is durable.",
      buckets: storeBuckets,
      registers: [this.registry],
    });
    this.#streamsOpened = this.#counter("relay_streams_opened_total", "Streams of editors that were opened.");
    this.#streamsClosed = this.#counter("relay_streams_closed_total", "Streams that ended, by close code.", ["code"]);
    this.#streamsRefused = this.#counter("relay_streams_refused_total", "Streams refused, by status.", ["status"]);
    this.#dropped = this.#counter("relay_connections_dropped_total", "Connections beyond --max-connections.");
    collectDefaultMetrics({ register: this.registry });
  }

  answered(route: string, status: number): void {
    this.#answers.inc({ route, status: String(status) });
  }

  answeredAsChosen(status: number): void {
    this.#chosen.inc({ status: String(status) });
  }

  accepted(bytes: number, seconds: number): void {
    this.#events.inc();
    this.#eventBytes.inc(bytes);
    this.#storing.observe(seconds);
  }

  streamOpened(): void {
    this.#streamsOpened.inc();
  }

  streamClosed(code: number): void {
    this.#streamsClosed.inc({ code: String(code) });
  }

  streamRefused(status: number): void {
    this.#streamsRefused.inc({ status: String(status) });
  }

  connectionDropped(): void {
    this.#dropped.inc();
  }

  /** Adds what is looked at when Prometheus asks. */
  read(readings: RelayReadings): void {
    this.#gauge("relay_streams", "Streams that are open.", () => readings.streams());
    this.#gauge("relay_connections", "Connections that are open.", async () => readings.connections());
    this.#gauge("relay_unstored_bytes", "Bytes that requests under way hold.", () => readings.unstoredBytes());
    this.#gauge("relay_unsent_bytes", "Bytes that wait for editors to take them.", () => readings.unsentBytes());
    this.#gauge("relay_ready", "1 when events can be stored.", async () => ((await readings.isReady()) ? 1 : 0));
    const info = new Gauge({
      name: "relay_info",
      help: "1, with the version.",
      labelNames: ["version"],
      registers: [this.registry],
    });
    info.set({ version: readings.version }, 1);
  }

  /** Adds what the database takes in `directory`, and what its disk has left. */
  readDirectory(directory: string): void {
    const files = ["relay.db", "relay.db-wal"].map(name => join(directory, name));
    this.#gauge("relay_storage_bytes", "Size of the database and its log.", () =>
      files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0),
    );
    this.#gauge("relay_disk_free_bytes", "Free space where the database lies.", () => {
      const { bavail, bsize } = statfsSync(directory);
      return bavail * bsize;
    });
  }

  #counter<T extends string>(name: string, help: string, labelNames: readonly T[] = []): Counter<T> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }

  #gauge(name: string, help: string, look: () => number | Promise<number>): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      async collect() {
        this.set(await look());
      },
    });
  }
}
