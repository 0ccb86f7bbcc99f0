import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Challenge, ChosenAnswer } from "../../../src/protocol/chosenAnswer.ts";
import { type ChosenReply, replyTo } from "../../../src/relay/chosenReply.ts";

const plain: ChosenAnswer = { status: 202, headers: [], body: "thanks" };

function replied(answer: Partial<ChosenAnswer>, query = "", body: string | Uint8Array = ""): ChosenReply {
  const request = { method: "POST", path: "", query, headers: [], body: Buffer.from(body) };
  return replyTo(request, { ...plain, ...answer });
}

function headersOf({ headers }: ChosenReply): ReadonlyMap<string, string> {
  const pairs = headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1] ?? ""] as const] : []));
  assert.equal(new Set(pairs.map(([name]) => name.toLowerCase())).size, pairs.length, "each once");
  return new Map(pairs);
}

/** The challenge that is given back; undefined when the sender gets what is for all. */
function echoed(challenge: Challenge, query: string, body: string | Uint8Array = ""): string | undefined {
  const reply = replied({ challenge }, query, body);
  if (reply.status !== 200) assert.deepEqual([reply.status, reply.body], [202, "thanks"]);
  return reply.status === 200 ? reply.body : undefined;
}

describe("the reply of one's choosing", () => {
  it("has the status, the headers as they are written, and the body, as plain text unless a type is chosen", () => {
    const reply = replied({ headers: [["X-One", "1"]] });
    assert.deepEqual([reply.status, reply.body], [202, "thanks"]);
    const headers = headersOf(reply);
    assert.equal(headers.get("X-One"), "1");
    assert.equal(headers.get("content-type"), "text/plain; charset=utf-8");
    assert.equal(headers.get("content-length"), "6");
    const typed = headersOf(replied({ headers: [["Content-Type", "application/json"]], body: '"ñ"' }));
    assert.deepEqual([typed.get("Content-Type"), typed.get("content-length")], ["application/json", "4"]);
  });

  it("is never taken for a page, kept by a cache, or mistaken for a failure of the relay's", () => {
    const challenge = { from: "query", name: "c" } as const;
    for (const reply of [replied({}), replied({ status: 503 }), replied({ challenge }, "c=<script>")]) {
      const headers = headersOf(reply);
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.match(headers.get("content-security-policy") ?? "", /^default-src 'none'; .*sandbox$/);
      assert.equal(headers.get("cache-control"), "no-store");
      assert.equal(headers.get("x-zoho-crm-notifications-answer"), "chosen");
    }
  });

  it("has no length where the status has no body, and the length 0 where it is empty", () => {
    for (const status of [204, 304]) {
      const headers = headersOf(replied({ status, body: "" }));
      assert.deepEqual([headers.get("content-length"), headers.get("content-type")], [undefined, undefined]);
    }
    assert.equal(headersOf(replied({ status: 205, body: "" })).get("content-length"), "0");
    assert.equal(headersOf(replied({ body: "" })).get("content-length"), "0");
  });

  it("is the challenge as plain text with 200, and nothing that was chosen, for who brings one", () => {
    const challenge = { from: "query", name: "validationToken" } as const;
    const headers: ChosenAnswer["headers"] = [["Content-Type", "application/json"]];
    const token = "Validation%3A+Testing+client%20application+%3Cb%3E";
    const reply = replied({ status: 500, headers, challenge }, `validationToken=${token}`);
    assert.deepEqual([reply.status, reply.body], [200, "Validation: Testing client application <b>"]);
    assert.equal(headersOf(reply).get("content-type"), "text/plain; charset=utf-8");
    assert.equal(headersOf(reply).has("Content-Type"), false);
  });

  it("finds challenges where Slack, Meta, Dropbox and Microsoft Graph put them", () => {
    const slack = JSON.stringify({ token: "t", challenge: "3eZbrw1aBm2r", type: "url_verification" });
    assert.equal(echoed({ from: "body", name: "challenge" }, "", slack), "3eZbrw1aBm2r");
    const meta = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock";
    assert.equal(echoed({ from: "query", name: "hub.challenge" }, meta), "1158201444");
    assert.equal(echoed({ from: "query", name: "challenge" }, "challenge=abc123"), "abc123");
    assert.equal(echoed({ from: "query", name: "validationToken" }, "validationToken=a%3Ab"), "a:b");
  });

  it("is what was chosen for all where there is no challenge, or none that can be one", () => {
    const inQuery = { from: "query", name: "challenge" } as const;
    for (const query of ["", "other=1", "Challenge=1", "challenge", "challenge=", `challenge=${"x".repeat(1_025)}`]) {
      assert.equal(echoed(inQuery, query), undefined, query);
    }
    const inBody = { from: "body", name: "challenge" } as const;
    for (const body of [
      ...["", "challenge", "null", "7", '"challenge"', "[]", "{", '{"challenge":7}', '{"challenge":{"a":1}}'],
      ...['{"a":{"challenge":"x"}}', `{"challenge":"${"x".repeat(1_025)}"}`, `{"challenge":"x"${" ".repeat(8_192)}}`],
      Buffer.from([0x7b, 0xff, 0x7d]),
    ]) {
      assert.equal(echoed(inBody, "challenge=1", body), undefined, String(body));
    }
    assert.equal(echoed({ from: "body", name: "__proto__" }, "", "{}"), undefined);
    assert.equal(echoed({ from: "body", name: "toString" }, "", "{}"), undefined);
    assert.equal(echoed(inQuery, "", '{"challenge":"x"}'), undefined);
  });

  it("takes the first of several challenges, and the last of a JSON object's, as parsers do", () => {
    assert.equal(echoed({ from: "query", name: "c" }, "a=0&c=1&c=2"), "1");
    assert.equal(echoed({ from: "body", name: "c" }, "", '{"c":"1","c":"2"}'), "2");
  });
});
