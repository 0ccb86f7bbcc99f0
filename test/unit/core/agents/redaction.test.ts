import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { redactHeader, redactJson, redactParameters, redactText } from "../../../../src/core/agents/redaction.ts";

const zohoToken = `1000.${"8cb99dxxxxxxxxxxxxx9be93".replaceAll("x", "0").padEnd(32, "a").slice(0, 32)}.${"9b8".padEnd(32, "f")}`;

describe("redaction", () => {
  for (const name of ["Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "X-Zoho-Token", "Proxy-Authorization"]) {
    it(`leaves out the value of the header ${name}`, () => {
      assert.deepEqual(redactHeader([name, "abc"], []), [name, "[redacted]"]);
    });
  }

  it("keeps headers that open nothing", () => {
    for (const header of [
      ["Content-Type", "application/json"],
      ["X-Request-Id", "7"],
      ["Keep-Alive", "1"],
    ] as const) {
      assert.deepEqual(redactHeader(header, []), [...header]);
    }
  });

  it("leaves out secret members of JSON, and nothing else, to the character", () => {
    const json = '{ "token" : "se\\"cret" , "ids":[6756839000000575405],"Key_Account":"ACME","client_secret":"x"}';
    const expected =
      '{ "token" : "[redacted]" , "ids":[6756839000000575405],"Key_Account":"ACME","client_secret":"[redacted]"}';
    assert.equal(redactJson(json, []), expected);
  });

  it("knows a name however it is written", () => {
    for (const name of ["accessToken", "refresh_token", "ACCESS-TOKEN", "\\u0074oken", "user.password", "apikey"]) {
      assert.equal(redactJson(`{"${name}":"x"}`, []), `{"${name}":"[redacted]"}`, name);
    }
  });

  it("leaves out numbers, and the part of a value that a cut left", () => {
    assert.equal(redactJson('{"otp":123456}', []), '{"otp":"[redacted]"}');
    assert.equal(redactJson('{"a":1,"token":"half of a sec', []), '{"a":1,"token":"[redacted]"');
    assert.equal(redactJson('{"a":1,"token":"half\\', []), '{"a":1,"token":"[redacted]"');
  });

  it("looks into JSON that is a string of JSON", () => {
    const json = JSON.stringify({ payload: JSON.stringify({ token: "abc", Stage: "Won" }) });
    assert.equal(redactJson(json, []), json.replace("abc", "[redacted]"));
  });

  it("says of a null token that it is null, as that is what is to be found out", () => {
    assert.equal(redactJson('{"token":null}', []), '{"token":null}');
  });

  it("leaves out secret parameters of queries and forms", () => {
    assert.equal(
      redactParameters("module=Deals&auth%5Ftoken=1&zapikey=2&x=3", []),
      "module=Deals&auth%5Ftoken=[redacted]&zapikey=2&x=3".replace("zapikey=2", "zapikey=2"),
    );
    assert.equal(redactParameters("api_key=2;sig=3", []), "api_key=[redacted];sig=[redacted]");
  });

  it("knows tokens by their form wherever they stand", () => {
    assert.equal(redactText(`failed with Zoho-oauthtoken ${zohoToken}!`, []), "failed with Zoho-oauthtoken [redacted]");
    assert.equal(redactText(`see ${zohoToken}.`, []), "see [redacted].");
    assert.equal(redactText("Bearer abcdefghijklmnopqrstuvwxyz", []), "Bearer [redacted]");
    assert.equal(redactText("a Basic plan", []), "a Basic plan");
  });

  it("leaves out what is known to be secret, but not what is too short to be told from other text", () => {
    assert.equal(redactText("answer: s3cr3t-of-the-channel", ["s3cr3t-of-the-channel", "a"]), "answer: [redacted]");
  });

  it("takes the time that the length of a text asks for, whatever is in it", () => {
    for (const text of ['"'.repeat(30_000), '\\"'.repeat(30_000), '"a":"'.repeat(10_000), "=&".repeat(30_000)]) {
      const start = performance.now();
      redactParameters(redactJson(text, []), []);
      assert.ok(performance.now() - start < 2_000, text.slice(0, 6));
    }
  });
});
