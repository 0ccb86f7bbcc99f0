import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type * as Sdk from "@zohocrm/nodejs-sdk-8.0";
import { type Sandbox, createSandbox } from "../../src/sandbox/sandbox.ts";
import { RawZoho, at, itemsOf } from "../support/rawZoho.ts";
import { type SdkSession, openSdkSession } from "../support/zohoSdkSession.ts";
import { SdkWatchModels, watchedChannel, watchedUrl } from "../support/zohoSdkWatch.ts";
import { zohoSdks } from "../support/zohoSdks.ts";

for (const { name, api, sdk, dropEvents } of zohoSdks) {
  describe(`${name} and the sandbox's watch API`, () => {
    const { Notifications } = sdk;
    const models = new SdkWatchModels(sdk);
    let sandbox: Sandbox;
    let session: SdkSession;
    let raw: RawZoho;
    const operations = new Notifications.NotificationsOperations();

    before(async () => {
      sandbox = await createSandbox();
      session = await openSdkSession(sandbox.url, undefined, sdk);
      raw = await RawZoho.signIn(sandbox.url);
    });
    afterEach(async () => {
      for (let ids = await channelIds(raw); ids.length > 0; ids = await channelIds(raw)) {
        await raw.call("DELETE", `actions/watch?channel_ids=${ids.slice(0, idsPerDelete).join(",")}`);
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
        models.watch(models.channel({ events: ["Leads.all", "Deals.edit"], expiry })),
      );
      assert.equal(response.getStatusCode(), 201);
      const result = models.success(response);
      assert.equal(result.getCode().getValue(), "SUCCESS");
      assert.equal(result.getMessage().getValue(), "Successfully subscribed for actions-watch of the given module");
      const events = models.eventsOf(result);
      assert.deepEqual(
        events.map(event => event.getResourceName()),
        ["Leads", "Deals"],
      );
      assert.deepEqual(
        events.map(event => event.getChannelId()),
        [watchedChannel, watchedChannel],
      );
      assert.deepEqual(
        events.map(event => event.getChannelExpiry()?.getTime()),
        [expiry, expiry],
      );
      assert.ok(events.every(event => typeof event.getResourceId() === "bigint"));
    });

    it("lists subscriptions with every detail, `.all` written out", async () => {
      await operations.enableNotifications(
        models.watch(models.channel({ events: ["Leads.all"], token: "secret", affectedValues: true })),
      );
      const { channels, info } = models.list(await operations.getNotifications());
      const [listed] = channels;
      assert.ok(listed);
      assert.equal(listed.getChannelId(), watchedChannel);
      assert.deepEqual(listed.getEvents(), ["Leads.create", "Leads.edit", "Leads.delete"]);
      assert.equal(listed.getNotifyUrl(), watchedUrl);
      assert.equal(listed.getToken(), "secret");
      assert.equal(listed.getReturnAffectedFieldValues(), true);
      assert.equal(listed.getNotifyOnRelatedAction(), true);
      assert.deepEqual([info.getPage(), info.getPerPage(), info.getCount(), info.getMoreRecords()], [1, 200, 1, false]);
    });

    it("lists one channel and one module by parameters", async () => {
      await operations.enableNotifications(
        models.watch(
          models.channel({ events: ["Leads.all", "Deals.all"] }),
          models.channel({ id: "42", events: ["Deals.create"] }),
        ),
      );
      const parameters = new sdk.ParameterMap();
      await parameters.add(Notifications.GetNotificationsParam.CHANNEL_ID, BigInt(watchedChannel));
      await parameters.add(Notifications.GetNotificationsParam.MODULE, "Deals");
      const { channels } = models.list(await operations.getNotifications(parameters));
      assert.deepEqual(
        channels.map(each => [each.getChannelId(), each.getResourceName()]),
        [[watchedChannel, "Deals"]],
      );
    });

    it("reads the second page of more than 200 subscriptions", async () => {
      const ids = Array.from({ length: 230 }, (_, index) => String(9_100_000_000_000_000_000n + BigInt(index)));
      for (let start = 0; start < ids.length; start += 50) {
        const channels = ids.slice(start, start + 50).map(id => models.channel({ id, events: ["Leads.edit"] }));
        assert.equal((await operations.enableNotifications(models.watch(...channels))).getStatusCode(), 201);
      }
      const first = models.list(await operations.getNotifications());
      assert.deepEqual([first.channels.length, first.info.getMoreRecords()], [200, true]);
      const parameters = new sdk.ParameterMap();
      await parameters.add(Notifications.GetNotificationsParam.PAGE, 2);
      await parameters.add(Notifications.GetNotificationsParam.PER_PAGE, 200);
      const second = models.list(await operations.getNotifications(parameters));
      assert.deepEqual([second.channels.length, second.info.getPage(), second.info.getMoreRecords()], [30, 2, false]);
      const seen = [...first.channels, ...second.channels].map(each => each.getChannelId());
      assert.deepEqual(seen, ids);
    });

    it("replaces all details of a channel by PUT", async () => {
      await operations.enableNotifications(models.watch(models.channel({ events: ["Leads.all"], token: "old" })));
      const response = await operations.updateNotifications(
        models.watch(models.channel({ events: ["Deals.edit"], token: "new" })),
      );
      assert.equal(response.getStatusCode(), 200);
      assert.equal(
        models.success(response).getMessage().getValue(),
        "Successfully subscribed for actions-watch of the given module",
      );
      const { channels } = models.list(await operations.getNotifications());
      assert.deepEqual(
        channels.map(each => [each.getEvents(), each.getToken()]),
        [[["Deals.edit"], "new"]],
      );
    });

    it("changes details by PATCH and loses the token unless it is sent again", async () => {
      await operations.enableNotifications(models.watch(models.channel({ events: ["Leads.all"], token: "kept" })));
      const expiry = wholeSeconds(sandbox.clock.now() + 5 * 86_400_000);
      const renewed = await operations.updateNotification(
        models.watch(models.channel({ events: ["Leads.all"], token: "kept", expiry })),
      );
      assert.equal(renewed.getStatusCode(), 200);
      assert.equal(models.success(renewed).getMessage().getValue(), "Successfully updated the subscribe details");
      assert.equal(models.eventsOf(models.success(renewed))[0]?.getChannelExpiry()?.getTime(), expiry);
      assert.equal(models.list(await operations.getNotifications()).channels[0]?.getToken(), "kept");
      await operations.updateNotification(models.watch(models.channel({ events: ["Leads.all"], expiry })));
      assert.equal(models.list(await operations.getNotifications()).channels[0]?.getToken(), undefined);
    });

    it("drops single events by PATCH with _delete_events, and reads an answer without an expiry", async () => {
      await operations.enableNotifications(models.watch(models.channel({ events: ["Leads.all"], token: "kept" })));
      const dropped = new Notifications.Notification();
      dropped.setChannelId(watchedChannel);
      dropped.setEvents(["Leads.edit"]);
      dropped.setNotifyUrl(watchedUrl);
      dropEvents(dropped);
      const response = await operations.disableNotification(models.watch(dropped));
      assert.equal(response.getStatusCode(), 200);
      assert.equal(models.success(response).getMessage().getValue(), "Successfully removed the subscribe details");
      assert.equal(models.eventsOf(models.success(response))[0]?.getChannelExpiry() ?? undefined, undefined);
      const { channels } = models.list(await operations.getNotifications());
      assert.deepEqual(
        channels.map(each => [each.getEvents(), each.getToken()]),
        [[["Leads.create", "Leads.delete"], "kept"]],
      );
    });

    it("drops a channel by DELETE and reads flat details, the id to the digit", async () => {
      await operations.enableNotifications(models.watch(models.channel({ events: ["Leads.all"] })));
      const parameters = new sdk.ParameterMap();
      await parameters.add(Notifications.DeleteNotificationParam.CHANNEL_IDS, BigInt(watchedChannel));
      const response = await operations.deleteNotification(parameters);
      assert.equal(response.getStatusCode(), 200);
      assert.equal(models.success(response).getMessage().getValue(), "Successfully un-subscribed from actions-watch");
      assert.equal(String(models.success(response).getDetails().get("channel_id")), watchedChannel);
      assert.equal((await operations.getNotifications()).getStatusCode(), 204);
    });

    it("sends a field condition of two fields and reads it back", async () => {
      const subscribed = models.channel({ events: ["Leads.edit"] });
      subscribed.setNotificationCondition([await models.condition("Leads", ["Phone", "Email"])]);
      assert.equal((await operations.enableNotifications(models.watch(subscribed))).getStatusCode(), 201);
      const [read] = models.list(await operations.getNotifications()).channels[0]?.getNotificationCondition() ?? [];
      assert.equal(read?.getType(), "field_selection");
      const fields = read
        .getFieldSelection()
        .getGroup()
        .map(member => member.getField().getAPIName());
      assert.deepEqual(fields, ["Phone", "Email"]);
    });

    it("reads an error of one item as an APIException with code and details", async () => {
      const response = await operations.enableNotifications(models.watch(models.channel({ events: ["Unicorns.all"] })));
      assert.equal(response.getStatusCode(), 400);
      const error = models.failure(response);
      assert.equal(error.getCode().getValue(), "INVALID_DATA");
      assert.equal(error.getStatus().getValue(), "error");
      assert.deepEqual([...error.getDetails()], [["api_name", "events"]]);
    });

    it("reads success and error side by side in a mixed answer", async () => {
      const good = models.channel({ id: "1", events: ["Leads.all"] });
      const bad = models.channel({ id: "2", events: ["Leads.all"], token: "x".repeat(51) });
      const response = await operations.enableNotifications(models.watch(good, bad));
      assert.equal(response.getStatusCode(), 207);
      const [first, second] = models.results(response);
      assert.ok(first instanceof Notifications.SuccessResponse);
      assert.ok(second instanceof Notifications.APIException);
      assert.equal(second.getDetails().get("maximum_length"), 50);
    });

    it("reads NOT_SUBSCRIBED when it renews an expired channel", async () => {
      const expiry = sandbox.clock.now() + 10 * 60_000;
      await operations.enableNotifications(models.watch(models.channel({ events: ["Leads.all"], expiry })));
      sandbox.clock.advance(11 * 60_000);
      const response = await operations.updateNotification(
        models.watch(models.channel({ events: ["Leads.all"], token: "t" })),
      );
      assert.equal(response.getStatusCode(), 400);
      assert.equal(models.failure(response).getCode().getValue(), "NOT_SUBSCRIBED");
      assert.equal(models.failure(response).getMessage(), "Not subscribed for actions-watch of the given channel");
    });

    it("sends nested groups of a condition and reads them back", async () => {
      const draft = models.channel({ events: ["Leads.edit"] });
      const condition = await models.condition("Leads", ["Phone", "Email"]);
      const [phone, email] = condition.getFieldSelection().getGroup();
      assert.ok(phone && email);
      const inner = (await models.condition("Leads", ["Company", "City"])).getFieldSelection();
      condition.getFieldSelection().setGroup([phone, inner]);
      draft.setNotificationCondition([condition]);
      assert.equal((await operations.enableNotifications(models.watch(draft))).getStatusCode(), 201);
      const [read] = models.list(await operations.getNotifications()).channels[0]?.getNotificationCondition() ?? [];
      const [, group] = read?.getFieldSelection().getGroup() ?? [];
      assert.deepEqual(
        group?.getGroup().map(member => member.getField().getAPIName()),
        ["Company", "City"],
      );
    });

    const refusals: readonly (readonly [
      code: string,
      details: readonly string[],
      spoil: (channel: Sdk.Notifications.Notification) => void | Promise<void>,
    ])[] = [
      ["INVALID_DATA", ["events"], channel => channel.setEvents(["Unicorns.all"])],
      ["INVALID_DATA", ["token"], channel => channel.setToken("x".repeat(51))],
      ["INVALID_DATA", ["notify_url"], channel => channel.setNotifyUrl("not an address")],
      ["INVALID_DATA", ["channel_expiry"], channel => channel.setChannelExpiry(new Date(0))],
      ["INVALID_DATA", ["module"], async channel => setCondition(channel, { module: false })],
      ["DEPENDENT_FIELD_MISSING", ["field_selection"], async channel => setCondition(channel, { selection: false })],
      ["EXPECTED_FIELD_MISSING", ["api_name", "id"], async channel => setCondition(channel, { moduleName: false })],
      ["AMBIGUITY_DURING_PROCESSING", ["api_name", "id"], async channel => setCondition(channel, { moduleId: true })],
    ];
    for (const [code, names, spoil] of refusals) {
      it(`reads ${code} about ${names.join(" and ")} as an APIException`, async () => {
        const spoilt = models.channel({ events: ["Leads.edit"] });
        await spoil(spoilt);
        const response = await operations.enableNotifications(models.watch(spoilt));
        assert.equal(response.getStatusCode(), 400);
        const error = models.failure(response);
        assert.equal(error.getCode().getValue(), code);
        assert.equal(error.getStatus().getValue(), "error");
        const details = error.getDetails();
        const listed = details.get("expected_fields") ?? details.get("ambiguity_due_to");
        const members: readonly unknown[] = Array.isArray(listed) ? listed : [details];
        assert.deepEqual(
          members.map(member => (member instanceof Map ? (member.get("api_name") as unknown) : member)),
          names,
        );
      });
    }

    it("reads MANDATORY_NOT_FOUND for a channel without an address", async () => {
      const draft = new Notifications.Notification();
      draft.setChannelId(watchedChannel);
      draft.setEvents(["Leads.edit"]);
      const error = models.failure(await operations.enableNotifications(models.watch(draft)));
      assert.equal(error.getCode().getValue(), "MANDATORY_NOT_FOUND");
      assert.equal(error.getDetails().get("api_name"), "notify_url");
    });

    it("reads NOT_SUBSCRIBED when it deletes a channel that is not there", async () => {
      const parameters = new sdk.ParameterMap();
      await parameters.add(Notifications.DeleteNotificationParam.CHANNEL_IDS, 42n);
      const error = models.failure(await operations.deleteNotification(parameters));
      assert.equal(error.getCode().getValue(), "NOT_SUBSCRIBED");
    });

    const failures = [
      [401, "INVALID_TOKEN"],
      [404, "INVALID_URL_PATTERN"],
      [429, "TOO_MANY_REQUESTS"],
      [500, "INTERNAL_ERROR"],
    ] as const;
    for (const [status, code] of failures) {
      it(`reads ${code} for the whole request as an APIException`, async () => {
        // The SDK itself tries some of them again.
        const fault = { kind: "status", status, path: `/crm/v${api}/actions/watch`, times: "always" };
        await raw.call("POST", "/sandbox/faults", fault);
        const response = await operations.getNotifications();
        await raw.call("DELETE", "/sandbox/faults");
        const error = response.getObject();
        assert.equal(response.getStatusCode(), status);
        assert.ok(error instanceof Notifications.APIException);
        assert.equal(error.getCode().getValue(), code);
        assert.ok(error.getMessage().length > 0);
      });
    }

    async function setCondition(
      channel: Sdk.Notifications.Notification,
      changes: {
        readonly selection?: false;
        readonly module?: false;
        readonly moduleName?: false;
        readonly moduleId?: true;
      },
    ): Promise<void> {
      const condition = new Notifications.NotificationCondition();
      const whole = await models.condition("Leads", ["Phone", "Email"]);
      condition.setType("field_selection");
      if (changes.selection !== false) await condition.setFieldSelection(whole.getFieldSelection());
      const module = changes.moduleName === false ? new Notifications.Module() : whole.getModule();
      if (changes.moduleId === true) module.setId(9_000_000_000_000_000_001n);
      if (changes.module !== false) await condition.setModule(module);
      channel.setNotificationCondition([condition]);
    }
  });
}

/** So many of the longest ids fit into the 512 characters of the parameter. */
const idsPerDelete = 25;

/** The ids on the first page of what the API lists. */
async function channelIds(raw: RawZoho): Promise<string[]> {
  const answer = await raw.call("GET", "actions/watch");
  return answer.status === 204
    ? []
    : [...new Set(itemsOf(answer, "watch").map(item => String(at(item, "channel_id"))))];
}

function wholeSeconds(instant: number): number {
  return Math.floor(instant / 1000) * 1000;
}
