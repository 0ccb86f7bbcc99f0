import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startSandbox } from "../support/testSandbox.ts";
import { createSdkLead, deleteSdkLead, updateSdkLead } from "../support/zohoSdk.ts";
import { receiveNotifications } from "../support/notificationReceiver.ts";
import { RawZoho, token } from "../support/rawZoho.ts";
import { openSdkSession, selfClientCode } from "../support/zohoSdkSession.ts";
import { zohoSdks } from "../support/zohoSdks.ts";

for (const { name, sdk } of zohoSdks) {
  describe(`${name} and sign-in to the sandbox`, () => {
    it("is refused a wrong client secret and a code that was used", async test => {
      const { url } = await startSandbox(test);
      const code = await selfClientCode(url);
      const wrong = { ...code, client_secret: "wrong" };
      await assert.rejects(openSdkSession(url, wrong, sdk), isSdkError(/invalid_client_secret/));
      await token(url, { grant_type: "authorization_code", ...code });
      await assert.rejects(openSdkSession(url, code, sdk), isSdkError(/invalid_code/));
    });
  });
}

describe("Zoho's Node.js SDK 8.0 as another program", () => {
  it("changes a lead from its own process, and each change is delivered once, in order", async test => {
    const { url } = await startSandbox(test);
    const receiver = await receiveNotifications(test);
    const raw = await RawZoho.signIn(url);
    const channel_id = "9007199254740993";
    await raw.watch("POST", { channel_id, events: ["Leads.all"], notify_url: `${receiver.url}/in`, token: "tok" });
    const id = await createSdkLead(url, { Last_Name: "Quinn", Company: "Quinn & Co" });
    await updateSdkLead(url, id, { Phone: "555-0100" });
    await deleteSdkLead(url, id);
    const posts = await receiver.first(3);
    assert.deepEqual(
      posts.map(({ json }) => json["operation"]),
      ["insert", "update", "delete"],
    );
    for (const { json } of posts) {
      assert.deepEqual([json["ids"], json["channel_id"], json["token"]], [[id], channel_id, "tok"]);
    }
  });
});

function isSdkError(pattern: RegExp): (error: unknown) => boolean {
  return error => {
    assert.ok(error instanceof Error);
    assert.match(describeChain(error), pattern);
    return true;
  };
}

function describeChain(error: unknown): string {
  return error instanceof Error ? `${error.message} ${String(error)} ${describeChain(error.cause)}` : String(error);
}
