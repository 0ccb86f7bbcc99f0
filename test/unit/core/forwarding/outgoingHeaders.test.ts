import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { endToEndHeaders, headersOf } from "../../../../src/core/forwarding/outgoingHeaders.ts";
import type { Header } from "../../../../src/protocol/capturedRequest.ts";

describe("the headers that a handler gets", () => {
  it("are those that came, in their order, duplicates too", () => {
    const headers: readonly Header[] = [
      ["X-One", "1"],
      ["x-one", "2"],
      ["Content-Type", "application/json"],
    ];
    assert.deepEqual(endToEndHeaders(headers), headers);
  });

  it("are not those of one connection, of one hop, those that are made anew, or marks that somebody made up", () => {
    const names = [
      ...["Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE"],
      ...["Trailer", "Transfer-Encoding", "Upgrade", "Expect", "Host", "Content-Length"],
      ...["X-Zoho-Crm-Notifications-Event", "X-Zoho-Crm-Notifications-Sequence"],
      ...["X-Zoho-Crm-Notifications-Attempt", "X-Zoho-Crm-Notifications-Replay"],
    ];
    assert.deepEqual(endToEndHeaders(names.map(name => [name, "x"] as const)), []);
    const named: readonly Header[] = [
      ["Connection", "close, X-Hop"],
      ["x-hop", "1"],
      ["Close", "1"],
      ["X-Hop-Not", "1"],
    ];
    assert.deepEqual(endToEndHeaders(named), [["X-Hop-Not", "1"]]);
  });

  it("say which event it is, its place, how often it was sent and whether a person had it sent, where that applies", () => {
    assert.deepEqual(headersOf({ replay: true, attempt: 2, sequence: 7, event: 3 }), [
      ["X-Zoho-Crm-Notifications-Event", "3"],
      ["X-Zoho-Crm-Notifications-Sequence", "7"],
      ["X-Zoho-Crm-Notifications-Attempt", "2"],
      ["X-Zoho-Crm-Notifications-Replay", "true"],
    ]);
    assert.deepEqual(headersOf({}), []);
  });
});
