import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RawZoho, at, itemsOf } from "../../support/rawZoho.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { startSandbox } from "../../support/testSandbox.ts";

describe("a large organisation", () => {
  it("has a thousand channels on fifty modules at a stroke, and pages that miss none", async test => {
    const zoho = await RawZoho.signIn((await startSandbox(test)).url);
    const made = await zoho.call("POST", "/sandbox/populate", { modules: 50, channels: 1_000 });
    assert.equal(at(made.json, "modules"), 50);
    assert.equal(itemsOf(await zoho.call("GET", "settings/modules"), "modules").length, 50);
    const seen = new Set<unknown>();
    for (let page = 1; page <= 5; page++) {
      const listed = await zoho.call("GET", `actions/watch?page=${page}`);
      for (const item of itemsOf(listed, "watch")) seen.add(at(item, "channel_id"));
      assert.equal(at(listed.json, "info", "more_records"), page < 5);
    }
    assert.equal(seen.size, 1_000);
    assert.equal((await zoho.call("GET", "actions/watch?page=6")).status, 204);
    const ofModule = itemsOf(await zoho.call("GET", "actions/watch?module=Custom_20"), "watch");
    assert.ok(ofModule.length > 15 && ofModule.every(item => at(item, "resource_name") === "Custom_20"));
  });

  it("has records in its added modules, and keeps all of it", async test => {
    const dataDir = temporaryFolder(test);
    const first = await startSandbox(test, { dataDir, modules: 40 });
    const zoho = await RawZoho.signIn(first.url);
    const id = await zoho.create("Custom_3", { Name: "Mine" });
    await zoho.call("POST", "/sandbox/populate", { records: { Custom_3: 2 }, channels: 3 });
    await first.close();
    const after = zoho.on((await startSandbox(test, { dataDir })).url);
    assert.equal(at(itemsOf(await after.call("GET", `Custom_3/${id}`), "data")[0], "Name"), "Mine");
    assert.equal(itemsOf(await after.call("GET", "Custom_3?fields=Name"), "data").length, 3);
    assert.equal(itemsOf(await after.call("GET", "actions/watch"), "watch").length, 3);
  });

  it("is refused for modules and users that do not exist", async test => {
    const zoho = await RawZoho.signIn((await startSandbox(test)).url);
    assert.equal((await zoho.call("POST", "/sandbox/populate", { records: { Unicorns: 1 } })).status, 400);
    assert.equal((await zoho.call("POST", "/sandbox/populate", { user: "nobody" })).status, 400);
  });
});
