import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LookUp, parseTarget, resolveTarget, shownTarget } from "../../../../src/core/forwarding/forwardTarget.ts";
import { pathAndQuery } from "../../../../src/core/forwarding/outgoingTarget.ts";

const unexpected: LookUp = async hostname => Promise.reject(new Error(`looked up ${hostname}`));
const codeOf = (text: string, allowed: readonly string[] = []): string => {
  const parsed = parseTarget(text, allowed);
  return parsed.ok ? "ok" : parsed.error.code;
};
const resolve = async (
  text: string,
  lookUp: LookUp = unexpected,
  allowed: readonly string[] = [],
): Promise<unknown> => {
  const resolved = await resolveTarget(new URL(text), allowed, lookUp);
  return resolved.ok ? (resolved.value.addresses ?? "by name") : resolved.error.code;
};

describe("the address of a handler", () => {
  it("is an http or https one without a password or fragment", () => {
    assert.equal(codeOf("http://localhost:3000/hooks?x=1"), "ok");
    assert.equal(codeOf("https://localhost"), "ok");
    for (const text of [
      "",
      "localhost:3000",
      "ftp://localhost",
      "file:///etc/passwd",
      "http://localhost/#a",
      "http://",
    ]) {
      assert.equal(codeOf(text), "FORWARD_ADDRESS_INVALID", text);
    }
    assert.equal(codeOf("http://me:secret@localhost"), "FORWARD_ADDRESS_SECRET");
  });

  it("may say loopback in every notation", async () => {
    for (const text of [
      "http://127.0.0.1",
      "http://127.8.9.10",
      "http://2130706433",
      "http://0x7f.1",
      "http://0177.0.0.1",
    ]) {
      assert.equal(codeOf(text), "ok", text);
    }
    assert.deepEqual(await resolve("http://2130706433"), ["127.0.0.1"]);
    assert.deepEqual(await resolve("http://[::1]:3000"), ["::1"]);
    assert.deepEqual(await resolve("http://[::ffff:127.0.0.1]"), ["::ffff:7f00:1"]);
  });

  it("may be what servers call themselves that listen at every address of this machine", async () => {
    for (const [text, addresses] of [
      ["http://0.0.0.0:3000", ["127.0.0.1"]],
      ["http://0", ["127.0.0.1"]],
      ["http://[::]:3000/hook", ["::1", "127.0.0.1"]],
      ["http://[0:0:0:0:0:0:0:0]", ["::1", "127.0.0.1"]],
    ] as const) {
      assert.equal(codeOf(text), "ok", text);
      assert.deepEqual(await resolve(text), addresses, text);
    }
    const named = async (): Promise<readonly string[]> => Promise.resolve(["0.0.0.0"]);
    assert.equal(await resolve("http://app.test", named), "FORWARD_NOT_LOCAL", "a name is another thing");
  });

  it("may not say another machine in any notation", async () => {
    const others = [
      ...["http://10.0.0.1", "http://0.0.0.1", "http://3232235777", "http://0xa9fea9fe", "http://169.254.169.254"],
      ...[
        "http://[::2]",
        "http://[fe80::1]",
        "http://[::ffff:10.0.0.1]",
        "http://[::ffff:a9fe:a9fe]",
        "http://[64:ff9b::7f00:1]",
      ],
    ];
    for (const text of others) {
      assert.equal(codeOf(text), "FORWARD_NOT_LOCAL", text);
      assert.equal(await resolve(text), "FORWARD_NOT_LOCAL", text);
    }
  });

  it("is local without a look-up when it is under localhost", async () => {
    assert.deepEqual(await resolve("http://localhost:3000"), ["127.0.0.1", "::1"]);
    assert.deepEqual(await resolve("http://app.localhost."), ["127.0.0.1", "::1"]);
    assert.equal(
      await resolve("http://localhost.example.com", async () => Promise.resolve(["203.0.113.9"])),
      "FORWARD_NOT_LOCAL",
    );
  });

  it("is local by another name only when all of its addresses are loopback", async () => {
    assert.deepEqual(await resolve("http://app.test", async () => Promise.resolve(["127.0.0.1"])), ["127.0.0.1"]);
    const mixed = async (): Promise<readonly string[]> => Promise.resolve(["127.0.0.1", "203.0.113.9"]);
    assert.equal(await resolve("http://rebound.test", mixed), "FORWARD_NOT_LOCAL");
    assert.equal(await resolve("http://nobody.test", async () => Promise.resolve([])), "FORWARD_HOST_UNKNOWN");
    assert.equal(await resolve("http://broken.test"), "FORWARD_HOST_UNKNOWN");
  });

  it("may be a host that the user allows, to the letter, on the port that they allow", async () => {
    const allowed = ["Build.Example.com", "10.0.0.5:8080", "[fd00::1]"];
    assert.equal(await resolve("http://build.example.com:81", unexpected, allowed), "by name");
    assert.equal(await resolve("http://10.0.0.5:8080", unexpected, allowed), "by name");
    assert.equal(codeOf("http://10.0.0.5:8080", allowed), "ok");
    assert.equal(codeOf("http://10.0.0.5:9090", allowed), "FORWARD_NOT_LOCAL");
    assert.equal(await resolve("http://[fd00::1]/", unexpected, allowed), "by name");
    const elsewhere = async (): Promise<readonly string[]> => Promise.resolve(["203.0.113.9"]);
    assert.equal(await resolve("http://evil.build.example.com", elsewhere, allowed), "FORWARD_NOT_LOCAL");
  });

  it("is shown without its query", () => {
    assert.equal(shownTarget(new URL("http://localhost:3000/?key=secret")), "http://localhost:3000");
    assert.equal(shownTarget(new URL("http://localhost:3000/a?key=secret")), "http://localhost:3000/a");
  });
});

describe("path and query of a request to a handler", () => {
  const at = (url: string, path: string, query = ""): string | undefined => pathAndQuery(new URL(url), { path, query });

  it("are the handler's own, then what followed the ingest address as it was sent", () => {
    assert.equal(at("http://localhost:3000", ""), "/");
    assert.equal(at("http://localhost:3000/hook", ""), "/hook");
    assert.equal(at("http://localhost:3000/hook/", "/a%20b//c;d"), "/hook/a%20b//c;d");
    assert.equal(at("http://localhost:3000/hook?key=1", "/a", "x=%E2&x=2"), "/hook/a?key=1&x=%E2&x=2");
    assert.equal(at("http://localhost:3000", "", "x"), "/?x");
  });

  it("do not climb out of the handler's path", () => {
    for (const path of ["/..", "/a/../../b", "/%2e%2E/b", "/.%2e", "/a%2f..%2fb", "/..\\b"]) {
      assert.equal(at("http://localhost:3000/hook", path), undefined, path);
    }
    assert.equal(at("http://localhost:3000/hook", "/...//a..b/."), "/hook/...//a..b/.");
  });
});
