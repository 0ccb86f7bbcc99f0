import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseRules } from "../../../../src/core/forwarding/forwardRule.ts";
import { ruleHeaders } from "../../../../src/core/forwarding/ruleHeaders.ts";
import { withHeaders } from "../../../../src/core/forwarding/outgoingHeaders.ts";
import type { Header } from "../../../../src/protocol/capturedRequest.ts";
import { World, about } from "./forwardingWorld.ts";

const requestWith = (headers: readonly Header[]) => ({
  ...{ method: "POST", path: "", query: "", headers },
  body: new Uint8Array(),
});

describe("the headers of a rule", () => {
  it("have the environment's values for its variables, and nothing for those that are not set", () => {
    const headers = { Authorization: "Bearer ${env:KEY}", "X-Team": "a${env:NONE}b" };
    assert.deepEqual(ruleHeaders({ headers }, requestWith([]), { KEY: "secret" }), [
      ["Authorization", "Bearer secret"],
      ["X-Team", "ab"],
    ]);
  });

  it("are left out where a variable brings what no header may have", () => {
    assert.deepEqual(ruleHeaders({ headers: { "X-A": "${env:KEY}" } }, requestWith([]), { KEY: "a\r\nX-B: c" }), []);
  });

  it("say where the request went first, where the rule says so and no proxy has", () => {
    const request = requestWith([["Host", "relay.example.com"]]);
    assert.deepEqual(ruleHeaders({ forwarded: true }, request, {}), [
      ["X-Forwarded-Host", "relay.example.com"],
      ["X-Forwarded-Proto", "https"],
    ]);
    assert.deepEqual(ruleHeaders({ forwarded: false }, request, {}), []);
    const told = requestWith([
      ["Host", "inner"],
      ["x-forwarded-host", "outer"],
      ["X-Forwarded-Proto", "http"],
    ]);
    assert.deepEqual(ruleHeaders({ forwarded: true }, told, {}), []);
  });

  it("take the place of those of the same names", () => {
    const came: readonly Header[] = [
      ["X-A", "1"],
      ["X-B", "2"],
      ["x-a", "3"],
    ];
    assert.deepEqual(withHeaders(came, [["X-A", "4"]]), [
      ["X-B", "2"],
      ["X-A", "4"],
    ]);
  });

  it("make a rule malformed where they are no headers, or those of the connection or of this editor", () => {
    const url = "http://localhost:3000";
    const wrong = [{ "a b": "1" }, { Host: "x" }, { "content-length": "1" }, { "X-A": "a\nb" }, { "X-A": 1 }];
    assert.equal(parseRules(wrong.map(headers => ({ url, headers }))).malformed, wrong.length);
    assert.equal(parseRules([{ url, headers: { "X-A": "1" } }]).malformed, 0);
  });

  it("go with what the rule sends, and with what a person sends to its address", async test => {
    const world = new World(test);
    world.handler.always = 200;
    const url = "http://localhost:3000";
    const window = world.open([{ url, headers: { "X-A": "1" } }]);
    const [id = 0] = await window.arrive([about("1")]);
    const event = window.forwarding.eventOf(id) ?? assert.fail();
    await window.forwarding.replays.replay([{ event, target: url }]);
    await window.forwarding.replays.replay([{ event, target: "http://localhost:9" }]);
    assert.deepEqual(
      world.handler.arrivals.map(({ headers }) => headers),
      [[["X-A", "1"]], [["X-A", "1"]], []],
    );
  });
});
