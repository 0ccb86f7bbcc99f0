import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { unreachedProxy } from "../../../src/zoho/proxyFailure.ts";

const url = "https://www.zohoapis.eu/crm/v8/actions/watch";
const node = (fields: object): Error => Object.assign(new Error("connect"), fields);

describe("what an error of the network says of a proxy", () => {
  it("names the proxy whose port refused, or whose name nobody knows", () => {
    assert.equal(unreachedProxy(node({ address: "10.1.1.9", port: 3128 }), url), "10.1.1.9:3128");
    assert.equal(unreachedProxy(node({ address: "fd00::9", port: 3128 }), url), "[fd00::9]:3128");
    assert.equal(unreachedProxy(node({ hostname: "proxy.acme.example" }), url), "proxy.acme.example");
  });

  it("names the one that the editor was to go through, without who may use it", () => {
    const says = (result: string): Error => new Error(`Failed to establish a socket connection to proxies: ${result}`);
    assert.equal(unreachedProxy(says("PROXY proxy.acme.example:3128"), url), "proxy.acme.example:3128");
    assert.equal(unreachedProxy(says("HTTPS <credentials>@10.1.1.9:443; DIRECT"), url), "10.1.1.9:443");
    assert.equal(unreachedProxy(says("SOCKS5 me:hush@10.1.1.9:1080"), url), "10.1.1.9:1080");
    assert.equal(unreachedProxy(says("DIRECT"), url), undefined);
  });

  it("finds it in what the error wraps", () => {
    const refused = node({ address: "10.1.1.9", port: 3128 });
    assert.equal(unreachedProxy(new Error("request failed", { cause: refused }), url), "10.1.1.9:3128");
    assert.equal(unreachedProxy(new AggregateError([new Error("other"), refused]), url), "10.1.1.9:3128");
  });

  it("names none where it was the server itself", () => {
    assert.equal(unreachedProxy(node({ address: "136.143.190.9", port: 443 }), url), undefined);
    assert.equal(unreachedProxy(node({ address: "136.143.190.9", port: 80 }), "http://www.zohoapis.eu/"), undefined);
    assert.equal(unreachedProxy(node({ address: "127.0.0.1", port: 4000 }), "http://localhost:4000/"), undefined);
    assert.equal(unreachedProxy(node({ hostname: "www.zohoapis.eu" }), url), undefined);
  });

  it("names none where the error does not say, whatever it is", () => {
    const round = new Error("round");
    round.cause = round;
    for (const error of [round, new Error("reset"), node({ address: 7, port: "x" }), "text", null, undefined]) {
      assert.equal(unreachedProxy(error, url), undefined);
    }
  });
});
