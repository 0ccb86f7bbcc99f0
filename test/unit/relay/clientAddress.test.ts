import assert from "node:assert/strict";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, it } from "node:test";
import { addressGroup, clientAddress, clientProtocol } from "../../../src/relay/clientAddress.ts";

function requestWith(headers: Readonly<Record<string, string>>): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  Object.assign(request.headers, headers);
  return request;
}

describe("where a request comes from", () => {
  it("is what the trusted proxies saw, and nothing further left", () => {
    const request = requestWith({ "x-forwarded-for": "6.6.6.6, 198.51.100.7 ,10.0.0.1" });
    assert.equal(clientAddress(request, 1), "10.0.0.1");
    assert.equal(clientAddress(request, 2), "198.51.100.7");
  });

  it("is the peer when no proxy is trusted, or fewer have written than are trusted", () => {
    const request = requestWith({ "x-forwarded-for": "6.6.6.6", "x-forwarded-proto": "https" });
    assert.equal(clientAddress(request, 0), "");
    assert.equal(clientAddress(request, 2), "");
    assert.equal(clientAddress(requestWith({}), 1), "");
  });

  it("was over HTTPS when a trusted proxy says so", () => {
    const request = requestWith({ "x-forwarded-proto": "https" });
    assert.equal(clientProtocol(request, 0), "http");
    assert.equal(clientProtocol(request, 1), "https");
    assert.equal(clientProtocol(request, 2), "https");
    assert.equal(clientProtocol(requestWith({ "x-forwarded-proto": "https, http" }), 1), "http");
    assert.equal(clientProtocol(requestWith({ "x-forwarded-proto": "https, http" }), 2), "https");
  });
});

describe("a group of addresses", () => {
  it("is an IPv4 address, also one that is written as IPv6", () => {
    assert.equal(addressGroup("192.0.2.1"), "192.0.2.1");
    assert.equal(addressGroup("::ffff:192.0.2.1"), "192.0.2.1");
  });

  it("is the first 64 bits of an IPv6 address, however it is written", () => {
    for (const address of [
      "2001:db8:1:2::1",
      "2001:DB8:1:2:ffff::",
      "2001:0db8:0001:0002:3:4:5:6",
      "2001:db8:1:2::%eth0",
    ]) {
      assert.equal(addressGroup(address), "2001:db8:1:2", address);
    }
    assert.equal(addressGroup("::1"), "0:0:0:0");
    assert.equal(addressGroup("2001:db8::5:6:7:8"), "2001:db8:0:0");
    assert.notEqual(addressGroup("2001:db8:1:3::1"), addressGroup("2001:db8:1:2::1"));
  });
});
