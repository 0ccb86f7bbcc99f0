import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { familiesOf, placeOf } from "../../../../src/core/forwarding/place.ts";

describe("where a request to a handler goes", () => {
  it("is the host and the port of the address", () => {
    assert.deepEqual(placeOf(new URL("http://localhost:3000/x")), { host: "localhost", port: 3000, isTls: false });
  });

  it("is the port of the scheme where none is written", () => {
    assert.equal(placeOf(new URL("http://localhost")).port, 80);
    assert.equal(placeOf(new URL("https://localhost")).port, 443);
  });

  it("asks for the certificate of a name, and of no address", () => {
    const tls = { isTls: true, port: 8443 };
    assert.deepEqual(placeOf(new URL("https://a.test:8443")), { ...tls, host: "a.test", servername: "a.test" });
    assert.deepEqual(placeOf(new URL("https://127.0.0.1:8443")), { ...tls, host: "127.0.0.1" });
    assert.deepEqual(placeOf(new URL("https://[::1]:8443")), { ...tls, host: "::1" });
  });

  it("is one of the addresses that were looked up, each with its family", () => {
    assert.deepEqual(familiesOf(["127.0.0.1", "::1"]), [
      { address: "127.0.0.1", family: 4 },
      { address: "::1", family: 6 },
    ]);
  });
});
