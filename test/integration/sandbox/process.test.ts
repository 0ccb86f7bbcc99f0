import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type ChildServer, runToExit, startChildServer } from "../../support/childServer.ts";
import { receiveNotifications } from "../../support/notificationReceiver.ts";
import { RawZoho, at, itemsOf, toRawAnswer } from "../../support/rawZoho.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const script = fileURLToPath(new URL("../../../src/sandbox/main.ts", import.meta.url));
const channel = { channel_id: "9007199254740993", events: ["Leads.all"], notify_url: "http://127.0.0.1:1/" };

describe("the sandbox as a process", () => {
  it("prints one ready line, says who it is, and ends with 0 on SIGTERM", async test => {
    const server = await start(test);
    const health = await toRawAnswer(await fetch(`${server.url}/healthz`));
    assert.equal(at(health.json, "service"), "sandbox");
    assert.equal(await server.end("SIGTERM"), 0);
  });

  it("ends promptly though a call is slow on purpose and a receiver does not answer", async test => {
    const server = await start(test);
    const zoho = await RawZoho.signIn(server.url);
    const receiver = await receiveNotifications(test, () => undefined);
    await zoho.watch("POST", { ...channel, notify_url: receiver.url });
    await zoho.create("Leads", { Last_Name: "Unanswered" });
    await receiver.first(1);
    await zoho.call("POST", "/sandbox/faults", { kind: "slow", milliseconds: 600_000, path: "/crm/v8/org" });
    const slow = zoho.call("GET", "org").catch(() => undefined);
    await untilStruck(zoho);
    assert.equal(await server.end("SIGTERM"), 0);
    await slow;
  });

  it("keeps records, sign-ins and channels when it is killed", async test => {
    const dataDir = temporaryFolder(test);
    const first = await start(test, "--data-dir", dataDir);
    const before = await RawZoho.signIn(first.url);
    const id = await before.create("Leads", { Last_Name: "Lasting" });
    await before.watch("POST", channel);
    const gone = await before.create("Leads", { Last_Name: "Fleeting" });
    await before.call("DELETE", `Leads/${gone}`);
    await first.end("SIGKILL");
    const second = await start(test, "--data-dir", dataDir);
    const after = before.on(second.url);
    assert.equal(at((await after.call("GET", `Leads/${id}`)).json, "data", 0, "Last_Name"), "Lasting");
    assert.equal((await after.call("GET", `Leads/${gone}`)).status, 204);
    const listed = itemsOf(await after.call("GET", "actions/watch"), "watch");
    assert.deepEqual(
      listed.map(item => at(item, "channel_id")),
      [channel.channel_id],
    );
    assert.ok(BigInt(await after.create("Leads", { Last_Name: "Next" })) > BigInt(gone), "ids are never given twice");
  });

  it("lets one process at a time use a data directory", async test => {
    const dataDir = temporaryFolder(test);
    const first = await start(test, "--data-dir", dataDir);
    const second = await runToExit(script, ["--data-dir", dataDir]);
    assert.equal(second.code, 75);
    assert.match(second.stderr, /^Another sandbox uses .+; end it or choose another --data-dir\.\n$/);
    await first.end("SIGKILL");
    const third = await start(test, "--data-dir", dataDir);
    assert.equal((await fetch(`${third.url}/healthz`)).status, 200);
  });

  it("says where it is found in server.json, and removes that at the end", async test => {
    const dataDir = temporaryFolder(test);
    const server = await start(test, "--data-dir", dataDir, "--exit-when-unused", "60");
    const file = join(dataDir, "server.json");
    const health = await toRawAnswer(await fetch(`${server.url}/healthz`));
    const expected = { url: server.url, pid: server.pid, instance: at(health.json, "instance") };
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), expected);
    assert.equal(await server.end("SIGTERM"), 0);
    assert.equal(existsSync(file), false);
  });

  it("ends by itself after the last lease was let go", async test => {
    const dataDir = temporaryFolder(test);
    const server = await start(test, "--data-dir", dataDir, "--exit-when-unused", "1");
    const lease = get(`${server.url}/lease`);
    await new Promise(resolve => lease.once("response", response => response.once("data", resolve)));
    lease.destroy();
    assert.equal(await server.exited, 0);
  });

  it("takes another port when the preferred one is taken, if it may", async test => {
    const first = await start(test);
    const { port } = new URL(first.url);
    const refused = await runToExit(script, ["--port", port]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /is taken; choose another --port, or add --port-or-any\./);
    const other = await start(test, "--port", port, "--port-or-any");
    assert.notEqual(other.url, first.url);
  });

  it("takes switches, faults and modules as options", async test => {
    const behaviour = ["--behaviour", "creditsPerDay=3", "--behaviour", "tokenOnDelete=null"];
    const fault = '{"kind":"status","status":503,"path":"/crm/v8/org","times":"always"}';
    const zoho = await RawZoho.signIn((await start(test, "--modules", "50", ...behaviour, "--fault", fault)).url);
    const switches = (await zoho.call("GET", "/sandbox/behaviour")).json;
    assert.deepEqual([at(switches, "creditsPerDay"), at(switches, "tokenOnDelete")], [3, "null"]);
    assert.equal((await zoho.call("GET", "org")).status, 503);
    assert.equal(itemsOf(await zoho.call("GET", "settings/modules"), "modules").length, 50);
  });

  it("explains its options, and says what is wrong with wrong ones", async () => {
    const help = await runToExit(script, ["--help"]);
    assert.equal(help.code, 0);
    for (const option of [
      "--host",
      "--port",
      "--data-dir",
      "--exit-when-unused",
      "--activity",
      "--allow-any-host",
      "--fault",
      "--behaviour",
    ]) {
      assert.ok(help.stdout.includes(option), option);
    }
    const wrong = await runToExit(script, ["--port", "many"]);
    assert.deepEqual([wrong.code, wrong.stderr], [64, "--port takes a whole number up to 65535. See --help.\n"]);
    for (const args of [
      ["--fault", "{}"],
      ["--fault", "drop"],
      ["--behaviour", "magic=1"],
      ["--behaviour", "magic"],
    ]) {
      assert.equal((await runToExit(script, args)).code, 64, args.join(" "));
    }
  });
});

async function start(test: TestContext, ...args: readonly string[]): Promise<ChildServer> {
  return startChildServer(test, script, args);
}

/** Asks until no fault waits any more: the call that it was meant for has come. */
async function untilStruck(zoho: RawZoho): Promise<void> {
  for (let asked = 0; asked < 200; asked++) {
    if (itemsOf(await zoho.call("GET", "/sandbox/faults"), "faults").length === 0) return;
  }
  assert.fail("the fault was not struck");
}
