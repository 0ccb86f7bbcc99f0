import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import {
  type ForwardRule,
  keyOf,
  parseRules,
  ruleFor,
  ruleWords,
  type WrittenRule,
  withRule,
} from "../../../../src/core/forwarding/forwardRule.ts";
import type { ForwardedEvent } from "../../../../src/core/forwarding/forwardedEvent.ts";
import { aForwardedEvent } from "./aForwardedEvent.ts";

interface Manifest {
  readonly contributes: {
    readonly configuration: readonly { readonly properties: Readonly<Record<string, Setting | undefined>> }[];
  };
}

interface Setting {
  readonly items: { readonly properties: Readonly<Record<string, { readonly pattern?: string } | undefined>> };
}

const rule = (parts: Partial<ForwardRule>): ForwardRule => ({
  url: "http://localhost:3000",
  enabled: true,
  wrongToken: false,
  ...parts,
});

describe("rules as they stand in the settings", () => {
  it("are read with their defaults", () => {
    const { rules, malformed } = parseRules([{ url: "http://localhost:3000", module: "Deals" }]);
    assert.deepEqual(rules, [rule({ module: "Deals" })]);
    assert.equal(malformed, 0);
  });

  it("are left out and counted where they are of no known form", () => {
    const { rules, malformed } = parseRules([{ url: 3 }, "x", { url: "http://localhost", operation: 5 }]);
    assert.deepEqual(rules, []);
    assert.equal(malformed, 3);
    assert.deepEqual(parseRules({}), { rules: [], malformed: 1 });
    assert.deepEqual(parseRules(undefined), { rules: [], malformed: 0 });
  });

  it("have an address that is one, and the settings editor says so of the same ones", () => {
    const { contributes } = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
    const settings = contributes.configuration.find(({ properties }) => "zohoCrm.forward.rules" in properties);
    const { pattern } = settings?.properties["zohoCrm.forward.rules"]?.items.properties["url"] ?? {};
    assert.ok(pattern !== undefined);
    const agreed = (url: string): readonly boolean[] => [
      parseRules([{ url }]).malformed === 0,
      RegExp(pattern).test(url),
    ];
    for (const url of [
      ...["http://localhost:3000", "https://127.0.0.1/hooks?key=a b", "HTTP://[::1]:80/", "http://0.0.0.0:3000"],
      ...["http://192.0.2.1/", "http://app.test?x=1", " http://localhost/a@b"],
    ]) {
      assert.deepEqual(agreed(url), [true, true], url);
    }
    for (const url of [
      ...["", "localhost:3000", "nonsense", "ftp://localhost", "3000", "/hooks", "http://", "http:///?x"],
      ...["http://me:secret@localhost", "http://me@localhost/", "http://localhost/#part", "javascript:alert(1)"],
    ]) {
      assert.deepEqual(agreed(url), [false, false], url);
    }
  });

  it("have one key as long as they choose the same and send it to the same place", () => {
    assert.equal(keyOf(rule({ name: "a", wrongToken: true })), keyOf(rule({ name: "b" })));
    assert.notEqual(keyOf(rule({ module: "Deals" })), keyOf(rule({ operation: "edit" })));
    assert.notEqual(keyOf(rule({})), keyOf(rule({ url: "http://localhost:4000" })));
  });

  it("say in a few words what goes where, without what may be secret in the address", () => {
    assert.equal(ruleWords(rule({ module: "Deals", operation: "edit" })), "Deals edit to http://localhost:3000");
    assert.equal(ruleWords(rule({ url: "http://localhost:3000/hook?key=s3cret" })), "http://localhost:3000/hook");
    assert.equal(ruleWords(rule({ name: "Site visits" })), "Site visits to http://localhost:3000");
  });
});

describe("the rule for an operation that subscriptions do not have", () => {
  it("fits by the word, in whatever case, and other words for the known ones fit, too", () => {
    const fits = (written: string, told: string | undefined): boolean =>
      ruleFor([rule({ operation: written })], aForwardedEvent({ operation: told })) !== undefined;
    assert.deepEqual(
      [fits("restore", "restore"), fits("Restore", "restore"), fits("update", "edit"), fits("EDIT", "edit")],
      [true, true, true, true],
    );
    assert.deepEqual([fits("restore", "edit"), fits("edit", undefined)], [false, false]);
  });

  it("fits no event without a module where it asks for one", () => {
    assert.equal(ruleFor([rule({ module: "Deals" })], aForwardedEvent({ module: undefined })), undefined);
    assert.ok(ruleFor([rule({})], aForwardedEvent({ module: undefined })));
  });
});

describe("the rule for an event", () => {
  const deal = aForwardedEvent({ module: "Deals", operation: "edit", channelId: "7" });
  const chosen = (rules: readonly ForwardRule[], event: ForwardedEvent = deal): ForwardRule["url"] | undefined =>
    ruleFor(rules, event)?.url;

  it("is the first enabled one that fits", () => {
    const rules = [
      rule({ module: "Leads", url: "http://localhost:1" }),
      rule({ module: "Deals", url: "http://localhost:2", enabled: false }),
      rule({ module: "Deals", operation: "edit", channel: "7", url: "http://localhost:3" }),
      rule({ url: "http://localhost:4" }),
    ];
    assert.equal(chosen(rules), "http://localhost:3");
    assert.equal(chosen(rules.slice(0, 2)), undefined);
  });

  it("is none for a notification with a wrong token, unless the rule takes those too", () => {
    const forged = aForwardedEvent({ verification: "mismatch" });
    assert.equal(chosen([rule({})], forged), undefined);
    assert.equal(chosen([rule({ wrongToken: true })], forged), "http://localhost:3000");
  });

  it("takes a notification without a token, as Zoho sends for deletions, and of a channel that nobody here knows", () => {
    assert.ok(chosen([rule({})], aForwardedEvent({ verification: "absent", operation: "delete" })));
    assert.ok(chosen([rule({})], aForwardedEvent({ verification: "unknown" })));
  });

  it("takes requests that are no notification only where it chooses nothing in particular", () => {
    const webhook = aForwardedEvent(undefined);
    assert.ok(chosen([rule({})], webhook));
    assert.equal(chosen([rule({ operation: "edit" })], webhook), undefined);
  });
});

describe("adding a rule", () => {
  const all = rule({ url: "http://localhost:1" });
  const deals = rule({ module: "Deals", url: "http://localhost:2" });

  it("puts it in the place of one that chooses the same", () => {
    const moved = { ...deals, url: "http://localhost:9" };
    assert.deepEqual(withRule([deals, all], moved), [moved, all]);
  });

  it("keeps what else was written of the one in whose place it is put, and turns that on", () => {
    const known = { name: "Mine", headers: { "X-Mine": "1" }, wrongToken: true };
    const before = rule({ module: "Deals", enabled: false, ...known });
    const [written] = withRule<WrittenRule>([before, all], { module: "Deals", url: "http://localhost:9" });
    assert.deepEqual(written, rule({ module: "Deals", url: "http://localhost:9", ...known }));
  });

  it("puts it before one that would leave it nothing", () => {
    assert.deepEqual(withRule([all], deals), [deals, all]);
    assert.deepEqual(withRule([deals], all), [deals, all]);
  });
});
