import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type RawAnswer, answeredEnding, readUpgradeAnswer } from "../../../../src/core/relay/upgradeAnswer.ts";

function raw(status: number, body: string, rest: Partial<RawAnswer> = {}): RawAnswer {
  return { status, body, contentType: undefined, location: undefined, ...rest };
}

const coded = (code: unknown): string => JSON.stringify({ error: { code, message: "For people." } });

describe("an answer to the upgrade", () => {
  it("is the relay's where its JSON has a code and a message, and nobody's else", () => {
    assert.equal(readUpgradeAnswer(raw(404, coded("UNKNOWN_CHANNEL"))).code, "UNKNOWN_CHANNEL");
    const strangers = [
      "",
      "not json",
      "null",
      "{}",
      '{"error":"UNKNOWN_CHANNEL"}',
      coded(404),
      coded("X").slice(0, 20),
    ];
    for (const body of strangers) assert.equal(readUpgradeAnswer(raw(404, body)).code, undefined, body);
    const nested = JSON.stringify({ error: { code: "UNKNOWN_CHANNEL" } });
    assert.equal(readUpgradeAnswer(raw(404, nested)).code, undefined);
  });

  it("is a web page by its type, or by how it begins", () => {
    assert.ok(readUpgradeAnswer(raw(200, "", { contentType: "text/html; charset=utf-8" })).isPage);
    assert.ok(readUpgradeAnswer(raw(200, "\n <!DOCTYPE html><title>Sign in")).isPage);
    assert.ok(!readUpgradeAnswer(raw(404, "404 page not found", { contentType: "text/plain" })).isPage);
  });

  it("gives of a redirect the origin alone, as the rest may hold what nobody else should see", () => {
    const location = "https://portal.example/login?session=secret";
    assert.equal(readUpgradeAnswer(raw(302, "", { location })).leadsTo, "https://portal.example");
    assert.equal(readUpgradeAnswer(raw(302, "", { location: "/login" })).leadsTo, undefined);
  });

  it("ends the stream by the relay's word alone, whatever the status", () => {
    const endings = ["WRONG_KEY", "UNKNOWN_CHANNEL", "WRONG_PROTOCOL", "MALFORMED_RESUME"].map(
      code => answeredEnding({ status: 404, code }).kind,
    );
    assert.deepEqual(new Set(endings), new Set(["refused"]));
    for (let status = 200; status < 600; status++) assert.equal(answeredEnding({ status }).kind, "lost", `${status}`);
  });
});
