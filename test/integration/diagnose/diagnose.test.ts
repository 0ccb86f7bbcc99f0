import { createRelayChannel } from "../../../src/core/relay/relayChannel.ts";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import { type Clock, day, minute, systemClock } from "../../../src/base/clock.ts";
import type { Disposable } from "../../../src/base/lifecycle.ts";
import { CancelledError } from "../../../src/base/problem.ts";
import { byName } from "../../../src/core/filter/eventFilter.ts";
import { signInWithSelfClient } from "../../../src/core/connections/signIn.ts";
import { setChannelAnswer } from "../../../src/core/relay/channelAnswer.ts";
import type { Diagnosis } from "../../../src/core/diagnose/diagnose.ts";
import type { LinkId } from "../../../src/core/diagnose/finding.ts";
import { formatReport } from "../../../src/core/diagnose/report.ts";
import type { HttpTransport } from "../../../src/zoho/httpTransport.ts";
import { valueOf } from "../../unit/zoho/scriptedTransport.ts";
import { freePort } from "../../support/freePort.ts";
import { type DiagnosedEditor, anEditor } from "./anEditor.ts";

const time = { timeout: 60_000 };

/** Each link by what was found. */
function statuses({ links }: Diagnosis): Record<string, string> {
  return Object.fromEntries(links.map(({ id, finding }) => [id, finding.status]));
}

function brokenAt(found: Diagnosis, id: LinkId, sentence: RegExp, remedy: string): void {
  assert.equal(found.firstBroken?.id, id, JSON.stringify(found.links, undefined, 1));
  const { finding } = found.firstBroken;
  assert.ok(finding.status === "broken");
  assert.match(finding.sentence, sentence);
  assert.equal(finding.remedy, remedy);
}

async function control({ sandbox }: DiagnosedEditor, name: string, body: unknown = {}): Promise<void> {
  const response = await fetch(`${sandbox.url}/sandbox/${name}`, { method: "POST", body: JSON.stringify(body) });
  assert.ok(response.ok, await response.text());
}

/** The machine's clock, set wrong. */
class ShiftedClock implements Clock {
  /** Milliseconds. */
  ahead: number;

  constructor(ahead = 0) {
    this.ahead = ahead;
  }

  now(): number {
    return systemClock.now() + this.ahead;
  }

  after(delay: number, action: () => void): Disposable {
    return systemClock.after(delay, action);
  }
}

/** A way to send that remembers to where something was posted. */
function recording(transport: HttpTransport): HttpTransport & { readonly posted: readonly string[] } {
  const posted: string[] = [];
  return {
    posted,
    send: async request => {
      if (request.method !== "GET") posted.push(request.url);
      return transport.send(request);
    },
  };
}

const codeSchema = v.object({ client_id: v.string(), client_secret: v.string(), code: v.string() });

describe("Diagnose, against a real sandbox and a real relay", time, () => {
  it("finds every link well where nothing is broken, and measures the way of a test event", async test => {
    const editor = await anEditor(test);
    const found = await editor.diagnose();
    assert.equal(found.firstBroken, undefined, JSON.stringify(found.links, undefined, 1));
    assert.deepEqual(new Set(Object.values(statuses(found))), new Set(["ok"]));
    const probe = found.links.find(({ id }) => id === "probe");
    assert.match(probe?.finding.sentence ?? "", /was in this editor after [\d,]+ ms/);
  });

  it("keeps its test event in the history, as what it is", async test => {
    const editor = await anEditor(test);
    await editor.diagnose();
    assert.equal(editor.history.count(), 1);
    assert.equal(editor.history.select([byName("channel", editor.channel.channelId)]).count, 0);
  });

  it("sees that its test event arrived though the sender is told of a failure, as was chosen", async test => {
    const editor = await anEditor(test);
    const { channel } = editor.tunnel;
    assert.ok(channel);
    valueOf(await setChannelAnswer(channel, { status: 503, headers: [], body: "" }));
    const { links, firstBroken } = await editor.diagnose();
    assert.equal(firstBroken, undefined);
    const probe = links.find(({ id }) => id === "probe")?.finding;
    assert.equal(probe?.status, "warning");
    assert.match(probe.sentence, /status 503, as set with/);
    valueOf(await setChannelAnswer(channel, { status: 202, headers: [], body: "" }));
    assert.deepEqual(new Set(Object.values(statuses(await editor.diagnose()))), new Set(["ok"]));
  });

  it("says how the last real delivery verified", async test => {
    const editor = await anEditor(test);
    const arrived = new Promise<void>(resolve => editor.history.onDidAppend(() => resolve()));
    await editor.crm.createLead("Nowak");
    await arrived;
    const echo = (await editor.diagnose()).links.find(({ id }) => id === "token-echo");
    assert.match(echo?.finding.sentence ?? "", /The last delivery carried the subscription's token\./);
  });

  it("can be cancelled at any moment", async test => {
    const editor = await anEditor(test);
    for (const title of ["Access token", "Subscription", "Way through the public address"]) {
      const abort = new AbortController();
      const onProgress = (next: string): void => {
        if (next === title) abort.abort();
      };
      await assert.rejects(editor.diagnose({}, { signal: abort.signal, onProgress }), CancelledError);
    }
  });
});

describe("Diagnose names the first broken link when", time, () => {
  it("nobody is signed in", async test => {
    const editor = await anEditor(test);
    await editor.store.remove(editor.connectionId);
    const found = await editor.diagnose();
    brokenAt(found, "sign-in", /not signed in/, "sign-in");
    assert.equal(statuses(found)["token"], "not-checked");
    assert.equal(statuses(found)["relay"], "ok");
  });

  it("the refresh token was revoked", async test => {
    const editor = await anEditor(test);
    await control(editor, "revoke-tokens");
    brokenAt(await editor.diagnose(), "token", /no longer accepts this sign-in/, "sign-in");
  });

  it("the sandbox is down", async test => {
    const editor = await anEditor(test);
    await editor.sandbox.close();
    brokenAt(
      await editor.diagnose(),
      "token",
      /(Nothing is listening at|The connection to) 127\.0\.0\.1/,
      "start-sandbox",
    );
  });

  it("a scope is missing", async test => {
    const editor = await anEditor(test);
    const scopes = ["ZohoCRM.org.READ", "ZohoCRM.users.READ", "ZohoCRM.settings.ALL"];
    const made = await fetch(`${editor.sandbox.url}/sandbox/self-client-code`, {
      method: "POST",
      body: JSON.stringify({ scopes }),
    });
    const { client_id: clientId, client_secret: clientSecret, code } = v.parse(codeSchema, await made.json());
    const at = { accountsUrl: editor.sandbox.url };
    const { transport, store } = editor;
    const signIn = { at, clientId, clientSecret, code, transport, clock: systemClock };
    await store.add(valueOf(await signInWithSelfClient(signIn)));
    brokenAt(await editor.diagnose(), "scopes", /lacks the permission.* ZohoCRM\.notifications\.ALL/, "sign-in");
  });

  it("the channel was deleted elsewhere", async test => {
    const editor = await anEditor(test);
    await editor.crm.unsubscribe(editor.channel.channelId);
    brokenAt(await editor.diagnose(), "subscription", /it was deleted/, "create-subscription");
  });

  it("the channel expired", async test => {
    const clock = new ShiftedClock();
    const editor = await anEditor(test, { clock });
    await control(editor, "clock", { advance_ms: 7 * day });
    clock.ahead = 7 * day;
    const found = await editor.diagnose();
    brokenAt(found, "expiry", /expired, so Zoho CRM sends nothing/, "recreate-subscription");
  });

  for (const scheme of ["https", "http"]) {
    it(`the channel sends somewhere else over ${scheme}, and posts nothing there`, async test => {
      const editor = await anEditor(test);
      const { channelId } = editor.channel;
      await editor.crm.unsubscribe(channelId);
      await editor.crm.subscribe(channelId, ["Leads.all"], `${scheme}://hooks.example.org/zoho`);
      const asked = recording(editor.transport);
      const found = await editor.diagnose({ transport: asked });
      brokenAt(found, "address", /hooks\.example\.org|not HTTPS/, "point-here");
      assert.equal(statuses(found)["probe"], "not-checked");
      assert.deepEqual(asked.posted, []);
    });
  }

  it("the channel sends to another channel of the same relay, and posts nothing to that", async test => {
    const editor = await anEditor(test);
    const other = await createRelayChannel(editor.relay.url);
    assert.ok(other.ok);
    const { channelId } = editor.channel;
    await editor.crm.unsubscribe(channelId);
    await editor.crm.subscribe(channelId, ["Leads.all"], other.value.ingestUrl);
    const asked = recording(editor.transport);
    brokenAt(
      await editor.diagnose({ transport: asked }),
      "address",
      /sends to another channel of the relay/,
      "point-here",
    );
    assert.deepEqual(asked.posted, []);
  });

  it("nothing where the channel sends to a former address that is still read, which can be sent here", async test => {
    const editor = await anEditor(test);
    assert.ok((await editor.tunnel.renewChannel()).ok);
    await editor.former.follow();
    const found = await editor.diagnose();
    assert.equal(found.firstBroken, undefined);
    assert.deepEqual(statuses(found)["probe"], "ok");
    const address = found.links.find(({ id }) => id === "address");
    assert.deepEqual(address?.finding, {
      ...{ status: "ok", sentence: "Your former address, still read here.", remedy: "send-here" },
    });
  });

  it("the relay is down", async test => {
    const editor = await anEditor(test);
    await editor.relay.close();
    const found = await editor.diagnose();
    brokenAt(found, "relay", /The relay at http:.* (does not answer|closed|is restarting)/, "reconnect-relay");
    assert.equal(statuses(found)["probe"], "not-checked");
    assert.equal(statuses(found)["credits"], "ok");
  });

  it("the public address leads nowhere", async test => {
    const port = await freePort();
    const editor = await anEditor(test, { publicUrl: `http://127.0.0.1:${port}` });
    brokenAt(await editor.diagnose(), "probe", /Nothing is listening at 127\.0\.0\.1/, "configure-relay");
  });

  it("the public address leads to something else", async test => {
    const other = await anEditor(test);
    const editor = await anEditor(test, { publicUrl: other.relay.url });
    brokenAt(
      await editor.diagnose(),
      "probe",
      /does not lead to a channel of a relay \(status 404\)/,
      "configure-relay",
    );
  });

  it("the token at Zoho is not ours", async test => {
    const editor = await anEditor(test);
    const { channelId, notifyUrl } = editor.channel;
    await editor.crm.unsubscribe(channelId);
    await editor.crm.subscribe(channelId, ["Leads.all"], notifyUrl, "somebody-elses");
    brokenAt(await editor.diagnose(), "token-echo", /not the one that this editor set/, "recreate-subscription");
  });

  it("Zoho has forgotten the token", async test => {
    const editor = await anEditor(test);
    const { channelId, notifyUrl } = editor.channel;
    await editor.crm.unsubscribe(channelId);
    await editor.crm.subscribe(channelId, ["Leads.all"], notifyUrl);
    brokenAt(await editor.diagnose(), "token-echo", /has lost the token/, "renew-subscription");
  });

  it("no credits are left", async test => {
    const editor = await anEditor(test);
    await control(editor, "behaviour", { creditsPerDay: 1 });
    brokenAt(await editor.diagnose(), "credits", /no API credits left today/, "none");
  });

  it("this machine's clock is wrong", async test => {
    const editor = await anEditor(test, { clock: new ShiftedClock(-20 * minute) });
    brokenAt(await editor.diagnose(), "clock", /clock is 1,(199|200|201) s behind/, "none");
  });
});

describe("a report of Diagnose", time, () => {
  it("names what is broken first, and holds nothing that would let a reader send or sign in", async test => {
    const editor = await anEditor(test);
    await editor.relay.close();
    const connection = editor.store.get(editor.connectionId);
    const report = formatReport(await editor.diagnose(), {
      connection,
      channel: editor.channel,
      version: "1.2.3",
      shapes: [],
    });
    assert.match(report.split("\n")[2] ?? "", /^\*\*First failure: Relay\.\*\* The relay at /);
    const ingestPath = new URL(editor.channel.notifyUrl).pathname.split("/").at(-1) ?? "";
    assert.ok(ingestPath.length > 10);
    const secrets = [
      ingestPath,
      editor.channel.channelId,
      editor.channel.token,
      connection?.refreshToken,
      connection?.clientSecret,
      connection?.organization.id,
      connection?.user.email,
    ];
    for (const secret of secrets) assert.ok(!report.includes(secret ?? assert.fail("each is there")));
  });
});
