import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import * as sdk from "@zohocrm/nodejs-sdk-8.0";
import { type Sandbox, createSandbox } from "../../src/sandbox/sandbox.ts";
import { RawZoho, at, itemsOf } from "../support/rawZoho.ts";
import { type SdkSession, openSdkSession } from "../support/zohoSdkSession.ts";

const { Notifications } = sdk;
const channelId = "9223372036854775783";
const notifyUrl = "http://127.0.0.1:9/in/abc?team=sales";

describe("Zoho's Node.js SDK 8.0 and the sandbox's watch API", () => {
  let sandbox: Sandbox;
  let session: SdkSession;
  let raw: RawZoho;
  const operations = new Notifications.NotificationsOperations();

  before(async () => {
    sandbox = await createSandbox();
    session = await openSdkSession(sandbox.url);
    raw = await RawZoho.signIn(sandbox.url);
  });
  afterEach(async () => {
    for (let ids = await channelIds(raw); ids.length > 0; ids = await channelIds(raw)) {
      await raw.call("DELETE", `actions/watch?channel_ids=${ids.slice(0, 50).join(",")}`);
    }
  });
  after(async () => {
    session.dispose();
    await sandbox.close();
  });

  it("reads 204 without a body as no subscriptions", async () => {
    const response = await operations.getNotifications();
    assert.equal(response.getStatusCode(), 204);
    assert.equal(response.getObject(), null);
  });

  it("enables notifications and reads one event per module, the channel id to the digit", async () => {
    const expiry = wholeSeconds(sandbox.clock.now() + 3 * 86_400_000);
    const response = await operations.enableNotifications(
      watch(channel({ events: ["Leads.all", "Deals.edit"], expiry })),
    );
    assert.equal(response.getStatusCode(), 201);
    const result = success(response);
    assert.equal(result.getCode().getValue(), "SUCCESS");
    assert.equal(result.getMessage().getValue(), "Successfully subscribed for actions-watch of the given module");
    const events = eventsOf(result);
    assert.deepEqual(
      events.map(event => event.getResourceName()),
      ["Leads", "Deals"],
    );
    assert.deepEqual(
      events.map(event => event.getChannelId()),
      [channelId, channelId],
    );
    assert.deepEqual(
      events.map(event => event.getChannelExpiry()?.getTime()),
      [expiry, expiry],
    );
    assert.ok(events.every(event => typeof event.getResourceId() === "bigint"));
  });

  it("lists subscriptions with every detail, `.all` written out", async () => {
    await operations.enableNotifications(
      watch(channel({ events: ["Leads.all"], token: "secret", affectedValues: true })),
    );
    const { channels, info } = list(await operations.getNotifications());
    const [listed] = channels;
    assert.ok(listed);
    assert.equal(listed.getChannelId(), channelId);
    assert.deepEqual(listed.getEvents(), ["Leads.create", "Leads.edit", "Leads.delete"]);
    assert.equal(listed.getNotifyUrl(), notifyUrl);
    assert.equal(listed.getToken(), "secret");
    assert.equal(listed.getReturnAffectedFieldValues(), true);
    assert.equal(listed.getNotifyOnRelatedAction(), true);
    assert.deepEqual([info.getPage(), info.getPerPage(), info.getCount(), info.getMoreRecords()], [1, 200, 1, false]);
  });

  it("lists one channel and one module by parameters", async () => {
    await operations.enableNotifications(
      watch(channel({ events: ["Leads.all", "Deals.all"] }), channel({ id: "42", events: ["Deals.create"] })),
    );
    const parameters = new sdk.ParameterMap();
    await parameters.add(Notifications.GetNotificationsParam.CHANNEL_ID, BigInt(channelId));
    await parameters.add(Notifications.GetNotificationsParam.MODULE, "Deals");
    const { channels } = list(await operations.getNotifications(parameters));
    assert.deepEqual(
      channels.map(each => [each.getChannelId(), each.getResourceName()]),
      [[channelId, "Deals"]],
    );
  });

  it("reads the second page of more than 200 subscriptions", async () => {
    const ids = Array.from({ length: 230 }, (_, index) => String(9_100_000_000_000_000_000n + BigInt(index)));
    for (let start = 0; start < ids.length; start += 50) {
      const channels = ids.slice(start, start + 50).map(id => channel({ id, events: ["Leads.edit"] }));
      assert.equal((await operations.enableNotifications(watch(...channels))).getStatusCode(), 201);
    }
    const first = list(await operations.getNotifications());
    assert.deepEqual([first.channels.length, first.info.getMoreRecords()], [200, true]);
    const parameters = new sdk.ParameterMap();
    await parameters.add(Notifications.GetNotificationsParam.PAGE, 2);
    await parameters.add(Notifications.GetNotificationsParam.PER_PAGE, 200);
    const second = list(await operations.getNotifications(parameters));
    assert.deepEqual([second.channels.length, second.info.getPage(), second.info.getMoreRecords()], [30, 2, false]);
    const seen = [...first.channels, ...second.channels].map(each => each.getChannelId());
    assert.deepEqual(seen, ids);
  });

  it("replaces all details of a channel by PUT", async () => {
    await operations.enableNotifications(watch(channel({ events: ["Leads.all"], token: "old" })));
    const response = await operations.updateNotifications(watch(channel({ events: ["Deals.edit"], token: "new" })));
    assert.equal(response.getStatusCode(), 200);
    assert.equal(
      success(response).getMessage().getValue(),
      "Successfully subscribed for actions-watch of the given module",
    );
    const { channels } = list(await operations.getNotifications());
    assert.deepEqual(
      channels.map(each => [each.getEvents(), each.getToken()]),
      [[["Deals.edit"], "new"]],
    );
  });

  it("changes details by PATCH and loses the token unless it is sent again", async () => {
    await operations.enableNotifications(watch(channel({ events: ["Leads.all"], token: "kept" })));
    const expiry = wholeSeconds(sandbox.clock.now() + 5 * 86_400_000);
    const renewed = await operations.updateNotification(
      watch(channel({ events: ["Leads.all"], token: "kept", expiry })),
    );
    assert.equal(renewed.getStatusCode(), 200);
    assert.equal(success(renewed).getMessage().getValue(), "Successfully updated the subscribe details");
    assert.equal(eventsOf(success(renewed))[0]?.getChannelExpiry()?.getTime(), expiry);
    assert.equal(list(await operations.getNotifications()).channels[0]?.getToken(), "kept");
    await operations.updateNotification(watch(channel({ events: ["Leads.all"], expiry })));
    assert.equal(list(await operations.getNotifications()).channels[0]?.getToken(), undefined);
  });

  it("drops single events by PATCH with _delete_events, and reads an answer without an expiry", async () => {
    await operations.enableNotifications(watch(channel({ events: ["Leads.all"], token: "kept" })));
    const dropped = new Notifications.Notification();
    dropped.setChannelId(channelId);
    dropped.setEvents(["Leads.edit"]);
    dropped.setDeleteEvents(new sdk.Choice(true));
    const response = await operations.disableNotification(watch(dropped));
    assert.equal(response.getStatusCode(), 200);
    assert.equal(success(response).getMessage().getValue(), "Successfully removed the subscribe details");
    assert.equal(eventsOf(success(response))[0]?.getChannelExpiry() ?? undefined, undefined);
    const { channels } = list(await operations.getNotifications());
    assert.deepEqual(
      channels.map(each => [each.getEvents(), each.getToken()]),
      [[["Leads.create", "Leads.delete"], "kept"]],
    );
  });

  it("drops a channel by DELETE and reads flat details, the id to the digit", async () => {
    await operations.enableNotifications(watch(channel({ events: ["Leads.all"] })));
    const parameters = new sdk.ParameterMap();
    await parameters.add(Notifications.DeleteNotificationParam.CHANNEL_IDS, BigInt(channelId));
    const response = await operations.deleteNotification(parameters);
    assert.equal(response.getStatusCode(), 200);
    assert.equal(success(response).getMessage().getValue(), "Successfully un-subscribed from actions-watch");
    assert.equal(String(success(response).getDetails().get("channel_id")), channelId);
    assert.equal((await operations.getNotifications()).getStatusCode(), 204);
  });

  it("sends a field condition of two fields and reads it back", async () => {
    const subscribed = channel({ events: ["Leads.edit"] });
    subscribed.setNotificationCondition([condition("Leads", ["Phone", "Email"])]);
    assert.equal((await operations.enableNotifications(watch(subscribed))).getStatusCode(), 201);
    const [read] = list(await operations.getNotifications()).channels[0]?.getNotificationCondition() ?? [];
    assert.equal(read?.getType(), "field_selection");
    const fields = read
      .getFieldSelection()
      .getGroup()
      .map(member => member.getField().getAPIName());
    assert.deepEqual(fields, ["Phone", "Email"]);
  });

  it("reads an error of one item as an APIException with code and details", async () => {
    const response = await operations.enableNotifications(watch(channel({ events: ["Unicorns.all"] })));
    assert.equal(response.getStatusCode(), 400);
    const error = failure(response);
    assert.equal(error.getCode().getValue(), "INVALID_DATA");
    assert.equal(error.getStatus().getValue(), "error");
    assert.deepEqual([...error.getDetails()], [["api_name", "events"]]);
  });

  it("reads success and error side by side in a mixed answer", async () => {
    const good = channel({ id: "1", events: ["Leads.all"] });
    const bad = channel({ id: "2", events: ["Leads.all"], token: "x".repeat(51) });
    const response = await operations.enableNotifications(watch(good, bad));
    assert.equal(response.getStatusCode(), 207);
    const [first, second] = results(response);
    assert.ok(first instanceof Notifications.SuccessResponse);
    assert.ok(second instanceof Notifications.APIException);
    assert.equal(second.getDetails().get("maximum_length"), 50);
  });

  it("reads NOT_SUBSCRIBED when it renews an expired channel", async () => {
    const expiry = sandbox.clock.now() + 10 * 60_000;
    await operations.enableNotifications(watch(channel({ events: ["Leads.all"], expiry })));
    sandbox.clock.advance(11 * 60_000);
    const response = await operations.updateNotification(watch(channel({ events: ["Leads.all"], token: "t" })));
    assert.equal(response.getStatusCode(), 400);
    assert.equal(failure(response).getCode().getValue(), "NOT_SUBSCRIBED");
    assert.equal(failure(response).getMessage(), "Not subscribed for actions-watch of the given channel");
  });

  it("reads an error of the whole request as an APIException", async () => {
    await raw.call("POST", "/sandbox/faults", { kind: "status", status: 401, path: "/crm/v8/actions/watch" });
    const response = await operations.getNotifications();
    const error = response.getObject();
    assert.equal(response.getStatusCode(), 401);
    assert.ok(error instanceof Notifications.APIException);
    assert.equal(error.getCode().getValue(), "INVALID_TOKEN");
  });
});

interface ChannelDraft {
  readonly id?: string;
  readonly events: string[];
  readonly token?: string;
  readonly expiry?: number;
  readonly affectedValues?: boolean;
}

function channel({
  id = channelId,
  events,
  token,
  expiry,
  affectedValues,
}: ChannelDraft): sdk.Notifications.Notification {
  const notification = new Notifications.Notification();
  notification.setChannelId(id);
  notification.setEvents(events);
  notification.setNotifyUrl(notifyUrl);
  if (token !== undefined) notification.setToken(token);
  if (expiry !== undefined) notification.setChannelExpiry(new Date(expiry));
  if (affectedValues !== undefined) notification.setReturnAffectedFieldValues(affectedValues);
  return notification;
}

function watch(...channels: sdk.Notifications.Notification[]): sdk.Notifications.BodyWrapper {
  const body = new Notifications.BodyWrapper();
  body.setWatch(channels);
  return body;
}

function condition(moduleName: string, fieldNames: readonly string[]): sdk.Notifications.NotificationCondition {
  const module = new Notifications.Module();
  module.setAPIName(moduleName);
  const selection = new Notifications.Criteria();
  selection.setGroupOperator("or");
  selection.setGroup(fieldNames.map(fieldCriteria));
  const made = new Notifications.NotificationCondition();
  made.setType("field_selection");
  made.setModule(module);
  made.setFieldSelection(selection);
  return made;
}

function fieldCriteria(name: string): sdk.Notifications.Criteria {
  const field = new Notifications.Field();
  field.setAPIName(name);
  const criteria = new Notifications.Criteria();
  criteria.setField(field);
  return criteria;
}

/** The ids on the first page of what the API lists. */
async function channelIds(raw: RawZoho): Promise<string[]> {
  const answer = await raw.call("GET", "actions/watch");
  return answer.status === 204
    ? []
    : [...new Set(itemsOf(answer, "watch").map(item => String(at(item, "channel_id"))))];
}

function results(response: sdk.APIResponse): (sdk.Notifications.SuccessResponse | sdk.Notifications.APIException)[] {
  const answer = response.getObject();
  assert.ok(answer instanceof Notifications.ActionWrapper);
  return answer.getWatch();
}

function success(response: sdk.APIResponse): sdk.Notifications.SuccessResponse {
  const [result] = results(response);
  assert.ok(result instanceof Notifications.SuccessResponse);
  return result;
}

function failure(response: sdk.APIResponse): sdk.Notifications.APIException {
  const [result] = results(response);
  assert.ok(result instanceof Notifications.APIException);
  return result;
}

function eventsOf(result: sdk.Notifications.SuccessResponse): sdk.Notifications.Event[] {
  const events = result.getDetails().get("events");
  assert.ok(Array.isArray(events));
  return events.map((event: unknown) => {
    assert.ok(event instanceof Notifications.Event);
    return event;
  });
}

function list(response: sdk.APIResponse): {
  readonly channels: sdk.Notifications.Notification[];
  readonly info: sdk.Notifications.Info;
} {
  const answer = response.getObject();
  assert.ok(answer instanceof Notifications.ResponseWrapper);
  return { channels: answer.getWatch(), info: answer.getInfo() };
}

function wholeSeconds(instant: number): number {
  return Math.floor(instant / 1000) * 1000;
}
