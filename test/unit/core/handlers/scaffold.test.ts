import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "node:test";
import { parseEnv } from "node:util";
import { environmentFile, withTokens } from "../../../../src/core/handlers/scaffold/environmentFile.ts";
import { freeFolderName, isFolderName, readPort } from "../../../../src/core/handlers/scaffold/newHandlerDefaults.ts";
import { sampleFixture } from "../../../../src/core/handlers/scaffold/sampleFixture.ts";
import { parseFixture } from "../../../../src/core/exchange/fixture.ts";
import { needsToken, withToken } from "../../../../src/core/exchange/fixtureToken.ts";
import { parseNotification } from "../../../../src/zoho/notification.ts";
import { valueOf } from "../../zoho/scriptedTransport.ts";
import { aField, aModule, agency } from "./someMetadata.ts";

describe("the environment file of a handler", () => {
  it("gives Node the port and every token, whatever characters Zoho took for one", () => {
    const tokens = fc.dictionary(fc.stringMatching(/^[1-9]\d{0,18}$/), fc.stringMatching(/^[\x20-\x7e]{1,50}$/));
    fc.assert(
      fc.property(tokens, byId => {
        const text = environmentFile({ port: 3000, tokens: new Map(Object.entries(byId)) });
        const expected = Object.entries(byId).filter(([, token]) => !(token.includes("'") && token.includes("`")));
        assert.deepEqual(
          { ...parseEnv(text) },
          { PORT: "3000", ...Object.fromEntries(expected.map(([id, token]) => [`ZOHO_CHANNEL_TOKEN_${id}`, token])) },
        );
      }),
      { seed: 20_260_105 },
    );
  });

  it("gets tokens of later subscriptions, keeps the others and the person's own lines", () => {
    const before = `${environmentFile({
      port: 3000,
      tokens: new Map([
        ["1", "a"],
        ["2", "b"],
      ]),
    })}CALENDAR_FILE=x\n`;
    const after =
      withTokens(
        before,
        new Map([
          ["2", "new"],
          ["3", "c"],
        ]),
      ) ?? "";
    assert.deepEqual(
      { ...parseEnv(after) },
      {
        ...{ PORT: "3000", CALENDAR_FILE: "x" },
        ...{ ZOHO_CHANNEL_TOKEN_1: "a", ZOHO_CHANNEL_TOKEN_2: "new", ZOHO_CHANNEL_TOKEN_3: "c" },
      },
    );
    assert.equal(
      withTokens(
        after,
        new Map([
          ["2", "new"],
          ["3", "c"],
        ]),
      ),
      after,
    );
  });

  it("is not written to where somebody else wrote it", () => {
    assert.equal(withTokens("PORT=1\n", new Map([["1", "a"]])), undefined);
    assert.equal(withTokens("", new Map([["1", "a"]])), undefined);
  });
});

describe("the fixture of a new handler", () => {
  const common = { language: "typescript", port: 3000, types: "", now: 1_767_600_000_000 } as const;
  it("is a notification of the first module with a value that its field can have, and room for the token", () => {
    const tokens = new Map([["42", "secret"]]);
    const text = sampleFixture({ ...common, sample: "blank", modules: agency.modules, tokens });
    const { request } = valueOf(parseFixture(text));
    assert.ok(needsToken(request));
    const read = valueOf(parseNotification(Buffer.from(withToken(request, "secret").body).toString()));
    assert.deepEqual([read.module, read.channelId, read.token], ["Deals", "42", "secret"]);
    assert.deepEqual(read.changes[0]?.values, { Stage: "Qualification" });
  });

  it("is one also of a module of which nothing is known", () => {
    const modules = [aModule("X/../Y", [aField("Id", "bigint", { readOnly: true })])];
    const text = sampleFixture({ ...common, sample: "blank", modules, tokens: new Map() });
    assert.match(text, /"module": "X\/\.\.\/Y"/);
    assert.match(text, /crm\/v2\/X%2F\.\.%2FY"/);
  });
});

describe("what is proposed for a new handler", () => {
  it("is a folder that is not there", () => {
    assert.equal(freeFolderName([]), "zoho-handler");
    assert.equal(freeFolderName(["Zoho-Handler", "src", "zoho-handler-2"]), "zoho-handler-3");
  });

  it("can be changed to what every system takes as a folder", () => {
    for (const name of ["handler", "a b", "a.b", "_x", "7"]) assert.ok(isFolderName(name), name);
    for (const name of ["", ".git", "..", "a/b", "a\\b", "con", "NUL.txt", "a.", "a ", "ü", "a:b", "x".repeat(100)]) {
      assert.ok(!isFolderName(name), name);
    }
  });

  it("is a port that a program of one's own may take", () => {
    assert.deepEqual(["3000", "1024", "65535"].map(readPort), [3000, 1024, 65_535]);
    assert.deepEqual(["80", "65536", "", "3000x", "-1", "3e3", "٣٠٠٠"].map(readPort), Array(7).fill(undefined));
  });
});
