import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { day, hour, minute, second } from "../../../src/base/clock.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { CountedTokens, aClient } from "./aClient.ts";
import { ScriptedTransport, errorOf, reply, valueOf } from "./scriptedTransport.ts";

function zohos(code: string | number): object {
  return { code, details: {}, message: "", status: "error" };
}

/** What a token that is no longer taken may be answered with, at 401. */
const refusals: readonly unknown[] = [
  zohos("INVALID_TOKEN"),
  zohos("INVALID_OAUTHTOKEN"),
  { code: "AUTHENTICATION_FAILURE", status: "error", message: "Authentication failed", details: {} },
  "",
  "<html>Unauthorized</html>",
  { code: 4834, message: "Invalid Ticket Id" },
  { watch: [zohos("INVALID_TOKEN")] },
];

describe("a call whose token is no longer taken", () => {
  for (const refusal of refusals) {
    it(`is sent once more with a fresh one after ${JSON.stringify(refusal)}`, async () => {
      const tokens = new CountedTokens();
      const transport = new ScriptedTransport(reply(401, refusal), reply(204, ""));
      assert.deepEqual(valueOf(await aClient(transport, { tokens }).listSubscriptions()).subscriptions, []);
      assert.deepEqual(
        transport.requests.map(({ headers }) => headers?.["authorization"]),
        ["Zoho-oauthtoken t1", "Zoho-oauthtoken t2"],
      );
      assert.deepEqual(tokens.refused, ["t1"]);
    });

    it(`is not sent a third time after ${JSON.stringify(refusal)}`, async () => {
      const transport = new ScriptedTransport(reply(401, refusal), reply(401, refusal));
      const problem = errorOf(await aClient(transport).listSubscriptions());
      assert.equal(problem.kind, typeof refusal === "string" ? "unreadable" : "signed-out");
      assert.equal(transport.unused, 0);
    });
  }

  it("is known by Zoho's code whatever the status", async () => {
    const transport = new ScriptedTransport(reply(400, zohos("INVALID_TOKEN")), reply(204, ""));
    assert.ok((await aClient(transport).listSubscriptions()).ok);
  });

  it("costs no token where the scope is what lacks", async () => {
    const tokens = new CountedTokens();
    const transport = new ScriptedTransport(reply(401, zohos("OAUTH_SCOPE_MISMATCH")));
    assert.equal(errorOf(await aClient(transport, { tokens }).listSubscriptions()).kind, "scope");
    assert.deepEqual(tokens.refused, []);
  });
});

describe("a fresh token that Zoho does not take either", () => {
  for (const code of ["INVALID_TOKEN", "AUTHENTICATION_FAILURE"]) {
    it(`is the last one for ten minutes, and the sign-in is over with each call (${code})`, async () => {
      const tokens = new CountedTokens();
      const clock = new FakeClock();
      const steps = Array.from({ length: 10 }, () => reply(401, zohos(code)));
      const client = aClient(new ScriptedTransport(...steps), { tokens, clock });
      for (let call = 0; call < 5; call++) {
        assert.equal(errorOf(await client.listSubscriptions()).kind, "signed-out");
        clock.advance(minute);
      }
      assert.deepEqual(tokens.refused, ["t1"]);
      clock.advance(5 * minute);
      assert.equal(errorOf(await client.listSubscriptions()).kind, "signed-out");
      assert.deepEqual(tokens.refused, ["t1", "t2"]);
    });
  }

  it("is used on as soon as Zoho takes it, and replaced like any other after that", async () => {
    const tokens = new CountedTokens();
    const steps = [401, 401, 401, 204, 401, 204].map(status =>
      reply(status, status === 204 ? "" : zohos("INVALID_TOKEN")),
    );
    const client = aClient(new ScriptedTransport(...steps), { tokens });
    const kinds: boolean[] = [];
    for (let call = 0; call < 4; call++) kinds.push((await client.listSubscriptions()).ok);
    assert.deepEqual(kinds, [false, false, true, true]);
    assert.deepEqual(tokens.refused, ["t1", "t2"]);
  });

  it("is still the last one after an answer that says nothing of it", async () => {
    const tokens = new CountedTokens();
    const refused = reply(401, zohos("INVALID_TOKEN"));
    const steps = [refused, refused, reply(502, "<html>"), refused, reply(200, "<html>"), refused];
    const client = aClient(new ScriptedTransport(...steps), { tokens });
    for (let call = 0; call < 5; call++) assert.equal((await client.organization()).ok, false);
    assert.deepEqual(tokens.refused, ["t1"]);
  });

  it("is not the last one where a gateway refused it before", async () => {
    const tokens = new CountedTokens();
    const steps = [reply(401, ""), reply(401, ""), reply(401, zohos("INVALID_TOKEN")), reply(204, "")];
    const client = aClient(new ScriptedTransport(...steps), { tokens });
    assert.equal((await client.listSubscriptions()).ok, false);
    assert.equal((await client.listSubscriptions()).ok, true);
  });

  it("is followed by a third where it was another window's, and by no fourth", async () => {
    const tokens = new CountedTokens();
    tokens.isFresh = ({ value }) => value === "t3";
    const steps = Array.from({ length: 5 }, () => reply(401, zohos("INVALID_TOKEN")));
    const client = aClient(new ScriptedTransport(...steps), { tokens });
    for (let call = 0; call < 3; call++) assert.equal(errorOf(await client.listSubscriptions()).kind, "signed-out");
    assert.deepEqual(tokens.refused, ["t1", "t2"]);
  });

  it("is followed by a third and by no fourth where all were other windows'", async () => {
    const tokens = new CountedTokens();
    tokens.isFresh = () => false;
    const transport = new ScriptedTransport(...Array.from({ length: 3 }, () => reply(401, zohos("INVALID_TOKEN"))));
    assert.equal(errorOf(await aClient(transport, { tokens }).listSubscriptions()).kind, "signed-out");
    assert.deepEqual(tokens.refused, ["t1", "t2"]);
  });

  it("is not taken for the last one for longer where the clock is set back", async () => {
    const tokens = new CountedTokens();
    const clock = new FakeClock();
    const steps = Array.from({ length: 4 }, () => reply(401, zohos("INVALID_TOKEN")));
    const client = aClient(new ScriptedTransport(...steps), { tokens, clock });
    await client.listSubscriptions();
    clock.jump(-3 * hour);
    await client.listSubscriptions();
    assert.deepEqual(tokens.refused, ["t1", "t2"]);
  });
});

describe("Zoho's time", () => {
  const ahead = 8 * day;
  const date = new Date(Date.UTC(2026, 0, 5, 9) + ahead).toUTCString();

  it("is learned from the first answer that is Zoho's", async () => {
    for (const zohosOwn of [reply(204, "", { date }), reply(200, { watch: [] }, { date })]) {
      const client = aClient(new ScriptedTransport(zohosOwn));
      await client.listSubscriptions();
      assert.ok(Math.abs(client.time.ahead - ahead) <= second, String(client.time.ahead));
    }
  });

  it("is not learned from what stands between, nor from a date in another form", async () => {
    const others = [
      reply(403, "<html>", { date }),
      reply(502, "<html>", { date }),
      reply(403, { code: 403 }, { date }),
      reply(200, "<html>", { date }),
      reply(204, "", { date: "1" }),
    ];
    for (const other of others) {
      const client = aClient(new ScriptedTransport(other));
      await client.listSubscriptions();
      assert.equal(client.time.ahead, 0);
    }
  });
});

describe("a gateway that refuses whatever comes", () => {
  it("is named as what it is, with a fresh token, and not taken for the end of the sign-in", async () => {
    const transport = new ScriptedTransport(reply(401, "<html>"), reply(401, "<html>"));
    const problem = errorOf(await aClient(transport).organization());
    assert.deepEqual([problem.kind, problem.code, problem.remedy], ["unreadable", "HTTP_401", "retry"]);
    assert.equal(
      problem.message,
      "Something between here and Zoho CRM refuses the request (HTTP 401): a proxy, a firewall or a gateway, not Zoho. " +
        "Ask your network administrator, and try again.",
    );
  });

  for (const words of ["", "<html>", { code: 401 }, { code: "UNAUTHORIZED", message: "Missing proxy credentials" }]) {
    it(`costs one token, however often it is asked, until it lets through (${JSON.stringify(words)})`, async () => {
      const tokens = new CountedTokens();
      const steps = [401, 401, 401, 401, 204, 401, 401].map(status => reply(status, status === 204 ? "" : words));
      const client = aClient(new ScriptedTransport(...steps), { tokens });
      for (let call = 0; call < 3; call++) {
        assert.equal(errorOf(await client.listSubscriptions()).kind, "unreadable");
      }
      assert.deepEqual(tokens.refused, ["t1"]);
      assert.equal((await client.listSubscriptions()).ok, true);
      assert.equal((await client.listSubscriptions()).ok, false);
      assert.deepEqual(tokens.refused, ["t1", "t2"]);
    });
  }

  it("costs no token where it forbids with a code of its own", async () => {
    const tokens = new CountedTokens();
    const transport = new ScriptedTransport(reply(403, { code: 403, message: "Blocked by policy" }));
    assert.equal(errorOf(await aClient(transport, { tokens }).organization()).kind, "unreadable");
    assert.deepEqual(tokens.refused, []);
  });
});
