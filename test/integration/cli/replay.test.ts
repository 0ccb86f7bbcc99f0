import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { finished } from "../../../src/base/steps.ts";
import { formatFixture } from "../../../src/core/exchange/fixture.ts";
import { Redaction } from "../../../src/core/events/redaction.ts";
import { outgoing } from "../../../src/core/exchange/outgoingRequest.ts";
import { type EndedProcess, runToExit } from "../../support/childServer.ts";
import { notificationBody } from "../../support/eventBodies.ts";
import { recordRequests } from "../../support/requestRecorder.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { aRequest } from "../../unit/core/exchange/aRequest.ts";

const script = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));

async function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<EndedProcess> {
  return runToExit(script, args, environment);
}

/** A folder with these files. */
function folderOf(test: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(test);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const delivery = formatFixture(finished(outgoing(aRequest(), undefined)), "A Lead's phone changes");
const withPlaceholder = formatFixture(
  finished(outgoing(aRequest(), new Redaction([]))),
  "With the token of the channel",
);

describe("zoho-crm-events replay", () => {
  it("sends fixtures byte for byte in the order given, and prints TAP", async test => {
    const handler = await recordRequests(test);
    const other = '{"request":{"method":"PUT","path":"/more","query":"a=1","json":{"id":6756839000000575405}}}';
    const folder = folderOf(test, { "b.zoho-event.json": delivery, "a.zoho-event.json": other, "notes.txt": "" });
    const { code, stdout, stderr } = await run(["replay", folder, "--to", `${handler.url}/hook?key=1`]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(
      stdout,
      /^TAP version 14\n1\.\.2\nok 1 - .*a\.zoho-event\.json \(200 in [\d.]+ ms\)\nok 2 - .*: A Lead's phone changes \(200 in/,
    );
    assert.deepEqual(
      handler.requests.map(({ method, target, body }) => [method, target, body.toString()]),
      [
        ["PUT", "/hook/more?key=1&a=1", '{"id":6756839000000575405}'],
        ["POST", "/hook?key=1", notificationBody()],
      ],
    );
  });

  it("ends with 1 when an answer is not the expected one, and says what came", async test => {
    const handler = await recordRequests(test, (response, { method }) =>
      response.writeHead(method === "PUT" ? 409 : 500).end(),
    );
    const conflict = '{"request":{"method":"PUT"},"expect":{"status":[409]}}';
    const folder = folderOf(test, { "1.zoho-event.json": delivery, "2.zoho-event.json": conflict });
    const { code, stdout } = await run(["replay", folder, "--to", handler.url]);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^not ok 1 - .*\(500 in [\d.]+ ms\)\n {2}---\n {2}expected: "2xx"\n {2}got: 500\n {2}\.\.\.\nok 2 - /m,
    );
    assert.equal((await run(["replay", folder, "--to", handler.url, "--expect", "4xx,500"])).code, 0);
    const bailed = await run(["replay", folder, "--to", handler.url, "--bail"]);
    assert.match(bailed.stdout, /Bail out! 1 not sent/);
    assert.equal(handler.requests.length, 5);
  });

  it("puts the token in its place, and sends nothing without it", async test => {
    const handler = await recordRequests(test);
    const file = join(folderOf(test, { "a.zoho-event.json": withPlaceholder }), "a.zoho-event.json");
    const refused = await run(["replay", file, "--to", handler.url]);
    assert.deepEqual([refused.code, handler.requests.length], [2, 0]);
    assert.match(refused.stderr, /needs the token of the channel/);
    await run(["replay", file, "--to", handler.url, "--token", "token-of-the-test"]);
    await run(["replay", file, "--to", handler.url], {
      ZOHO_CHANNEL_TOKEN: "of another channel",
      ZOHO_CHANNEL_TOKEN_1105420521999070702: "token-of-the-test",
    });
    assert.deepEqual(
      handler.requests.map(({ body }) => body.toString()),
      [notificationBody(), notificationBody()],
    );
  });

  it("gives a JSON object in a line for each fixture when it is asked to", async test => {
    const handler = await recordRequests(test, response => response.writeHead(204).end());
    const folder = folderOf(test, { "a.zoho-event.json": delivery });
    const { stdout } = await run(["replay", folder, "--to", handler.url, "--json"]);
    const { milliseconds, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
    assert.ok(typeof milliseconds === "number");
    const file = join(folder, "a.zoho-event.json");
    assert.deepEqual(rest, {
      file,
      description: "A Lead's phone changes",
      passed: true,
      status: 204,
      expected: ["2xx"],
    });
  });

  it("sends to no host beyond loopback that was not allowed", async test => {
    const handler = await recordRequests(test);
    const folder = folderOf(test, { "a.zoho-event.json": delivery });
    // To the rule a stranger; to this machine's network another name for loopback.
    const to = handler.url.replace("127.0.0.1", "[::ffff:0:0]");
    const refused = await run(["replay", folder, "--to", to]);
    assert.deepEqual([refused.code, handler.requests.length], [2, 0]);
    assert.match(refused.stderr, /--allow-host/);
    const allowed = await run(["replay", folder, "--to", to, "--allow-host", "[::ffff:0:0]"]);
    assert.deepEqual([allowed.code, handler.requests.length], [0, 1]);
  });

  it("sends to what a server of this machine calls itself that listens everywhere", async test => {
    const handler = await recordRequests(test);
    const folder = folderOf(test, { "a.zoho-event.json": delivery });
    const { code } = await run(["replay", folder, "--to", handler.url.replace("127.0.0.1", "0.0.0.0")]);
    assert.deepEqual([code, handler.requests.length], [0, 1]);
  });

  it("says in words when nothing listens", async test => {
    const folder = folderOf(test, { "a.zoho-event.json": delivery });
    const { code, stdout } = await run(["replay", folder, "--to", "http://127.0.0.1:9/"]);
    assert.equal(code, 1);
    assert.match(stdout, /problem: "Nothing listens at http:\/\/127\.0\.0\.1:9\./);
  });

  it("sends nothing when one of the files is no fixture", async test => {
    const handler = await recordRequests(test);
    const folder = folderOf(test, { "a.zoho-event.json": delivery, "b.zoho-event.json": "{" });
    const broken = await run(["replay", folder, "--to", handler.url]);
    assert.equal(broken.code, 2);
    assert.match(broken.stderr, /b\.zoho-event\.json: This is not JSON/);
    assert.equal(handler.requests.length, 0);
  });
});

describe("zoho-crm-events validate and list", () => {
  it("say of each file whether it is a fixture", async test => {
    const folder = folderOf(test, { "a.zoho-event.json": delivery, "b.zoho-event.json": '{"request":{"jsn":1}}' });
    const { code, stdout } = await run(["validate", folder]);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /a\.zoho-event\.json: valid\n.*b\.zoho-event\.json: “request\.jsn” is no member of a fixture\./,
    );
    assert.equal((await run(["validate", join(folder, "a.zoho-event.json"), "--json"])).code, 0);
  });

  it("list what fixtures are about", async test => {
    const folder = folderOf(test, { "a.zoho-event.json": withPlaceholder });
    assert.match(
      (await run(["list", folder])).stdout,
      /a\.zoho-event\.json\tPOST \/\tWith the token of the channel\n$/,
    );
    const facts = JSON.parse((await run(["list", folder, "--json"])).stdout) as Record<string, unknown>;
    assert.deepEqual([facts["needsToken"], facts["expected"]], [true, ["2xx"]]);
  });

  it("help those who ask", async () => {
    const { code, stdout } = await run(["--help"]);
    assert.equal(code, 0);
    assert.match(stdout, /replay <files or folders…> --to <url>/);
  });
});
