import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { day, hour, minute, second } from "../../../../src/base/clock.ts";
import type { Problem } from "../../../../src/base/problem.ts";
import { fail, succeed } from "../../../../src/base/result.ts";
import { checkAccessToken } from "../../../../src/core/diagnose/checks/accessToken.ts";
import { isPublic } from "../../../../src/base/publicHost.ts";
import { type AddressQuestion, checkAddress } from "../../../../src/core/diagnose/checks/address.ts";
import { checkClock } from "../../../../src/core/diagnose/checks/clockSkew.ts";
import { checkCredits } from "../../../../src/core/diagnose/checks/credits.ts";
import { checkExpiry } from "../../../../src/core/diagnose/checks/expiry.ts";
import { checkModules } from "../../../../src/core/diagnose/checks/modules.ts";
import { checkOrganization } from "../../../../src/core/diagnose/checks/organization.ts";
import { checkProbe } from "../../../../src/core/diagnose/checks/probeOutcome.ts";
import { checkRelay } from "../../../../src/core/diagnose/checks/relayStream.ts";
import { checkScopes, missingScopes } from "../../../../src/core/diagnose/checks/scopes.ts";
import { checkSignedIn } from "../../../../src/core/diagnose/checks/signedIn.ts";
import { checkSubscription } from "../../../../src/core/diagnose/checks/subscription.ts";
import { checkTokenEcho } from "../../../../src/core/diagnose/checks/tokenEcho.ts";
import type { Finding } from "../../../../src/core/diagnose/finding.ts";
import { makeChannel } from "../../../../src/core/subscriptions/channel.ts";
import type { ModuleInfo } from "../../../../src/zoho/metadata.ts";
import type { ZohoProblem } from "../../../../src/zoho/problem.ts";
import { aConnection } from "../connections/aConnection.ts";

/** Status and remedy; the sentence has to match. */
function found(finding: Finding, status: Finding["status"], sentence: RegExp, remedy?: string): void {
  assert.equal(finding.status, status, finding.sentence);
  assert.match(finding.sentence, sentence);
  assert.equal("remedy" in finding ? finding.remedy : undefined, remedy);
}

const refused: ZohoProblem = { kind: "signed-out", code: "X", message: "Sign in again.", remedy: "sign-in" };
const offline: ZohoProblem = { kind: "offline", reason: "timeout", code: "X", message: "Nobody.", remedy: "retry" };
const throttled: ZohoProblem = { kind: "throttled", code: "X", message: "Later.", remedy: "retry", retryAt: 0 };

describe("the link “signed in”", () => {
  it("is there with a connection and broken without", () => {
    found(checkSignedIn(aConnection()), "ok", /Hearth Homes \(data centre eu\)/);
    found(checkSignedIn(undefined), "broken", /not signed in/, "sign-in");
  });
});

describe("the link “access token”", () => {
  it("is broken where none can be had", () => {
    found(checkAccessToken(fail(refused), undefined), "broken", /Sign in again/, "sign-in");
  });
  it("is broken where the API does not take it, or does not answer", () => {
    found(checkAccessToken(succeed("t"), fail(refused)), "broken", /Sign in again/, "sign-in");
    found(checkAccessToken(succeed("t"), fail(offline)), "broken", /Nobody/, "retry");
  });
  it("is well where the API refuses for another reason", () => {
    found(checkAccessToken(succeed("t"), fail(throttled)), "ok", /the API takes them/);
    found(checkAccessToken(succeed("t"), succeed({})), "ok", /the API takes them/);
  });
});

describe("the link “permissions”", () => {
  it("names the scopes that are missing", () => {
    const required = ["ZohoCRM.notifications.ALL", "ZohoCRM.org.READ"];
    found(checkScopes(["ZohoCRM.org.READ"], required), "broken", /permission ZohoCRM\.notifications\.ALL/, "sign-in");
    found(checkScopes(required, required), "ok", /2 permissions/);
  });
  const cases: readonly (readonly [granted: string, required: string, covered: boolean])[] = [
    ["ZohoCRM.settings.ALL", "ZohoCRM.settings.fields.READ", true],
    ["zohocrm.SETTINGS.all", "ZohoCRM.settings.fields.READ", true],
    ["ZohoCRM.settings.fields.READ", "ZohoCRM.settings.modules.READ", false],
    ["ZohoCRM.settings.READ", "ZohoCRM.settings.fields.READ", true],
    ["ZohoCRM.notifications.WRITE", "ZohoCRM.notifications.CREATE", true],
    ["ZohoCRM.notifications.WRITE", "ZohoCRM.notifications.ALL", false],
    ["ZohoCRM.modules.ALL", "ZohoCRM.modules.leads.READ", true],
    ["ZohoCRM.modules.ALL.READ", "ZohoCRM.modules.leads.READ", true],
    ["ZohoCRM.org.READ", "ZohoCRM.orga.READ", false],
  ];
  for (const [granted, required, covered] of cases) {
    it(`${granted} ${covered ? "covers" : "does not cover"} ${required}`, () => {
      assert.deepEqual(missingScopes([granted], [required]), covered ? [] : [required]);
    });
  }
});

describe("the link “organisation and user”", () => {
  const { organization, user } = aConnection();
  it("tells type and edition", () => {
    const answer = succeed({ ...organization, edition: "enterprise" });
    found(
      checkOrganization(aConnection(), answer, succeed(user)),
      "ok",
      /Production, enterprise edition\), as Ines Holm/,
    );
  });
  it("is broken where the sign-in is somebody else's now", () => {
    const other = succeed({ ...organization, id: "99" });
    found(checkOrganization(aConnection(), other, succeed(user)), "broken", /another organisation or user/, "sign-in");
  });
  it("is broken by what the API answers", () => {
    found(checkOrganization(aConnection(), fail(throttled), succeed(user)), "broken", /Later/, "retry");
    found(checkOrganization(aConnection(), succeed(organization), fail(throttled)), "broken", /Later/, "retry");
  });
});

describe("the link “modules”", () => {
  const module = (apiName: string, changes: Partial<ModuleInfo> = {}): ModuleInfo => ({
    id: "1",
    apiName,
    singularLabel: apiName,
    pluralLabel: apiName,
    apiSupported: true,
    creatable: true,
    editable: true,
    deletable: true,
    generatedType: "default",
    ...changes,
  });
  const items = [module("Leads"), module("Visits", { apiSupported: false })];
  const known = succeed({ items, unreadable: 0 });
  it("is well where each is there and supported", () => found(checkModules(["Leads"], known), "ok", /has Leads/));
  it("names those that are gone", () =>
    found(checkModules(["Leads", "Old"], known), "broken", /no module Old/, "none"));
  it("does not say that a module is gone where some could not be read", () =>
    found(
      checkModules(["Leads", "Old"], succeed({ items, unreadable: 2 })),
      "broken",
      /^Zoho lists some modules/,
      "none",
    ));
  it("names those that the API does not support", () => {
    found(checkModules(["Visits"], known), "broken", /cannot notify about Visits/, "none");
  });
  it("has nothing to say without a subscription", () =>
    found(checkModules([], known), "not-checked", /no subscription/));
  it("shortens a long list", () => {
    const names = Array.from({ length: 50 }, (_, index) => `Module_${index}`);
    found(checkModules(names, known), "broken", /Module_4 and 45 more/, "none");
  });
});

describe("the link “subscription”", () => {
  const problem: Problem = { code: "X", message: "No answer.", remedy: "retry" };
  it("is broken without one, and where the list cannot be had", () => {
    const none = { kind: "loaded", channels: [], unreadable: [], complete: true, refreshedAt: 0 } as const;
    found(checkSubscription({ state: none, channelId: undefined }), "broken", /no subscription/, "create-subscription");
    found(checkSubscription({ state: none, channelId: "7" }), "broken", /was deleted/, "create-subscription");
    const failed = { kind: "failed", failedAt: 0, problem, channels: [] } as const;
    found(checkSubscription({ state: failed, channelId: "7" }), "broken", /No answer/, "retry");
    found(checkSubscription({ state: { kind: "loading" }, channelId: "7" }), "broken", /could not be read/, "retry");
  });
});

describe("the link “subscription” where Zoho sent something unreadable", () => {
  const odd = [{ channelId: "9007199254741009", module: "Deals", faults: ["channel_expiry"] }];
  const read = { kind: "loaded", channels: [], unreadable: odd, complete: true, refreshedAt: 0 } as const;
  it("is a warning that names them, and not a lack of subscriptions", () => {
    const names = /can't be checked and is left alone: Deals …1009\.$/;
    found(checkSubscription({ state: read, channelId: undefined }), "warning", names, "none");
    found(checkSubscription({ state: read, channelId: "9007199254741009" }), "warning", names, "none");
    found(checkSubscription({ state: read, channelId: "7" }), "broken", /was deleted/, "create-subscription");
  });
  it("mentions others beside the one that was asked about, and what of it is unreadable", () => {
    const channel = makeChannel("c", "7", [], true);
    const beside = { ...read, channels: [channel] };
    found(checkSubscription({ state: beside, channelId: "7" }), "warning", /lists.* about others.*Deals …1009/, "none");
    const inIt = { ...read, unreadable: [], channels: [{ ...channel, unreadable: odd }] };
    found(checkSubscription({ state: inIt, channelId: "7" }), "warning", /lists.*unreadable about this/, "none");
    const well = { ...read, unreadable: [], channels: [channel] };
    found(checkSubscription({ state: well, channelId: "7" }), "ok", /made by this editor\.$/);
  });
});

describe("the link “subscription” where the list is not complete", () => {
  it("does not say that one is gone, nor that there is none", () => {
    const cut = { kind: "loaded", channels: [], unreadable: [], complete: false, cutAt: 200, refreshedAt: 0 } as const;
    for (const channelId of [undefined, "7"])
      found(checkSubscription({ state: cut, channelId }), "warning", /only the first entries/, "refresh");
  });
});

describe("the link “expiry”", () => {
  const at = (left: number): Finding => checkExpiry({ expiresAt: 1000 + left }, 1000, day);
  it("is well, a warning, or broken", () => {
    found(at(3 * day + hour), "ok", /another 3d 1h/);
    found(at(2 * hour), "warning", /expires in 2h/, "renew-subscription");
    found(at(0), "broken", /expired/, "recreate-subscription");
  });
});

describe("the link “address”", () => {
  const here = "https://relay.acme.dev/in/abcdefghijklmnop";
  const check = (notifyUrl: string, changes: Partial<AddressQuestion> = {}): Finding =>
    checkAddress({ notifyUrl, here, former: undefined, isLocal: false, ...changes });

  it("is well for public HTTPS that leads here, with a query too", () => {
    found(check(here), "ok", /Public HTTPS, 42 of 255 characters.*relay\.acme\.dev/);
    found(check(`${here}?who=me`), "ok", /leads to this editor/);
  });
  it("is well where it is a former address that is still read, and broken where its relay has deleted it", () => {
    const elsewhere = "https://other.acme.dev/in/former";
    found(check(elsewhere, { former: { isGone: false } }), "ok", /Your former address, still read here/, "send-here");
    const gone = check(elsewhere, { former: { isGone: true } });
    found(gone, "broken", /your former address, which its relay doesn't have anymore/, "send-here");
  });
  it("is broken for what is too long or no URL", () => {
    found(check(`${here}?${"x".repeat(255)}`), "broken", /has 298 characters; Zoho takes at most 255/, "point-here");
    found(check("relay"), "broken", /no valid URL/, "point-here");
  });
  it("is a warning without HTTPS, and broken where only this machine can reach it", () => {
    found(check(here.replace("https:", "http:")), "warning", /not HTTPS/, "configure-relay");
    const plain = "http://relay.acme.dev/in/x";
    found(check(plain, { here: plain }), "warning", /not HTTPS/, "configure-relay");
    found(check("https://localhost:4000/in/x"), "broken", /this machine or network only/, "get-address");
  });
  it("is broken where it leads elsewhere", () => {
    found(check("https://other.dev/hook"), "broken", /sends to other\.dev, not/, "point-here");
    found(check("http://other.dev/hook"), "broken", /sends to other\.dev, not/, "point-here");
    found(check("https://relay.acme.dev/in/qrstuvwxyzqrstuv"), "broken", /another channel of the relay/, "point-here");
  });
  it("may be local for the sandbox, which is local too", () => {
    const local = "http://127.0.0.1:4000/in/x";
    found(check(local, { here: local, isLocal: true }), "ok", /for this machine only/);
  });
  it("waits for the relay to say where here is", () => {
    const finding = check(here, { here: undefined });
    assert.deepEqual(finding.status === "not-checked" ? finding.because : finding, "relay");
  });
  for (const host of ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.1.1", "100.64.0.1", "localhost"]) {
    it(`${host} is not public`, () => assert.equal(isPublic(new URL(`https://${host}/`)), false));
  }
  for (const host of ["[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:10.0.0.1]", "printer", "box.local", "db.internal"]) {
    it(`${host} is not public`, () => assert.equal(isPublic(new URL(`https://${host}/`)), false));
  }
  for (const host of ["relay.acme.dev", "8.8.8.8", "172.32.0.1", "100.128.0.1", "[2001:db8::1]"]) {
    it(`${host} may be public`, () => assert.equal(isPublic(new URL(`https://${host}/`)), true));
  }
});

describe("the link “relay”", () => {
  const problem: Problem = { code: "X", message: "It does not answer.", remedy: "configure-relay" };
  it("follows the state of the session", () => {
    found(checkRelay({ kind: "live", since: 0 }), "ok", /nothing is waiting/);
    found(checkRelay({ kind: "catching-up", behind: 7 }), "warning", /7 events/, "none");
    found(checkRelay({ kind: "off" }), "broken", /not connected/, "reconnect-relay");
    found(checkRelay({ kind: "connecting" }), "broken", /has not answered yet/, "reconnect-relay");
    found(
      checkRelay({ kind: "reconnecting", attempt: 1, retryAt: 0, problem }),
      "broken",
      /not answer/,
      "reconnect-relay",
    );
    found(checkRelay({ kind: "refused", problem }), "broken", /not answer/, "configure-relay");
  });
});

describe("the link “way through the public address”", () => {
  it("tells how long it took", () => {
    found(checkProbe({ kind: "arrived", milliseconds: 41 }), "ok", /after 41 ms/);
    found(checkProbe({ kind: "arrived", milliseconds: 6 * second }), "warning", /6,000 ms/, "none");
  });
  it("tells of an answer by which the sender takes what arrived for lost", () => {
    const outcome = { kind: "arrived", milliseconds: 41, chosenFailure: 503 } as const;
    found(checkProbe(outcome), "warning", /arrived in this editor, but .* status 503/, "configure-relay");
  });
  it("tells what answered instead", () => {
    found(checkProbe({ kind: "unreachable", problem: offline }), "broken", /Nobody/, "configure-relay");
    found(checkProbe({ kind: "refused", status: 404 }), "broken", /status 404/, "configure-relay");
    found(checkProbe({ kind: "refused", status: 302 }), "broken", /redirects \(status 302\)/, "configure-relay");
    found(
      checkProbe({ kind: "refused", status: 503 }),
      "broken",
      /refused a test event with status 503/,
      "configure-relay",
    );
    found(checkProbe({ kind: "lost" }), "broken", /did not arrive/, "configure-relay");
  });
});

describe("the link “token of the subscription”", () => {
  const question = { listed: "a", own: "a", rehearsal: "verified", lastDelivery: undefined } as const;
  it("is well where a delivery would verify, or did", () => {
    found(checkTokenEcho(question), "ok", /none has come yet/);
    found(checkTokenEcho({ ...question, lastDelivery: "verified" }), "ok", /last delivery carried/);
    found(checkTokenEcho({ ...question, own: undefined }), "ok", /verifies/);
  });
  it("is a warning where the last delivery did not verify", () => {
    found(checkTokenEcho({ ...question, lastDelivery: "absent" }), "warning", /carried no token/, "none");
    found(checkTokenEcho({ ...question, lastDelivery: "mismatch" }), "warning", /did not carry/, "none");
  });
  it("is broken where Zoho has another token, or none any more", () => {
    found(
      checkTokenEcho({ ...question, listed: "b" }),
      "broken",
      /not the one that this editor/,
      "recreate-subscription",
    );
    found(checkTokenEcho({ ...question, listed: undefined }), "broken", /has lost the token/, "renew-subscription");
    found(checkTokenEcho({ ...question, rehearsal: "mismatch" }), "broken", /do not verify here/, "refresh");
  });
  it("has nothing to compare where a channel of others has no token", () => {
    found(checkTokenEcho({ ...question, listed: undefined, own: undefined }), "not-checked", /has no token/);
  });
});

describe("the link “API credits”", () => {
  it("follows the header", () => {
    found(checkCredits(undefined), "ok", /More than half/);
    found(checkCredits(2400), "ok", /^2,400 API credits/);
    found(checkCredits(499), "warning", /Only 499/, "none");
    found(checkCredits(0), "broken", /no API credits left/, "none");
  });
});

describe("the link “clock”", () => {
  it("is judged by how far it is off", () => {
    found(checkClock(undefined), "not-checked", /No answer/);
    found(checkClock(-2 * second), "ok", /differ by 2 s/);
    found(checkClock(40 * second), "warning", /40 s ahead of/, "none");
    found(checkClock(-6 * minute), "broken", /360 s behind/, "none");
  });
});
