import assert from "node:assert/strict";
import type * as sdk from "@zohocrm/nodejs-sdk-8.0";
import type { ZohoSdk } from "./zohoSdks.ts";

/** The channel of a draft that names none: too large for a double. */
export const watchedChannel = "9223372036854775783";
/** Where channels of the tests send to. */
export const watchedUrl = "http://127.0.0.1:9/in/abc?team=sales";

/** A channel as a test wants it. */
export interface ChannelDraft {
  readonly id?: string;
  readonly events: string[];
  readonly token?: string;
  readonly expiry?: number;
  readonly affectedValues?: boolean;
}

/** Makes and reads the models of the notifications API with one version of Zoho's SDK. */
export class SdkWatchModels {
  readonly #models: ZohoSdk["Notifications"];

  constructor({ Notifications }: ZohoSdk) {
    this.#models = Notifications;
  }

  /** A channel to subscribe. */
  channel({
    id = watchedChannel,
    events,
    token,
    expiry,
    affectedValues,
  }: ChannelDraft): sdk.Notifications.Notification {
    const notification = new this.#models.Notification();
    notification.setChannelId(id);
    notification.setEvents(events);
    notification.setNotifyUrl(watchedUrl);
    if (token !== undefined) notification.setToken(token);
    if (expiry !== undefined) notification.setChannelExpiry(new Date(expiry));
    if (affectedValues !== undefined) notification.setReturnAffectedFieldValues(affectedValues);
    return notification;
  }

  /** The body of every write. */
  watch(...channels: sdk.Notifications.Notification[]): sdk.Notifications.BodyWrapper {
    const body = new this.#models.BodyWrapper();
    body.setWatch(channels);
    return body;
  }

  /** A condition of two fields, either of which is enough. The SDK sets members of its own classes asynchronously. */
  async condition(moduleName: string, fieldNames: readonly string[]): Promise<sdk.Notifications.NotificationCondition> {
    const module = new this.#models.Module();
    module.setAPIName(moduleName);
    const selection = new this.#models.Criteria();
    selection.setGroupOperator("or");
    selection.setGroup(await Promise.all(fieldNames.map(async name => this.#fieldCriteria(name))));
    const made = new this.#models.NotificationCondition();
    made.setType("field_selection");
    await made.setModule(module);
    await made.setFieldSelection(selection);
    return made;
  }

  async #fieldCriteria(name: string): Promise<sdk.Notifications.Criteria> {
    const field = new this.#models.Field();
    field.setAPIName(name);
    const criteria = new this.#models.Criteria();
    await criteria.setField(field);
    return criteria;
  }

  /** The results of a write, one per channel. */
  results(response: sdk.APIResponse): (sdk.Notifications.SuccessResponse | sdk.Notifications.APIException)[] {
    const answer = response.getObject();
    assert.ok(answer instanceof this.#models.ActionWrapper);
    return answer.getWatch();
  }

  /** The first result, which must be good. */
  success(response: sdk.APIResponse): sdk.Notifications.SuccessResponse {
    const [result] = this.results(response);
    assert.ok(result instanceof this.#models.SuccessResponse);
    return result;
  }

  /** The first result, which must be an error. */
  failure(response: sdk.APIResponse): sdk.Notifications.APIException {
    const [result] = this.results(response);
    assert.ok(result instanceof this.#models.APIException);
    return result;
  }

  /** What was granted, one per module. */
  eventsOf(result: sdk.Notifications.SuccessResponse): sdk.Notifications.Event[] {
    const events = result.getDetails().get("events");
    assert.ok(Array.isArray(events));
    return events.map((event: unknown) => {
      assert.ok(event instanceof this.#models.Event);
      return event;
    });
  }

  /** What GET answered, which must be a list. */
  list(response: sdk.APIResponse): {
    readonly channels: sdk.Notifications.Notification[];
    readonly info: sdk.Notifications.Info;
  } {
    const answer = response.getObject();
    assert.ok(answer instanceof this.#models.ResponseWrapper);
    return { channels: answer.getWatch(), info: answer.getInfo() };
  }
}
