import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import {
  createKeyIn,
  formatJoinLink,
  parseJoinLink,
  parseJoinParts,
  relayAddress,
} from "../../../src/protocol/joinLink.ts";

const extension = "publisher.name";
const relay = "https://relay.example.com/zcn";
const key = "A".repeat(42) + "E";
const invitation = {
  channel: "channel-of-the-test",
  readKey: "key-that-only-reads",
  ingestUrl: `${relay}/in/channel-of-the-test`,
  keys: [{ publicKey: key, privateKey: key }],
};

describe("a join link", () => {
  it("gives back what it was made from, also where its parts were decoded on the way", () => {
    const anything = fc.record({
      createKey: fc.option(fc.stringMatching(/^[!-~]{8,40}$/), { nil: undefined }),
      invitation: fc.constantFrom(undefined, invitation),
    });
    fc.assert(
      fc.property(anything, secrets => {
        const link = formatJoinLink(extension, { relay, ...secrets });
        assert.deepEqual(parseJoinLink(link), { relay, ...secrets });
        const { search, hash } = new URL(link);
        const decoded = [search, hash].map(part => decodeURIComponent(part.slice(1)));
        assert.deepEqual(parseJoinParts(decoded[0] ?? "", decoded[1] ?? ""), { relay, ...secrets });
      }),
    );
  });

  it("has its secrets behind the #, which nobody on the way is sent, and nothing of them at its end", () => {
    const link = formatJoinLink(extension, { relay, createKey: "open-sesame", invitation: undefined });
    assert.match(link, /^vscode:\/\/publisher\.name\/join\?relay=https%3A%2F%2Frelay\.example\.com%2Fzcn#/);
    const [open = ""] = link.split("#");
    assert.ok(!open.includes("open-sesame") && !open.includes(Buffer.from("open-sesame").toString("base64url")));
    assert.match(link, /&format=join-v1$/);
  });

  it("is read in the scheme of any editor, and of no other form", () => {
    assert.equal(parseJoinLink(`vscodium://publisher.name/join?relay=${relay}`)?.relay, relay);
    assert.equal(parseJoinLink(`  vscode-insiders://p.n/join?relay=${relay}/ \n`)?.relay, relay);
    const refused = [
      "",
      "hello",
      `https://example.com/join?relay=${relay}`,
      `vscode://publisher.name/leave?relay=${relay}`,
      "vscode://publisher.name/join",
      "vscode://publisher.name/join?relay=file:///etc/passwd",
      "vscode://publisher.name/join?relay=https://user:pass@relay.example.com",
      `vscode://publisher.name/join?relay=${relay}#createKey=${Buffer.from("short").toString("base64url")}`,
      `vscode://publisher.name/join?relay=${relay}#createKey=*`,
      `vscode://publisher.name/join?relay=${relay}#invitation=e30`,
      `vscode://publisher.name/join?relay=${relay}#invitation=!`,
    ];
    for (const text of refused) assert.equal(parseJoinLink(text), undefined, text);
  });
});

describe("a relay's address", () => {
  it("is kept without a slash at its end, and refused where it is more than an address", () => {
    assert.equal(relayAddress(" https://Relay.example.com/ "), "https://relay.example.com");
    assert.equal(relayAddress("http://127.0.0.1:8080/zcn//"), "http://127.0.0.1:8080/zcn");
    for (const text of ["relay.example.com", "ftp://x", "https://x/?a=1", "https://x/#a", "https://u@x"]) {
      assert.equal(relayAddress(text), undefined, text);
    }
  });
});

describe("a create key", () => {
  it("is taken without what surrounds it, and refused where it cannot be one", () => {
    assert.equal(createKeyIn(" open-sesame\n"), "open-sesame");
    for (const text of ["", "short", "has a space", "ünusable-key"]) assert.equal(createKeyIn(text), undefined, text);
  });
});
