import { type Result, fail, succeed } from "../../base/result.ts";
import type { SandboxBehaviour } from "../behaviour.ts";
import { type ApiError, apiError } from "../crm/apiError.ts";
import type { ModuleCatalog } from "../crm/moduleCatalog.ts";
import { isPermitted } from "../crm/rights.ts";
import type { User } from "../crm/users.ts";
import { isPrivateHost } from "../deliveries/privateHost.ts";
import { type JsonObject, type JsonValue, isJsonArray } from "../state/json.ts";
import { type ModuleSubscription, mergeSubscriptions, watchOperations } from "./channel.ts";
import { isChannelId } from "./channelId.ts";
import { readConditions } from "./conditionReader.ts";
import { parseExpiry } from "./expiry.ts";

/** One item of a watch request, checked. What the request left out is undefined. */
export interface WatchItem {
  readonly channelId: string;
  readonly subscriptions: readonly ModuleSubscription[] | undefined;
  readonly notifyUrl: string | undefined;
  /** Milliseconds since 1970. */
  readonly expiry: number | undefined;
  readonly token: string | null | undefined;
  readonly notifyOnRelatedAction: boolean | undefined;
  readonly returnAffectedFieldValues: boolean | undefined;
  readonly notificationCondition: JsonObject[] | null | undefined;
  readonly deleteEvents: boolean;
}

export interface WatchItemRules {
  /** Place of the item in the request's `watch`. */
  readonly index: number;
  readonly version: number;
  readonly now: number;
  /** Whether `events` and `notify_url` must be there beside `channel_id`. */
  readonly isWhole: boolean;
  readonly behaviour: SandboxBehaviour;
  readonly catalog: ModuleCatalog;
  /** Who asks: nobody may subscribe to what they may not see. */
  readonly user: User;
}

const mostEvents = 50;
const longestUrl = 255;
const longestToken = 50;
const conditionsSince = 6;
const affectedValuesSince = 3;

/** Reads one item of a watch request, or says what is wrong with it first. */
export function readWatchItem(item: JsonObject, rules: WatchItemRules): Result<WatchItem, ApiError> {
  try {
    return succeed(readItem(new ItemReader(item, rules), rules.version));
  } catch (thrown) {
    if (thrown instanceof ItemFault) return fail(thrown.fault);
    throw thrown;
  }
}

/** Leaves the reading of an item at its first fault; never leaves this file. */
class ItemFault extends Error {
  override readonly name = "ItemFault";
  readonly fault: ApiError;

  constructor(fault: ApiError) {
    super(fault.code);
    this.fault = fault;
  }
}

function readItem(reader: ItemReader, version: number): WatchItem {
  const read = {
    channelId: reader.channelId(),
    subscriptions: reader.subscriptions(),
    notifyUrl: reader.notifyUrl(),
    expiry: reader.expiry(),
    token: reader.token(),
    notifyOnRelatedAction: reader.flag("notify_on_related_action"),
    returnAffectedFieldValues: version >= affectedValuesSince ? reader.flag("return_affected_field_values") : undefined,
    deleteEvents: reader.flag("_delete_events") ?? false,
  };
  const notificationCondition = version >= conditionsSince ? reader.condition(read.subscriptions) : undefined;
  return { ...read, notificationCondition };
}

/** Reads the members one by one; each throws an {@link ItemFault} where it is not as the API wants it. */
class ItemReader {
  readonly #item: JsonObject;
  readonly #rules: WatchItemRules;

  constructor(item: JsonObject, rules: WatchItemRules) {
    this.#item = item;
    this.#rules = rules;
  }

  channelId(): string {
    const given = this.#item["channel_id"];
    if (given === undefined || given === null || given === "") return this.#missing("channel_id");
    const text = typeof given === "number" || typeof given === "string" ? String(given) : "";
    return isChannelId(text) ? text : this.#invalid("channel_id", { expected_data_type: "long" });
  }

  subscriptions(): readonly ModuleSubscription[] | undefined {
    const given = this.#item["events"];
    if (given === undefined || given === null) {
      this.#missingIfRequired("events");
      return undefined;
    }
    if (!isJsonArray(given)) return this.#invalid("events", { expected_data_type: "jsonarray" });
    if (given.length === 0) return this.#missing("events");
    if (given.length > mostEvents) return this.#invalid("events", { maximum_length: mostEvents });
    const subscriptions = given.map(event => readEvent(event, this.#rules.catalog));
    const known = subscriptions.filter(each => each !== undefined);
    // An unsupported module is reported by the member's name alone, without a path (seen in live answers).
    if (known.length < given.length)
      return this.#refuse(apiError("INVALID_DATA", "invalid data", { api_name: "events" }));
    if (!known.every(({ module }) => isPermitted(this.#rules.user, "READ", module)))
      return this.#notPermitted("events");
    return mergeSubscriptions(known, []);
  }

  notifyUrl(): string | undefined {
    const given = this.#item["notify_url"];
    if (given === undefined || given === null || given === "") {
      this.#missingIfRequired("notify_url");
      return undefined;
    }
    const url = typeof given === "string" ? URL.parse(given) : null;
    if (typeof given !== "string" || url === null || !mayBeNotified(url, this.#rules.behaviour.notifyUrls)) {
      return this.#invalid("notify_url", { expected_data_type: "url" });
    }
    return given.length > longestUrl ? this.#invalid("notify_url", { maximum_length: longestUrl }) : given;
  }

  expiry(): number | undefined {
    const given = this.#item["channel_expiry"];
    if (given === undefined || given === null) return undefined;
    const instant = parseExpiry(given);
    const future = instant !== undefined && instant > this.#rules.now;
    return future ? instant : this.#invalid("channel_expiry", { expected_data_type: "datetime" });
  }

  token(): string | null | undefined {
    const given = this.#item["token"];
    if (given === undefined || given === null) return given;
    if (typeof given !== "string") return this.#invalid("token", { expected_data_type: "string" });
    return given.length > longestToken ? this.#invalid("token", { maximum_length: longestToken }) : given;
  }

  flag(name: "notify_on_related_action" | "return_affected_field_values" | "_delete_events"): boolean | undefined {
    const given = this.#item[name];
    if (given === undefined || given === null) return undefined;
    return typeof given === "boolean" ? given : this.#invalid(name, { expected_data_type: "boolean" });
  }

  condition(subscriptions: readonly ModuleSubscription[] | undefined): JsonObject[] | null | undefined {
    const given: JsonValue | undefined = this.#item["notification_condition"];
    if (given === undefined || given === null) return given;
    const allModules = this.#rules.catalog.all();
    const named = subscriptions?.map(({ module }) => module);
    const modules = allModules.filter(({ apiName }) => named?.includes(apiName) ?? true);
    const foreignIds = this.#rules.behaviour.foreignConditionIds;
    const read = readConditions(given, this.#path("notification_condition"), { modules, allModules, foreignIds });
    return read.ok ? read.value : this.#refuse(read.error);
  }

  #path(name: string): string {
    return `$.watch[${this.#rules.index}].${name}`;
  }

  #notPermitted(name: string): never {
    const details = { api_name: name, json_path: this.#path(name) };
    return this.#refuse(apiError("NO_PERMISSION", "permission denied", details));
  }

  #missingIfRequired(name: "events" | "notify_url"): void {
    if (this.#rules.isWhole) this.#missing(name);
  }

  #missing(name: string): never {
    const details = { api_name: name, json_path: this.#path(name) };
    return this.#refuse(apiError("MANDATORY_NOT_FOUND", "required field not found", details));
  }

  #invalid(name: string, details: JsonObject): never {
    const where = { api_name: name, json_path: this.#path(name) };
    return this.#refuse(apiError("INVALID_DATA", "invalid data", { ...where, ...details }));
  }

  #refuse(fault: ApiError): never {
    throw new ItemFault(fault);
  }
}

function readEvent(text: JsonValue, catalog: ModuleCatalog): ModuleSubscription | undefined {
  if (typeof text !== "string") return undefined;
  const [moduleName = "", word, ...rest] = text.split(".");
  const module = catalog.named(moduleName);
  if (module?.watchable !== true || rest.length > 0) return undefined;
  const operations = watchOperations.filter(operation => word === operation || word === "all");
  return operations.length === 0 ? undefined : { module: moduleName, operations };
}

function mayBeNotified(url: URL, allowed: SandboxBehaviour["notifyUrls"]): boolean {
  if (allowed === "public-https") return url.protocol === "https:" && !isPrivateHost(url.hostname);
  return url.protocol === "http:" || url.protocol === "https:";
}
