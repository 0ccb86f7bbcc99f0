import type { Capture } from "../../../src/core/events/capture.ts";
import { capturedPost, notificationBody } from "../../support/eventBodies.ts";
import type { Randomness } from "../world/randomness.ts";

/** What was sent to the relay, as the simulation knows it. */
export interface PlayedEvent {
  readonly sequence: number;
  readonly records: readonly string[];
  /** As the inspector names it. */
  readonly operation: "create" | "edit" | "delete";
  readonly channel: string;
  readonly token: string | undefined;
  readonly capture: Capture;
}

const records = ["1", "2", "3", "4", "5"];

/** Events with very many records go alone. */
const manyRecords = Array.from({ length: 201 }, (_, index) => String(index));

const words = { create: "insert", edit: "update", delete: "delete" } as const;

/** Sends events to the relay, whose clock is not that of the machine, and so does somebody who makes them up. */
export class PlayedZoho {
  readonly sent: PlayedEvent[] = [];
  readonly #randomness: Randomness;
  readonly #relayNow: () => number;
  /** The tokens that the machine knows, by channel. Of channel 2 none is known at first, of channel 3 a former one. */
  readonly #known = new Map([
    ["1", new Set(["token 1"])],
    ["3", new Set(["former token 3"])],
  ]);

  constructor(randomness: Randomness, relayNow: () => number) {
    this.#randomness = randomness;
    this.#relayNow = relayNow;
  }

  get known(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#known;
  }

  /** The sequence of the newest event. */
  get newest(): number {
    return this.sent.length;
  }

  learn(channel: string): void {
    this.#known.set(channel, new Set([...(this.#known.get(channel) ?? []), `token ${channel}`]));
  }

  /** Whether the event comes from the subscription that it names, as far as is known. */
  isGenuine({ channel, token, operation }: PlayedEvent): boolean {
    const known = this.#known.get(channel);
    if (known === undefined) return true;
    return token === undefined ? operation === "delete" : known.has(token);
  }

  send(): PlayedEvent {
    const randomness = this.#randomness;
    const record = randomness.pick(records) ?? "1";
    const ids = randomness.chance(0.02) ? manyRecords : randomness.chance(0.2) ? [record, "1"] : [record];
    const operation = randomness.weighted({ create: 3, edit: 6, delete: 1 });
    const channel = randomness.weighted({ 1: 3, 2: 1, 3: 1 });
    const kind = randomness.weighted({ right: 16, wrong: 1, none: 1 });
    const token = { right: `token ${channel}`, wrong: "made up", none: undefined }[kind];
    return this.#add([...new Set(ids)], operation, channel, token);
  }

  /** A genuine edit of one record. */
  sendEdit(record: string): PlayedEvent {
    return this.#add([record], "edit", "1", "token 1");
  }

  #add(
    ids: readonly string[],
    operation: PlayedEvent["operation"],
    channel: string,
    token: string | undefined,
  ): PlayedEvent {
    const sequence = this.newest + 1;
    const body = { ids, operation: words[operation], server_time: sequence, channel_id: channel, token };
    const capture = { sequence, receivedAt: this.#relayNow(), payload: capturedPost(notificationBody(body)) };
    const event = { sequence, records: ids, operation, channel, token, capture };
    this.sent.push(event);
    return event;
  }
}
