import * as v from "valibot";
import { day, hour, second } from "../../../src/base/clock.ts";
import type { HttpAnswer, HttpRequest } from "../../../src/zoho/httpTransport.ts";
import type { Randomness } from "./randomness.ts";
import type { RequestFault } from "./weather.ts";
import type { ZohoChannel, ZohoModule } from "./zohoChannel.ts";

/** Who sends a request: a window of a machine. */
export interface Caller {
  readonly machine: string;
  readonly window: string;
}

/** What a request did to a channel. */
export interface Write {
  readonly by: Caller;
  readonly method: string;
  readonly channelId: string;
  readonly before: ZohoChannel | undefined;
  readonly after: ZohoChannel | undefined;
  /** What it would have become, had Zoho granted all that was asked. */
  readonly meant: ZohoChannel | undefined;
}

/** A page of a list as it was served. */
export interface ListedPage {
  readonly channelIds: ReadonlySet<string>;
  /** From 1 on. */
  readonly page: number;
  readonly isLast: boolean;
}

/** What is told of what the server does, as it does it. */
export interface WatchObserver {
  didWrite(write: Write): void;
  didList(by: Caller, page: ListedPage): void;
  /** Modules came to their end; `before` is the channel with them. */
  didEnd(before: ZohoChannel, modules: readonly string[]): void;
}

/** What Zoho's documents leave open, one way of each for a run. */
interface Habits {
  readonly postOnExisting: "replace" | "merge" | "refuse";
  readonly patchEvents: "replace" | "merge";
  /** The server's own largest page; it takes no notice of what is asked for beyond it. */
  readonly longestPage: number;
  readonly filtersByChannel: boolean;
}

const itemSchema = v.object({
  channel_id: v.string(),
  events: v.array(v.string()),
  notify_url: v.optional(v.string()),
  channel_expiry: v.optional(v.string()),
  token: v.optional(v.string()),
  notify_on_related_action: v.optional(v.boolean()),
  return_affected_field_values: v.optional(v.boolean()),
  notification_condition: v.optional(v.array(v.looseObject({ module: v.object({ api_name: v.string() }) }))),
  _delete_events: v.optional(v.boolean()),
});
type Item = v.InferOutput<typeof itemSchema>;
const bodySchema = v.object({ watch: v.pipe(v.array(itemSchema), v.maxLength(50)) });

type ResultItem = Readonly<Record<string, unknown>>;

/** The watch API of Zoho CRM by its documents, for one user, in memory, with a clock of its own. */
export class PlayedWatchApi {
  readonly #trueNow: () => number;
  readonly #randomness: Randomness;
  readonly #observer: WatchObserver;
  readonly #count: (fault: RequestFault) => void;
  readonly #habits: Habits;
  #channels = new Map<string, ZohoChannel>();
  #ahead: number;

  constructor(options: {
    readonly trueNow: () => number;
    readonly randomness: Randomness;
    readonly observer: WatchObserver;
    readonly count: (fault: RequestFault) => void;
  }) {
    this.#trueNow = options.trueNow;
    this.#randomness = options.randomness;
    this.#observer = options.observer;
    this.#count = options.count;
    const { randomness } = options;
    this.#ahead = Math.round(randomness.between(-30 * second, 30 * second));
    this.#habits = {
      postOnExisting: randomness.pick(["replace", "merge", "refuse"] as const) ?? "replace",
      patchEvents: randomness.pick(["replace", "merge"] as const) ?? "replace",
      longestPage: randomness.pick([200, 200, 4]) ?? 200,
      filtersByChannel: randomness.chance(0.8),
    };
  }

  get now(): number {
    return this.#trueNow() + this.#ahead;
  }

  /** Somebody sets Zoho's clock, or it drifts: milliseconds. */
  moveClock(by: number): void {
    this.#ahead += by;
  }

  /** The channels that live. */
  get channels(): readonly ZohoChannel[] {
    this.endOverdue();
    return [...this.#channels.values()];
  }

  get(channelId: string): ZohoChannel | undefined {
    this.endOverdue();
    return this.#channels.get(channelId);
  }

  /** Another program changes a channel, or makes or deletes one. */
  put(channelId: string, channel: ZohoChannel | undefined): void {
    if (channel === undefined) this.#channels.delete(channelId);
    else this.#channels.set(channelId, channel);
  }

  endOverdue(): void {
    for (const channel of [...this.#channels.values()]) {
      const ended = [...channel.modules].filter(([, { expiresAt }]) => expiresAt <= this.now).map(([module]) => module);
      if (ended.length === 0) continue;
      this.#observer.didEnd(channel, ended);
      const modules = new Map([...channel.modules].filter(([module]) => !ended.includes(module)));
      this.put(channel.channelId, modules.size === 0 ? undefined : { ...channel, modules });
    }
  }

  handle(request: HttpRequest, by: Caller, fault: RequestFault | undefined): HttpAnswer {
    this.endOverdue();
    const { searchParams } = new URL(request.url);
    if (request.method === "GET") return this.#list(searchParams, by, fault);
    if (request.method === "DELETE") return this.#delete((searchParams.get("channel_ids") ?? "").split(","), by);
    const body = v.safeParse(bodySchema, JSON.parse(request.body ?? "null"));
    if (!body.success) return answer(400, error("INVALID_DATA", { api_name: "watch", json_path: "$.watch" }));
    const results = body.output.watch.flatMap(item => this.#write(request.method, item, by, fault));
    return answer(statusOf(results, request.method === "POST" ? 201 : 200), { watch: results });
  }

  #list(query: URLSearchParams, by: Caller, fault: RequestFault | undefined): HttpAnswer {
    const wanted = this.#habits.filtersByChannel ? query.get("channel_id") : null;
    if (fault === "list moved between pages") this.#move();
    const all = [...this.#channels.values()]
      .filter(({ channelId }) => wanted === null || channelId === wanted)
      .flatMap(channel => [...channel.modules].map(([module, part]) => listed(channel, module, part)));
    const size = Math.min(Number(query.get("per_page") ?? 200), this.#habits.longestPage);
    const page = Number(query.get("page") ?? 1);
    const shown = all.slice((page - 1) * size, page * size);
    const channelIds = new Set(shown.map(item => String(item["channel_id"])));
    this.#observer.didList(by, { channelIds, page, isLast: all.length <= page * size });
    if (shown.length === 0) return answer(204, undefined);
    const watch = fault === "entry of the list unreadable" ? this.#withOdd(shown) : shown;
    return answer(200, {
      watch,
      info: { page, per_page: size, count: shown.length, more_records: all.length > page * size },
    });
  }

  /** What is listed first is last from now on, so that pages that are not read yet lose an entry to one that was. */
  #move(): void {
    const [first, ...others] = this.#channels;
    if (first === undefined || others.length === 0) return;
    this.#count("list moved between pages");
    this.#channels = new Map([...others, first]);
  }

  #withOdd(items: readonly ResultItem[]): readonly ResultItem[] {
    this.#count("entry of the list unreadable");
    const odd = this.#randomness.integer(0, items.length - 1);
    const nameless = this.#randomness.chance(0.3);
    return items.map((item, index) =>
      index === odd
        ? { ...item, channel_expiry: null, resource_name: null, ...(nameless ? { channel_id: null } : {}) }
        : item,
    );
  }

  #delete(channelIds: readonly string[], by: Caller): HttpAnswer {
    const results = channelIds.flatMap(channelId => {
      const channel = this.#channels.get(channelId);
      if (channel === undefined) return [notSubscribed()];
      this.#replace({ method: "DELETE", by, channelId, before: channel, after: undefined, meant: undefined });
      return [...channel.modules.keys()].map(module =>
        success("Successfully un-subscribed from actions-watch", {
          resource_uri: uriOf(module),
          resource_id: idOf(module),
          channel_id: channelId,
        }),
      );
    });
    return answer(statusOf(results, 200), { watch: results });
  }

  #write(method: string, item: Item, by: Caller, fault: RequestFault | undefined): readonly ResultItem[] {
    const before = this.#channels.get(item.channel_id);
    if (method !== "POST" && before === undefined) return [notSubscribed()];
    if (method === "POST" && before !== undefined && this.#habits.postOnExisting === "refuse") {
      return [error("INVALID_DATA", { api_name: "channel_id", json_path: "$.watch[0].channel_id" })];
    }
    if (item._delete_events === true && before !== undefined) return this.#removeEvents(item, before, by);
    const refused = this.#refusedModule(item, fault);
    const after = this.#written(method, item, before, refused);
    const meant = this.#written(method, item, before, undefined);
    this.#replace({ method, by, channelId: item.channel_id, before, after, meant });
    const said = refused !== undefined && fault === "granted in part, and said so";
    return [
      this.#granted(item, after, refused),
      ...(said ? [error("INTERNAL_ERROR", { channel_id: item.channel_id })] : []),
    ];
  }

  #refusedModule(item: Item, fault: RequestFault | undefined): string | undefined {
    if (fault !== "granted in part, and said so" && fault !== "granted in part, and not said") return undefined;
    const modules = [...new Set(item.events.map(moduleOf))];
    if (modules.length < 2) return undefined;
    this.#count(fault);
    return this.#randomness.pick(modules);
  }

  #written(method: string, item: Item, before: ZohoChannel | undefined, refused: string | undefined): ZohoChannel {
    const isPatch = method === "PATCH";
    const keepsOthers = isPatch
      ? this.#habits.patchEvents === "merge"
      : method === "POST" && this.#habits.postOnExisting === "merge";
    const kept = isPatch ? before : undefined;
    const expiresAt = this.#grantedEnd(item.channel_expiry);
    const modules = new Map(keepsOthers ? before?.modules : []);
    for (const [module, events] of Map.groupBy(item.events.flatMap(expanded), moduleOf)) {
      const was = before?.modules.get(module);
      const merged = keepsOthers ? [...new Set([...(was?.events ?? []), ...events])] : events;
      const condition =
        item.notification_condition?.find(each => each.module.api_name === module) ??
        kept?.modules.get(module)?.condition ??
        null;
      if (module !== refused) modules.set(module, { events: merged, expiresAt, condition });
      else if (isPatch && was !== undefined) modules.set(module, was);
    }
    return {
      channelId: item.channel_id,
      notifyUrl: item.notify_url ?? before?.notifyUrl ?? "",
      // Left out, it is lost (seen live).
      token: item.token ?? null,
      onRelatedAction: item.notify_on_related_action ?? kept?.onRelatedAction ?? true,
      affectedValues: item.return_affected_field_values ?? kept?.affectedValues ?? false,
      modules,
    };
  }

  #removeEvents(item: Item, before: ZohoChannel, by: Caller): readonly ResultItem[] {
    const gone = new Set(item.events.flatMap(expanded));
    const modules = new Map<string, ZohoModule>();
    for (const [module, part] of before.modules) {
      const events = part.events.filter(event => !gone.has(event));
      if (events.length > 0) modules.set(module, { ...part, events });
    }
    const after = { ...before, notifyUrl: item.notify_url ?? before.notifyUrl, token: item.token ?? null, modules };
    const left = modules.size === 0 ? undefined : after;
    this.#replace({ method: "PATCH", by, channelId: item.channel_id, before, after: left, meant: left });
    return [success("Successfully removed the subscribe details", { events: [{ channel_id: item.channel_id }] })];
  }

  #granted(item: Item, after: ZohoChannel, refused: string | undefined): ResultItem {
    const modules = [...new Set(item.events.map(moduleOf))].filter(module => module !== refused);
    const events = modules.map(module => ({
      channel_expiry: timeText(after.modules.get(module)?.expiresAt ?? 0),
      resource_uri: uriOf(module),
      resource_id: idOf(module),
      resource_name: module,
      channel_id: item.channel_id,
    }));
    return success("Successfully subscribed for actions-watch of the given module", { events });
  }

  /** Absent or beyond a week: an hour. */
  #grantedEnd(asked: string | undefined): number {
    const end = asked === undefined ? Number.NaN : Date.parse(asked);
    const isTaken = end > this.now && end <= this.now + 7 * day;
    return Math.floor((isTaken ? end : this.now + hour) / second) * second;
  }

  #replace(write: Write): void {
    this.put(write.channelId, write.after);
    this.#observer.didWrite(write);
  }
}

function listed({ channelId, ...channel }: ZohoChannel, module: string, part: ZohoModule): ResultItem {
  return {
    channel_id: channelId,
    channel_expiry: timeText(part.expiresAt),
    resource_uri: uriOf(module),
    resource_id: idOf(module),
    resource_name: module,
    notify_url: channel.notifyUrl,
    events: part.events,
    token: channel.token,
    fields: null,
    notification_condition: part.condition === null ? null : [part.condition],
    notify_on_related_action: channel.onRelatedAction,
    return_affected_field_values: channel.affectedValues,
  };
}

export function answer(status: number, body: unknown): HttpAnswer {
  return {
    status,
    headers: { "content-type": "application/json" },
    text: body === undefined ? "" : JSON.stringify(body),
  };
}

export function error(code: string, details: Readonly<Record<string, unknown>> = {}): ResultItem {
  return { code, details, message: code.toLowerCase(), status: "error" };
}

function success(message: string, details: unknown): ResultItem {
  return { code: "SUCCESS", details, message, status: "success" };
}

function notSubscribed(): ResultItem {
  return { ...error("NOT_SUBSCRIBED"), message: "Not subscribed for actions-watch of the given channel" };
}

function statusOf(results: readonly ResultItem[], good: number): number {
  const bad = results.filter(({ status }) => status !== "success").length;
  return bad === 0 ? good : bad === results.length ? 400 : 207;
}

export function expanded(event: string): readonly string[] {
  const module = moduleOf(event);
  return event.endsWith(".all") ? ["create", "edit", "delete"].map(operation => `${module}.${operation}`) : [event];
}

export function moduleOf(event: string): string {
  return event.slice(0, event.lastIndexOf("."));
}

function timeText(instant: number): string {
  return new Date(instant).toISOString().replace(/\.\d{3}Z$/, "+00:00");
}

function uriOf(module: string): string {
  return `https://www.zohoapis.eu/crm/v2/${module}`;
}

function idOf(module: string): string {
  return `67568390000000${module.length * 1000}`;
}
