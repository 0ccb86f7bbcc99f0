import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { day } from "../../../src/base/clock.ts";
import { fail } from "../../../src/base/result.ts";
import { CreditGauge } from "../../../src/zoho/credits.ts";
import { networkProblem } from "../../../src/zoho/networkProblem.ts";
import type { SubscribeRequest } from "../../../src/zoho/subscription.ts";
import { ZohoClient } from "../../../src/zoho/zohoClient.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { CountedTokens, HeardShapes, aClient } from "./aClient.ts";
import { ScriptedTransport, errorOf, reply, valueOf } from "./scriptedTransport.ts";

const clock = new FakeClock(Date.UTC(2026, 0, 5, 9, 0, 0, 123));
const channelId = "1105420521999070702";

function clientOf(transport: ScriptedTransport): ZohoClient {
  return aClient(transport);
}

const request: SubscribeRequest = {
  channelId,
  events: ["Leads.create", "Deals.edit"],
  notifyUrl: "https://relay.example.com/in/x?a=1",
  expiresAt: clock.now() + day,
  token: "secret",
  notifyOnRelatedAction: false,
  returnAffectedFieldValues: true,
};

function granted(module: string, expiry = "2026-01-06T14:30:00+05:30"): unknown {
  return {
    channel_expiry: expiry,
    resource_uri: `https://www.zohoapis.eu/crm/v8/${module}`,
    resource_id: "4150868000000002175",
    resource_name: module,
    channel_id: channelId,
  };
}

function success(...modules: string[]): unknown {
  const events = modules.map(module => granted(module));
  return { code: "SUCCESS", details: { events }, message: "Successfully subscribed", status: "success" };
}

/** All of a list of channels, on one page. */
function wholeList(...watch: readonly unknown[]): unknown {
  return { watch, info: { more_records: false } };
}

const unsupportedModule = { code: "INVALID_DATA", details: { api_name: "events" }, message: "", status: "error" };

describe("ZohoClient.subscribe", () => {
  it("sends one item with ids as strings and an expiry without fractions of a second", async () => {
    const transport = new ScriptedTransport(reply(201, { watch: [success("Leads", "Deals")] }));
    valueOf(await clientOf(transport).subscribe(request));
    const sent = transport.request(0);
    assert.equal(`${sent.method} ${sent.url}`, "POST https://www.zohoapis.eu/crm/v8/actions/watch");
    assert.equal(sent.headers?.["authorization"], "Zoho-oauthtoken t1");
    assert.equal(sent.headers["content-type"], "application/json");
    assert.deepEqual(JSON.parse(sent.body ?? ""), {
      watch: [
        {
          channel_id: channelId,
          events: ["Leads.create", "Deals.edit"],
          notify_url: "https://relay.example.com/in/x?a=1",
          channel_expiry: "2026-01-06T09:00:00+00:00",
          token: "secret",
          notify_on_related_action: false,
          return_affected_field_values: true,
        },
      ],
    });
  });

  it("takes the expiry of the answer, per module and in the organisation's own offset", async () => {
    const transport = new ScriptedTransport(reply(201, { watch: [success("Leads", "Deals")] }));
    const outcome = valueOf(await clientOf(transport).subscribe(request));
    assert.deepEqual(
      outcome.granted.map(({ module, expiresAt }) => [module, expiresAt]),
      [
        ["Leads", Date.UTC(2026, 0, 6, 9)],
        ["Deals", Date.UTC(2026, 0, 6, 9)],
      ],
    );
    assert.equal(outcome.granted[0]?.channelId, channelId);
  });

  for (const status of [200, 201, 202, 207, 400]) {
    it(`tells what was granted and what was refused when both come with ${status}`, async () => {
      const transport = new ScriptedTransport(reply(status, { watch: [success("Leads"), unsupportedModule] }));
      const outcome = valueOf(await clientOf(transport).subscribe(request));
      assert.deepEqual(
        [outcome.granted.map(each => each.module), outcome.refused.map(each => each.code)],
        [["Leads"], ["INVALID_DATA"]],
      );
    });
  }

  it("fails with the reason when nothing was granted, though the status be good", async () => {
    const transport = new ScriptedTransport(reply(202, { watch: [unsupportedModule] }));
    const problem = errorOf(await clientOf(transport).subscribe(request));
    assert.ok(problem.kind === "invalid");
    assert.equal(problem.field, "events");
  });

  it("does not take an answer of another shape for success", async () => {
    const strange = [{ watch: [] }, { watch: [{ status: "success" }] }, { data: [] }, [], "<html>", '{"watch":[{"co'];
    for (const body of strange) {
      const problem = errorOf(await clientOf(new ScriptedTransport(reply(201, body))).subscribe(request));
      assert.equal(problem.kind, "unreadable", JSON.stringify(body));
    }
  });
});

describe("ZohoClient.subscribe when it is not known what became of the request", () => {
  const failed = reply(500, { code: "INTERNAL_ERROR", details: {}, message: "", status: "error" });

  it("looks for the channel, and asks once more where there is none", async () => {
    const transport = new ScriptedTransport(failed, reply(204, ""), reply(201, { watch: [success("Leads")] }));
    assert.equal(valueOf(await clientOf(transport).subscribe(request)).granted.length, 1);
    assert.deepEqual(
      transport.requests.map(({ method }) => method),
      ["POST", "GET", "POST"],
    );
    assert.equal(new URL(transport.request(1).url).searchParams.get("channel_id"), channelId);
    assert.equal(transport.request(2).body, transport.request(0).body);
  });

  const there = {
    ...(granted("Leads") as object),
    events: ["Leads.create", "Leads.edit"],
    notify_url: request.notifyUrl,
    token: request.token,
  };

  it("has made the channel where it is there as it was asked for", async () => {
    const transport = new ScriptedTransport(failed, reply(200, wholeList(there)));
    const { granted: modules, refused } = valueOf(await clientOf(transport).subscribe(request));
    assert.deepEqual(
      modules.map(({ module, expiresAt }) => [module, expiresAt]),
      [["Leads", Date.UTC(2026, 0, 6, 9)]],
    );
    assert.deepEqual(refused, []);
    assert.equal(transport.requests.length, 2);
  });

  it("asks once more where what is listed has ended", async () => {
    const ended = { ...there, channel_expiry: "2025-12-30T14:30:00+05:30" };
    const transport = new ScriptedTransport(
      failed,
      reply(200, wholeList(ended)),
      reply(201, { watch: [success("Leads")] }),
    );
    assert.equal(valueOf(await clientOf(transport).subscribe(request)).granted.length, 1);
    assert.equal(transport.requests.length, 3);
  });

  it("has made it by the name of its events where the list has another", async () => {
    const meetings = { ...there, resource_name: "Meetings", events: ["Events.create"] };
    const transport = new ScriptedTransport(failed, reply(200, wholeList(meetings)));
    const { granted: modules } = valueOf(
      await clientOf(transport).subscribe({ ...request, events: ["Events.create"] }),
    );
    assert.deepEqual(
      modules.map(({ module }) => module),
      ["Events"],
    );
  });

  it("asks no more where the channel is there by somebody else, or cannot be looked for", async () => {
    const others = [{ token: "another" }, { notify_url: "https://other.example.com" }, { events: ["Contacts.edit"] }];
    const nameless = { events: null };
    const odd = [...others.map(other => ({ ...there, ...other })), { ...there, channel_expiry: null }, nameless];
    for (const looked of [...odd.map(item => reply(200, wholeList(item))), failed]) {
      const transport = new ScriptedTransport(failed, looked);
      assert.equal(errorOf(await clientOf(transport).subscribe(request)).kind, "server");
      assert.equal(transport.requests.length, 2);
    }
  });
});

describe("ZohoClient.subscribe where the list is not complete", () => {
  it("makes no second channel", async () => {
    const other = { ...(granted("Leads") as object), channel_id: "7", events: [], notify_url: request.notifyUrl };
    const endless = reply(200, { watch: [other], info: { more_records: true } });
    const transport = new ScriptedTransport(reply(500, { code: "INTERNAL_ERROR" }), endless, endless);
    assert.equal(errorOf(await clientOf(transport).subscribe(request)).kind, "server");
  });
});

describe("ZohoClient's credits", () => {
  it("are what Zoho tells from half on, and unknown before and when a new day began", async () => {
    const credits = new CreditGauge();
    const told: (number | undefined)[] = [];
    credits.onDidChange(remaining => told.push(remaining));
    const header = (value: string): Readonly<Record<string, string>> => ({ "x-api-credits-remaining": value });
    const transport = new ScriptedTransport(
      reply(204, ""),
      reply(204, "", header("2400")),
      reply(500, "", {}),
      reply(204, "", header("2398")),
      reply(204, "", header("many")),
    );
    const tokens = new CountedTokens();
    const client = new ZohoClient({ apiDomain: "https://www.zohoapis.eu", tokens, transport, clock, credits });
    for (let call = 0; call < 5; call++) await client.listSubscriptions();
    assert.deepEqual(told, [2400, 2398, undefined]);
  });
});

describe("ZohoClient.listSubscriptions", () => {
  const item = {
    channel_id: channelId,
    channel_expiry: "2026-01-06T14:30:00+05:30",
    resource_uri: "https://www.zohoapis.eu/crm/v2/Leads",
    resource_id: "4150868000000002175",
    resource_name: "Leads",
    notify_url: "https://x.example.com",
    events: ["Leads.create"],
    token: null,
    fields: null,
    notification_condition: null,
    notify_on_related_action: false,
    return_affected_field_values: true,
  };

  it("reads what Zoho leaves null as not there", async () => {
    const all = valueOf(
      await clientOf(new ScriptedTransport(reply(200, wholeList(item)))).listSubscriptions(),
    ).subscriptions;
    assert.deepEqual(all, [
      {
        channelId,
        module: "Leads",
        events: ["Leads.create"],
        expiresAt: Date.UTC(2026, 0, 6, 9),
        notifyUrl: "https://x.example.com",
        notifyOnRelatedAction: false,
        returnAffectedFieldValues: true,
        resourceId: "4150868000000002175",
        resourceUri: "https://www.zohoapis.eu/crm/v2/Leads",
      },
    ]);
  });

  it("keeps a channel id to the digit though it come as a number", async () => {
    const text = JSON.stringify(wholeList(item)).replace(`"${channelId}"`, channelId);
    const all = valueOf(await clientOf(new ScriptedTransport(reply(200, text))).listSubscriptions()).subscriptions;
    assert.equal(all[0]?.channelId, channelId);
  });

  it("gives no half list when a later page fails", async () => {
    const first = { watch: [item], info: { more_records: true } };
    const transport = new ScriptedTransport(reply(200, first), reply(500, { code: "INTERNAL_ERROR" }));
    assert.equal(errorOf(await clientOf(transport).listSubscriptions()).kind, "server");
  });
});

describe("ZohoClient's changes", () => {
  it("renews with events and token every time", async () => {
    const transport = new ScriptedTransport(reply(200, { watch: [success("Leads")] }));
    const renewal = {
      channelId,
      events: ["Leads.create"],
      notifyUrl: request.notifyUrl,
      token: "secret",
      expiresAt: clock.now(),
    };
    valueOf(await clientOf(transport).renewSubscription(renewal));
    assert.equal(transport.request(0).method, "PATCH");
    assert.deepEqual(JSON.parse(transport.request(0).body ?? ""), {
      watch: [
        {
          channel_id: channelId,
          events: ["Leads.create"],
          notify_url: request.notifyUrl,
          channel_expiry: "2026-01-05T09:00:00+00:00",
          token: "secret",
        },
      ],
    });
  });

  it("says that an expired channel must be made again", async () => {
    const expired = { code: "NOT_SUBSCRIBED", details: { channel_id: channelId }, message: "", status: "error" };
    const transport = new ScriptedTransport(reply(400, { watch: [expired] }));
    const renewal = { channelId, events: [], notifyUrl: request.notifyUrl, token: undefined, expiresAt: clock.now() };
    const problem = errorOf(await clientOf(transport).renewSubscription(renewal));
    assert.deepEqual([problem.kind, problem.remedy], ["not-subscribed", "recreate-subscription"]);
  });

  it("replaces with PUT and takes events away with a PATCH that says so", async () => {
    const transport = new ScriptedTransport(
      reply(200, { watch: [success("Leads")] }),
      reply(200, { watch: [{ code: "SUCCESS", details: {}, message: "", status: "success" }] }),
    );
    const client = clientOf(transport);
    valueOf(await client.updateSubscription(request));
    valueOf(
      await client.removeEvents({ channelId, events: ["Leads.create"], notifyUrl: request.notifyUrl, token: "secret" }),
    );
    assert.deepEqual(
      transport.requests.map(({ method }) => method),
      ["PUT", "PATCH"],
    );
    assert.deepEqual(JSON.parse(transport.request(1).body ?? ""), {
      watch: [
        {
          channel_id: channelId,
          events: ["Leads.create"],
          notify_url: request.notifyUrl,
          token: "secret",
          _delete_events: true,
        },
      ],
    });
  });
});

describe("ZohoClient's grants of which the answer does not say until when", () => {
  const renewal = {
    ...{ channelId, events: ["Leads.create", "Deals.edit"], notifyUrl: request.notifyUrl, token: "secret" },
    expiresAt: clock.now() + day,
  };
  const timeless = { ...(granted("Leads") as object), channel_expiry: null };
  const listed = (module: string, id = channelId): object => ({
    ...{ ...(granted(module) as object), channel_id: id, channel_expiry: "2026-01-09T09:00:00+00:00" },
    ...{ notify_url: request.notifyUrl, events: [`${module}.create`], token: "secret" },
  });
  const renewed = (...events: readonly unknown[]): unknown => ({
    status: "success",
    code: "SUCCESS",
    details: { events },
  });

  it("have the expiry that the list tells", async () => {
    const transport = new ScriptedTransport(
      reply(200, { watch: [renewed(timeless, granted("Deals"))] }),
      reply(200, wholeList(listed("Leads"), listed("Deals"))),
    );
    const outcome = valueOf(await clientOf(transport).renewSubscription(renewal));
    assert.deepEqual(
      outcome.granted.map(({ module, expiresAt }) => [module, expiresAt]),
      [
        ["Leads", Date.UTC(2026, 0, 9, 9)],
        ["Deals", Date.UTC(2026, 0, 6, 9)],
      ],
    );
    assert.deepEqual(outcome.refused, []);
    assert.equal(new URL(transport.request(1).url).searchParams.get("channel_id"), channelId);
  });

  it("are not known where the list does not tell either", async () => {
    const steps = [reply(200, wholeList(listed("Deals"))), reply(204, ""), reply(500, "")];
    for (const looked of steps) {
      const some = new ScriptedTransport(reply(200, { watch: [renewed(timeless, granted("Deals"))] }), looked);
      const outcome = valueOf(await clientOf(some).renewSubscription(renewal));
      assert.deepEqual(
        outcome.granted.map(({ module }) => module),
        ["Deals"],
      );
      assert.deepEqual(
        outcome.refused.map(({ code }) => code),
        ["UNANSWERED"],
      );
      const none = new ScriptedTransport(reply(200, { watch: [renewed(timeless)] }), looked);
      assert.equal(errorOf(await clientOf(none).renewSubscription(renewal)).code, "UNANSWERED");
    }
  });

  it("are looked up with one list for all channels of a request", async () => {
    const other = { ...timeless, channel_id: "7" };
    const transport = new ScriptedTransport(
      reply(200, { watch: [renewed(timeless), renewed(other)] }),
      reply(200, wholeList(listed("Leads"), listed("Leads", "7"))),
    );
    const events = ["Leads.create"];
    const both = [channelId, "7"].map(id => ({ ...renewal, channelId: id, events }));
    const outcomes = valueOf(await clientOf(transport).renewMany(both));
    assert.deepEqual(
      [...outcomes.values()].map(each => valueOf(each).granted.length),
      [1, 1],
    );
    assert.equal(new URL(transport.request(1).url).searchParams.get("channel_id"), null);
    const half = new ScriptedTransport(
      reply(200, { watch: [renewed(timeless), renewed(other)] }),
      reply(200, wholeList(listed("Leads", "7"))),
    );
    const oks = [...valueOf(await clientOf(half).renewMany(both)).values()].map(({ ok }) => ok);
    assert.deepEqual(oks, [false, true]);
  });
});

describe("ZohoClient.unsubscribe", () => {
  const gone = (id: string): unknown => ({ code: "SUCCESS", details: { channel_id: id }, status: "success" });
  const watchOf = (ids: readonly string[]): unknown => ({ watch: ids.map(gone) });

  it("asks with requests that Zoho takes, and gives the failure of one to its channels alone", async () => {
    const ids = Array.from({ length: 51 }, (_, index) => String(index));
    const transport = new ScriptedTransport(
      reply(200, watchOf(ids.slice(0, 50))),
      reply(500, { code: "INTERNAL_ERROR" }),
    );
    const outcomes = valueOf(await clientOf(transport).unsubscribe(ids));
    assert.equal([...outcomes.values()].filter(outcome => outcome.ok).length, 50);
    const last = outcomes.get("50");
    assert.ok(last !== undefined);
    assert.equal(errorOf(last).kind, "server");
    assert.equal(new URL(transport.request(1).url).searchParams.get("channel_ids"), "50");
  });

  it("fails as a whole where the first request does", async () => {
    const transport = new ScriptedTransport(reply(500, { code: "INTERNAL_ERROR" }));
    assert.equal(errorOf(await clientOf(transport).unsubscribe(["1", "2"])).kind, "server");
  });

  it("tells an observer of an answer that leaves something open", async () => {
    const shapes = new HeardShapes();
    const transport = new ScriptedTransport(reply(200, watchOf(["1"])), reply(200, watchOf(["1", "2"])));
    const client = aClient(transport, { shapes });
    await client.unsubscribe(["1", "2"]);
    await client.unsubscribe(["1", "2"]);
    assert.deepEqual(shapes.heard, [["DELETE /actions/watch", watchOf(["1"])]]);
  });
});

describe("ZohoClient.removeEvents", () => {
  const removal = { channelId, events: ["Leads.create"], notifyUrl: request.notifyUrl, token: "secret" };

  it("is done where Zoho says so, and open where it says nothing", async () => {
    const refused = { code: "NOT_SUBSCRIBED", details: {}, message: "", status: "error" };
    const removed = { code: "SUCCESS", details: { events: [] }, status: "SUCCESS" };
    const codeOf = async (status: number, body: unknown): Promise<string> => {
      const outcome = await clientOf(new ScriptedTransport(reply(status, body))).removeEvents(removal);
      return outcome.ok ? "done" : outcome.error.code;
    };
    assert.equal(await codeOf(200, { watch: [removed] }), "done");
    assert.equal(await codeOf(207, { watch: [removed, refused] }), "NOT_SUBSCRIBED");
    assert.equal(await codeOf(200, { watch: [] }), "UNANSWERED");
    assert.equal(await codeOf(204, ""), "UNANSWERED");
  });
});

describe("ZohoClient's metadata", () => {
  it("reads modules, fields, organisation and user", async () => {
    const flags = { api_supported: true, creatable: true, editable: false, deletable: false };
    const transport = new ScriptedTransport(
      reply(200, { modules: [{ id: "1", api_name: "Leads", plural_label: "Prospects", ...flags }] }),
      reply(200, { fields: [{ id: "2", api_name: "Phone", field_label: "Phone", data_type: "phone" }] }),
      reply(200, { org: [{ id: "3", company_name: "Hearth Homes", type: "sandbox" }] }),
      reply(200, { users: [{ id: "4", full_name: "Ines Holm", email: "ines@example.com" }] }),
    );
    const client = clientOf(transport);
    assert.deepEqual(valueOf(await client.modules()).items[0], {
      id: "1",
      apiName: "Leads",
      singularLabel: "Leads",
      pluralLabel: "Prospects",
      apiSupported: true,
      creatable: true,
      editable: false,
      deletable: false,
      generatedType: "default",
    });
    assert.equal(valueOf(await client.fields("Leads")).items[0]?.dataType, "phone");
    assert.deepEqual(valueOf(await client.organization()), { id: "3", name: "Hearth Homes", type: "Sandbox" });
    assert.deepEqual(valueOf(await client.currentUser()), { id: "4", name: "Ines Holm", email: "ines@example.com" });
    assert.deepEqual(
      transport.requests.map(({ url }) => url.slice("https://www.zohoapis.eu/crm/v8".length)),
      ["/settings/modules", "/settings/fields?module=Leads", "/org", "/users?type=CurrentUser"],
    );
  });

  it("counts an organisation of unknown type as one that people work in", async () => {
    const transport = new ScriptedTransport(reply(200, { org: [{ id: "3", company_name: "Hearth Homes" }] }));
    assert.equal(valueOf(await clientOf(transport).organization()).type, "Production");
  });
});

describe("ZohoClient offline", () => {
  it("offers to start a server that is ours to start", async () => {
    const offline = (): ReturnType<typeof fail<ReturnType<typeof networkProblem>>> =>
      fail(networkProblem("ECONNREFUSED", "127.0.0.1:4000"));
    const transport = new ScriptedTransport(offline);
    const options = { apiDomain: "http://127.0.0.1:4000", tokens: new CountedTokens(), transport, clock };
    const client = new ZohoClient({ ...options, remedyWhenOffline: "start-sandbox" });
    const problem = errorOf(await client.organization());
    assert.equal(problem.remedy, "start-sandbox");
    assert.match(problem.message, /^Nothing is listening at 127\.0\.0\.1:4000\./);
  });
});
