import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { day } from "../../../src/base/clock.ts";
import { succeed } from "../../../src/base/result.ts";
import { Redaction } from "../../../src/core/events/redaction.ts";
import { CallRecorder, type RecordedCall } from "../../../src/zoho/callRecorder.ts";
import { curlOf } from "../../../src/zoho/curl.ts";
import { networkProblem } from "../../../src/zoho/networkProblem.ts";
import type { HttpTransport } from "../../../src/zoho/httpTransport.ts";
import { ZohoClient } from "../../../src/zoho/zohoClient.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { ScriptedTransport, reply } from "./scriptedTransport.ts";

const clock = new FakeClock(Date.UTC(2026, 0, 5, 9));

function setUp(transport: HttpTransport): { client: ZohoClient; recorder: CallRecorder } {
  const recorder = new CallRecorder(new Redaction([]));
  const tokens = {
    get: async () => Promise.resolve(succeed({ value: "access-secret", expiresAt: clock.now() + day })),
    invalidate: () => undefined,
    isFresh: () => true,
  };
  const client = new ZohoClient({ apiDomain: "https://www.zohoapis.eu", tokens, transport, clock, recorder });
  return { client, recorder };
}

function lastOf(recorder: CallRecorder): RecordedCall {
  return recorder.last ?? assert.fail("Nothing was recorded");
}

const listed = `{"watch":[{"channel_id":"1105420521999070702","token" : "channel-secret \\" still","channel_expiry":"2026-01-06T14:30:00+05:30","resource_name":"Leads"}],"info":{"more_records":false}}`;

const renewal = {
  channelId: "42",
  events: ["Leads.all"],
  notifyUrl: "https://x.example.com",
  token: "channel-secret",
  expiresAt: clock.now(),
};

describe("CallRecorder", () => {
  it("keeps request and answer of a watch call to the character, but for what opens anything", async () => {
    const { client, recorder } = setUp(new ScriptedTransport(reply(200, listed, { "set-cookie": "session-secret" })));
    await client.listSubscriptions();
    const { request, outcome } = lastOf(recorder);
    assert.deepEqual(request, {
      method: "GET",
      url: "https://www.zohoapis.eu/crm/v8/actions/watch?page=1&per_page=200",
      headers: { accept: "application/json" },
    });
    assert.ok(outcome.kind === "answer");
    assert.equal(outcome.answer.text, listed.replace(String.raw`"channel-secret \" still"`, `"(hidden)"`));
    assert.ok(!JSON.stringify(recorder.calls).includes("secret"));
  });

  it("hides the token of a channel in what was sent", async () => {
    const { client, recorder } = setUp(new ScriptedTransport(reply(200, { watch: [] })));
    await client.renewSubscription(renewal);
    assert.match(lastOf(recorder).request.body ?? "", /"token":"\(hidden\)"/);
    assert.ok(!JSON.stringify(recorder.calls).includes("secret"));
  });

  it("keeps why there was no answer", async () => {
    const { client, recorder } = setUp({
      send: async () => Promise.resolve({ ok: false, error: networkProblem("ECONNRESET", "www.zohoapis.eu") }),
    });
    await client.listSubscriptions();
    const { outcome } = lastOf(recorder);
    assert.ok(outcome.kind === "no-answer");
    assert.equal(outcome.code, "ECONNRESET");
  });

  it("keeps nothing but calls of the watch API", async () => {
    const { client, recorder } = setUp(new ScriptedTransport(reply(200, { org: [{ id: "3" }] })));
    await client.organization();
    assert.equal(recorder.last, undefined);
  });

  it("keeps the last twenty, and of a long answer the beginning", async () => {
    const long = `"${"x".repeat(300_000)}"`;
    const { client, recorder } = setUp(new ScriptedTransport(...Array.from({ length: 25 }, () => reply(200, long))));
    for (let count = 0; count < 25; count++) await client.listSubscriptions({ channelId: String(count) });
    assert.equal(recorder.calls.length, 20);
    assert.match(recorder.calls[0]?.request.url ?? "", /channel_id=5$/);
    const { outcome } = lastOf(recorder);
    assert.ok(outcome.kind === "answer" && outcome.cut);
    assert.equal(outcome.answer.text.length, 256 * 1024);
  });
});

/** The arguments that curl would get from a real shell, with both variables set. */
function argumentsInShell(command: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  const env = { ZOHO_ACCESS_TOKEN: "from-variable", ZOHO_CHANNEL_TOKEN: "channel from variable" };
  return execFileSync("/bin/sh", ["-c", script], { env, encoding: "utf8" }).split("\0").slice(0, -1);
}

describe("curlOf", () => {
  it("gives a command that sends the same, with both tokens as variables of the shell", async () => {
    const { client, recorder } = setUp(new ScriptedTransport(reply(200, { watch: [] })));
    await client.renewSubscription(renewal);
    const command = curlOf(lastOf(recorder));
    assert.ok(!command.includes("secret"), command);
    assert.deepEqual(argumentsInShell(command), [
      "--request",
      "PATCH",
      "https://www.zohoapis.eu/crm/v8/actions/watch",
      "--header",
      "authorization: Zoho-oauthtoken from-variable",
      "--header",
      "accept: application/json",
      "--header",
      "content-type: application/json",
      "--data-raw",
      '{"watch":[{"channel_id":"42","events":["Leads.all"],"channel_expiry":"2026-01-05T09:00:00+00:00","token":"channel from variable","notify_url":"https://x.example.com"}]}',
    ]);
  });

  it("lets nothing of the call reach the shell", () => {
    const recorder = new CallRecorder(new Redaction([]));
    const hostile = "'; touch /tmp/x; echo \"$(id)`id`\\ \n$HOME!";
    const outcome = { kind: "no-answer", code: "X", message: "" } as const;
    recorder.record({ method: "POST", url: hostile, headers: { "x-a": hostile }, body: hostile }, outcome, 0, 0);
    const [, , url, , , , header, , body] = argumentsInShell(curlOf(lastOf(recorder)));
    assert.deepEqual([url, header, body], [hostile, `x-a: ${hostile}`, hostile]);
  });
});
