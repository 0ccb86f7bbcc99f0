import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { day } from "../../../src/base/clock.ts";
import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import { problemOfAnswer } from "../../../src/zoho/apiProblem.ts";
import { AxiosTransport } from "../../../src/zoho/axiosTransport.ts";
import type { HttpAnswer } from "../../../src/zoho/httpTransport.ts";
import { OAuthClient } from "../../../src/zoho/oauth.ts";
import type { ZohoProblem } from "../../../src/zoho/problem.ts";
import { readSubscribeAnswer } from "../../../src/zoho/subscribeAnswer.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { type RawAnswer, RawZoho } from "../../support/rawZoho.ts";
import { errorOf, valueOf } from "../../unit/zoho/scriptedTransport.ts";
import { control, signedIn, startSandbox } from "./editorWindow.ts";

const clock = new FakeClock();

/** A field condition of one field, as the watch API takes it, with something changed. */
function condition(changes: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const module = { api_name: "Leads" };
  const field_selection = { field: { api_name: "Phone" } };
  return { notification_condition: [{ type: "field_selection", module, field_selection, ...changes }] };
}

/** Items of a subscription that the sandbox refuses, its code, and the sentence that a person gets to see. */
const refusedItems: readonly (readonly [code: string, item: Readonly<Record<string, unknown>>, says: string])[] = [
  ["MANDATORY_NOT_FOUND", { notify_url: undefined }, "Zoho needs a value for “notify_url”. Fill it in and try again."],
  [
    "INVALID_DATA",
    { events: ["Unicorns.all"] },
    "Zoho cannot notify about one of the chosen modules. Leave out modules that are not in use or not supported.",
  ],
  [
    "INVALID_DATA",
    { token: "x".repeat(51) },
    "Zoho takes at most 50 characters for “token”. Shorten it and try again.",
  ],
  [
    "INVALID_DATA",
    { channel_expiry: "2026-01-06T09:00:00.123+00:00" },
    "Zoho does not accept the expiry. Choose a time from now to at most one week ahead.",
  ],
  [
    "INVALID_DATA",
    { notify_url: "not an address" },
    "Zoho does not accept the address for notifications. Use a public HTTPS address of at most 255 characters.",
  ],
  [
    "INVALID_DATA",
    { channel_id: "not a number" },
    "Zoho does not accept the channel ID. It must be a whole number of at most 64 bits.",
  ],
  [
    "INVALID_DATA",
    { events: "Leads.all" },
    "Zoho expects “events” in another form: jsonarray. Change it and try again.",
  ],
  [
    "INVALID_DATA",
    condition({ type: "weather" }),
    "Zoho does not know this value of “type”. Choose one of: field_selection.",
  ],
  [
    "EXPECTED_FIELD_MISSING",
    condition({ module: {} }),
    "Zoho needs at least one of these: “module.api_name”, “module.id”. Add one and try again.",
  ],
  [
    "DEPENDENT_FIELD_MISSING",
    condition({ field_selection: undefined }),
    "Zoho needs “field_selection” together with “notification_condition.type”. Add it and try again.",
  ],
  [
    "INVALID_DATA",
    condition({ module: undefined }),
    "Zoho does not accept the value of “module”. Change it and try again.",
  ],
  [
    "AMBIGUITY_DURING_PROCESSING",
    condition({ module: { api_name: "Leads", id: "1" } }),
    "These contradict each other: “module.api_name”, “module.id”. Keep only one of them and try again.",
  ],
];

const asked = { channelId: "42", events: ["Leads.all"] };
const good = { channel_id: "42", events: ["Leads.all"], notify_url: "http://127.0.0.1:9/in/abc" };

describe("what a person reads when the sandbox refuses a subscription", () => {
  for (const [code, changes, says] of refusedItems) {
    it(`${code} for ${JSON.stringify(changes)}`, async test => {
      const { url } = await startSandbox(test);
      const zoho = await RawZoho.signIn(url);
      const refused = await zoho.call("POST", "actions/watch", { watch: [{ ...good, ...changes }] });
      const told = valueOf(readSubscribeAnswer(toHttpAnswer(refused), [asked], clock)).get(asked.channelId);
      assert.ok(told !== undefined);
      const problem = errorOf(told);
      assert.deepEqual([problem.code, problem.message], [code, says]);
    });
  }

  it("NOT_SUBSCRIBED for a channel that is gone", async test => {
    const { clients, id } = await signedIn(test);
    const renewal = {
      channelId: "42",
      events: ["Leads.all"],
      notifyUrl: "https://x.example.com",
      token: undefined,
      expiresAt: Date.now(),
    };
    const problem = errorOf(await clients.for(id).renewSubscription(renewal));
    assert.equal(
      problem.message,
      "This subscription no longer exists at Zoho: it expired or was deleted. Create it again.",
    );
  });

  it("the reason for the module, through the service that the tree and the wizard use", async test => {
    const { service, id } = await signedIn(test);
    const request = {
      modules: [{ module: "Unicorns", operations: ["all"] as const }],
      expiresInMs: day,
      notifyUrl: good.notify_url,
      returnAffectedFieldValues: false,
      notifyOnRelatedAction: false,
    };
    assert.equal(
      errorOf(await service.create(id, request)).message,
      "Zoho cannot notify about one of the chosen modules. Leave out modules that are not in use or not supported.",
    );
  });
});

const signedOut = "Zoho no longer accepts this sign-in. Sign in again.";

/** Requests that the sandbox refuses as a whole. */
const refusedCalls: readonly (readonly [
  code: string,
  call: (zoho: RawZoho, sandbox: Sandbox) => Promise<RawAnswer>,
  says: string,
])[] = [
  ["INVALID_TOKEN", async (_, { url }) => new RawZoho(url, "1000.wrong").call("GET", "actions/watch"), signedOut],
  [
    "AUTHENTICATION_FAILURE",
    async zoho => zoho.call("GET", "actions/watch", undefined, { Authorization: "none" }),
    "Zoho cannot tell whose sign-in this is. Sign in again, in the data centre of the organisation.",
  ],
  [
    "OAUTH_SCOPE_MISMATCH",
    async (_, { url }) => {
      const reader = await RawZoho.signIn(url, { scopes: ["ZohoCRM.org.READ"] });
      return reader.call("GET", "actions/watch");
    },
    "The sign-in does not include the permission (scope) for this. Sign in again and grant it.",
  ],
  [
    "INVALID_URL_PATTERN",
    async zoho => zoho.call("GET", "/crm/v8/actions/nothing/here"),
    "The server does not offer this part of Zoho CRM's API. Check that the connection leads to Zoho CRM.",
  ],
  [
    "INVALID_REQUEST_METHOD",
    async zoho => zoho.call("POST", "org"),
    "The server does not offer this kind of request. Check that the connection leads to Zoho CRM.",
  ],
  [
    "REQUIRED_PARAM_MISSING",
    async zoho => zoho.call("DELETE", "actions/watch"),
    "Zoho needs the parameter “channel_ids”. Add it and try again.",
  ],
  [
    "INVALID_MODULE",
    async zoho => zoho.call("GET", "Unicorns?fields=id"),
    "The organisation has no such module, or does not offer it to the API. Choose another.",
  ],
  [
    "TOO_MANY_REQUESTS",
    async (zoho, sandbox) => struck(zoho, sandbox, 429),
    "Zoho takes no more requests for now. Try again in a minute.",
  ],
  [
    "INTERNAL_ERROR",
    async (zoho, sandbox) => struck(zoho, sandbox, 500),
    "Zoho has trouble at the moment and could not answer. Try again in a few minutes.",
  ],
  [
    "HTTP_503",
    async (zoho, sandbox) => struck(zoho, sandbox, 503),
    "Zoho has trouble at the moment and could not answer. Try again in a few minutes.",
  ],
];

async function struck(zoho: RawZoho, sandbox: Sandbox, status: number): Promise<RawAnswer> {
  await control(sandbox, "faults", { kind: "status", status });
  return zoho.call("GET", "actions/watch");
}

describe("what a person reads when the sandbox refuses a call", () => {
  for (const [code, call, says] of refusedCalls) {
    it(code, async test => {
      const sandbox = await startSandbox(test);
      const refused = await call(await RawZoho.signIn(sandbox.url), sandbox);
      const problem = problemOfAnswer(toHttpAnswer(refused), clock);
      assert.deepEqual([problem.code, problem.message], [code, says]);
    });
  }

  it("above the tree, by the service that it shows", async test => {
    const { service, sandbox, id } = await signedIn(test);
    await control(sandbox, "revoke-tokens");
    await service.refresh();
    const state = service.stateOf(id);
    assert.ok(state.kind === "failed");
    assert.equal(state.problem.message, signedOut);
  });
});

/** What the accounts server refuses. */
const refusedSignIns: readonly (readonly [code: string, kind: ZohoProblem["kind"], says: string])[] = [
  [
    "invalid_code",
    "code",
    "Zoho does not accept the code: it works once and for a few minutes only. Make a new one and sign in again.",
  ],
  [
    "invalid_client",
    "client",
    "Zoho does not know this client ID. Check it, and that the data centre is the one where it was registered.",
  ],
  [
    "invalid_client_secret",
    "client",
    "The client secret is not the one of this client. Copy it again from Zoho's API console and sign in again.",
  ],
  [
    "Access Denied",
    "throttled",
    "Zoho gives one sign-in at most ten access tokens in ten minutes, and they are used up. Try again in 10 minutes.",
  ],
  ["general_error", "server", "Zoho has trouble at the moment and could not answer. Try again in a few minutes."],
];

describe("what a person reads when the sandbox's accounts server refuses a code", () => {
  for (const [code, kind, says] of refusedSignIns) {
    it(code, async test => {
      const sandbox = await startSandbox(test);
      await control(sandbox, "faults", { kind: "oauth-error", error: code });
      const client = { clientId: "1000.ANY", clientSecret: "any", accountsUrl: sandbox.url };
      const oauth = new OAuthClient({ ...client, transport: new AxiosTransport(), clock });
      const problem = errorOf(await oauth.exchangeCode("1000.code"));
      assert.deepEqual([problem.kind, problem.code, problem.message], [kind, code, says]);
    });
  }
});

function toHttpAnswer({ status, headers, text }: RawAnswer): HttpAnswer {
  return { status, headers: Object.fromEntries(headers), text };
}
