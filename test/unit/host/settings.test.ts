import "../../support/vscodeConfiguration/hook.ts";
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { asked, changed, values } from "../../support/vscodeConfiguration/standIn.ts";

const { onDidChangeSettings, rememberSettings, settings } = await import("../../../src/host/settings.ts");
const relayUrl = "zohoCrm.relay.url";

describe("settings", () => {
  beforeEach(() => {
    values.set(relayUrl, "https://one.example.com/");
    asked.length = 0;
  });

  it("are asked for once while they are remembered, also one that is not set", test => {
    const remembering = rememberSettings();
    test.after(() => remembering.dispose());
    for (let row = 0; row < 1_000; row++) {
      assert.equal(settings.relayUrl(), "https://one.example.com");
      assert.equal(settings.relayPublicUrl(), undefined);
    }
    assert.deepEqual(asked, [relayUrl, "zohoCrm.relay.publicUrl"]);
  });

  it("are the new ones for whoever is told of a change", test => {
    const remembering = rememberSettings();
    test.after(() => remembering.dispose());
    const seen: (string | undefined)[] = [settings.relayUrl()];
    const listening = onDidChangeSettings(relayUrl)(() => seen.push(settings.relayUrl()));
    test.after(() => listening.dispose());
    changed(relayUrl, "https://two.example.com");
    assert.deepEqual(seen, ["https://one.example.com", "https://two.example.com"]);
  });

  it("are read anew at each use once they are not remembered any more", () => {
    rememberSettings().dispose();
    settings.relayUrl();
    settings.relayUrl();
    assert.deepEqual(asked, [relayUrl, relayUrl]);
  });
});
