import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { leftBehind, underAddress } from "../../../../src/core/address/readdress.ts";
import { aChannel } from "./aChannel.ts";

const path = "/in/abcdefghijklmnop";
const here = `https://new.trycloudflare.com${path}`;

describe("channels that a tunnel left behind", () => {
  const left = (notifyUrl: string, createdHere = true): boolean =>
    leftBehind([aChannel({ notifyUrl, createdHere })], [here], path).length > 0;

  it("are this editor's, with its ingest path under another address", () => {
    assert.ok(left(`https://old.trycloudflare.com${path}`));
    assert.ok(left(`https://old.example.com/prefix${path}/extra?a=b`));
    assert.ok(!left(here), "this one leads here");
    assert.ok(!left(`https://old.trycloudflare.com${path}qrst`), "another channel's");
    assert.ok(!left(`https://old.trycloudflare.com${path}`, false), "made elsewhere");
    assert.ok(!left("not an address"));
  });

  it("keep what follows the path", () => {
    assert.equal(underAddress(`https://old.example.com/p${path}/extra?a=b`, here, path), `${here}/extra?a=b`);
    assert.equal(underAddress(`https://old.example.com${path}`, here, path), here);
  });
});
