import assert from "node:assert/strict";
import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";
import { type TestContext, describe, it } from "node:test";
import { transmit } from "../../../../src/core/forwarding/transmit.ts";

interface Asked {
  readonly by: string;
  readonly agent: unknown;
  readonly host: unknown;
  readonly port: unknown;
}

/** Replaces the request functions, as the editor does; gives what they are asked for. Nothing is sent. */
function replaceRequestFunctions(test: TestContext): Asked[] {
  const asked: Asked[] = [];
  for (const [by, module] of [
    ["http", http],
    ["https", https],
  ] as const) {
    test.mock.method(module, "request", ({ agent, host, port }: http.RequestOptions) => {
      asked.push({ by, agent, host, port });
      throw new Error("Nothing is sent");
    });
  }
  syncBuiltinESMExports();
  test.after(() => {
    test.mock.restoreAll();
    syncBuiltinESMExports();
  });
  return asked;
}

describe("a request to an allowed host elsewhere", () => {
  it("goes by the editor's function for its scheme, on a connection of its own", async test => {
    const asked = replaceRequestFunctions(test);
    for (const address of ["http://hooks.example.com:8080", "https://hooks.example.com"]) {
      const target = { url: new URL(address) };
      const transmission = { target, method: "POST", path: "/", headers: [], body: new Uint8Array() };
      const sent = transmit(transmission, () => assert.fail("connected"), new AbortController().signal);
      await assert.rejects(sent, { message: "Nothing is sent" });
    }
    assert.deepEqual(asked, [
      { by: "http", agent: false, host: "hooks.example.com", port: "8080" },
      { by: "https", agent: false, host: "hooks.example.com", port: "" },
    ]);
  });
});
