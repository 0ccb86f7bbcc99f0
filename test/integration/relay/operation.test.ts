import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { connect } from "node:tls";
import { fileURLToPath } from "node:url";
import { type ChildServer, runToExit, startChildServer } from "../../support/childServer.ts";
import { RelayReader } from "../../support/relayReader.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { type TestCertificate, renewedCertificate, testCertificate } from "../../support/testCertificates.ts";
import { createTestChannel, post } from "../../support/testRelay.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const script = join(root, "src/relay/main.ts");

interface TlsArguments {
  readonly args: readonly string[];
  write(certificate: TestCertificate): void;
}

function tlsArguments(test: TestContext): TlsArguments {
  const folder = temporaryFolder(test);
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  return {
    args: ["--tls-cert", cert, "--tls-key", key],
    write: certificate => {
      writeFileSync(cert, certificate.cert);
      writeFileSync(key, certificate.key);
    },
  };
}

/** The name in the certificate that the server shows, and the first line of its answer. */
async function greet(url: string): Promise<{ readonly name: string; readonly answer: string }> {
  const socket = connect({ port: Number(new URL(url).port), host: "127.0.0.1", rejectUnauthorized: false });
  return new Promise((resolve, reject) => {
    let name = "";
    socket.on("error", reject);
    socket.once("secureConnect", () => {
      name = String(socket.getPeerCertificate().subject.CN);
      socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    });
    socket.once("data", (data: Buffer) => resolve({ name, answer: data.toString().split("\r\n")[0] ?? "" }));
  });
}

/** Asks until the answer is as wanted. */
async function until<T>(ask: () => Promise<T>, isWanted: (value: T) => boolean): Promise<T> {
  for (let tries = 1; ; tries++) {
    const value = await ask();
    if (isWanted(value) || tries === 500) return value;
  }
}

describe("a relay that speaks TLS", () => {
  it("answers over HTTPS, and takes a renewed certificate on SIGHUP, but not a broken one", async test => {
    const tls = tlsArguments(test);
    tls.write(testCertificate);
    const server = await startChildServer(test, script, ["--data-dir", temporaryFolder(test), ...tls.args]);
    assert.match(server.url, /^https:/);
    assert.deepEqual(await greet(server.url), { name: "localhost", answer: "HTTP/1.1 200 OK" });
    tls.write(renewedCertificate);
    process.kill(server.pid, "SIGHUP");
    const renewed = await until(
      async () => greet(server.url),
      ({ name }) => name !== "localhost",
    );
    assert.equal(renewed.name, "renewed.localhost");
    tls.write({ ...testCertificate, key: renewedCertificate.key });
    process.kill(server.pid, "SIGHUP");
    await until(
      async () => Promise.resolve(server.log()),
      log => log.includes("certificate not read anew"),
    );
    assert.equal((await greet(server.url)).name, "renewed.localhost");
    assert.equal(await server.end("SIGTERM"), 0);
  });
});

describe("a relay that cannot run as it was told", () => {
  it("ends with 64 and one sentence before it opens anything", async test => {
    const folder = temporaryFolder(test);
    const tls = tlsArguments(test);
    tls.write({ ...testCertificate, key: renewedCertificate.key });
    const file = join(folder, "file");
    writeFileSync(file, "short");
    const cases: [readonly string[], Record<string, string>, RegExp][] = [
      [tls.args, {}, /^--tls-cert and --tls-key are not a certificate and its key \(.+\)\.$/],
      [["--tls-cert", file], {}, /^--tls-cert and --tls-key are given together, or neither is\.$/],
      [["--tls-cert", `${file}x`, "--tls-key", file], {}, /^--tls-cert: the file .+ cannot be read\.$/],
      [["--create-key-file", file], {}, /^The key of --create-key-file has 8 to 256/],
      [["--create-key", "has a space"], {}, /^The key of --create-key has 8 to 256/],
      [["--create-key", "long-enough", "--create-key-file", file], {}, /, not both\.$/],
      [["--data-dir", join(file, "below")], {}, /^--data-dir: .+ is not a directory that this user can/],
      [["--max-unstored-mib", "1", "--max-body-kib", "2048"], {}, /^--max-unstored-mib holds at least three bodies/],
      [["--max-streams", "20000"], {}, /^--max-streams is less than --max-connections/],
      [["--log-level", "loud"], {}, /^--log-level is one of info, warn, error, silent\.$/],
      [[], { ZCN_RELAY_MAX_EVNTS: "5" }, /^ZCN_RELAY_MAX_EVNTS in the environment is not a variable of the relay\.$/],
    ];
    const ends = await Promise.all(
      cases.map(async ([args, environment]) =>
        runToExit(script, ["--data-dir", join(folder, "data"), ...args], environment),
      ),
    );
    for (const [index, [args, , sentence]] of cases.entries()) {
      assert.equal(ends[index]?.code, 64, args.join(" "));
      assert.match(ends[index].stderr.split("\n")[0] ?? "", sentence);
    }
  });
});

describe("metrics", () => {
  it("are on a port of their own and count without naming a channel", async test => {
    const args = ["--data-dir", temporaryFolder(test), "--metrics-port", "0"];
    const server = await startChildServer(test, script, args);
    const created = await createTestChannel(server.url);
    for (let count = 0; count < 3; count++) assert.equal(await post(created.ingestUrl, "x"), 200);
    assert.equal(await post(`${server.url}/in/nobody`, "x"), 404);
    const reader = await RelayReader.open(server.url, created);
    await reader.expect("hello");
    const text = await scrape(server);
    await reader.close();
    for (const line of [
      "relay_events_accepted_total 3",
      "relay_event_store_seconds_count 3",
      "relay_streams 1",
      "relay_ready 1",
      "relay_unstored_bytes 0",
      'relay_requests_total{route="ingest",status="200"} 3',
      'relay_requests_total{route="ingest",status="404"} 1',
      'relay_requests_total{route="channels",status="201"} 1',
    ]) {
      assert.ok(text.includes(`\n${line}\n`), `${line} in:\n${text}`);
    }
    assert.match(text, /^relay_disk_free_bytes [1-9]/m);
    assert.match(text, /^relay_storage_bytes [1-9]/m);
    assert.ok(!text.includes(created.channel) && !text.includes("nobody"));
    assert.equal((await fetch(`${server.url}/metrics`)).status, 404);
  });
});

async function scrape(server: ChildServer): Promise<string> {
  const log = await until(
    async () => Promise.resolve(server.log()),
    text => text.includes("metrics served"),
  );
  const port = /"port":(\d+)/.exec(log)?.[1] ?? "";
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

describe("the bundled relay", () => {
  it("is one file that runs without node_modules: stores, streams, logs, counts and keeps", async test => {
    const [built, alone] = [temporaryFolder(test), temporaryFolder(test)];
    execFileSync(process.execPath, ["esbuild.js", "--production", `--into=${built}`], { cwd: root, stdio: "ignore" });
    const bundle = join(alone, "relay.js");
    copyFileSync(join(built, "relay.js"), bundle);
    const args = ["--data-dir", join(alone, "data"), "--metrics-port", "0"];
    const first = await startChildServer(test, bundle, args);
    const created = await createTestChannel(first.url);
    assert.equal(await post(created.ingestUrl, "kept"), 200);
    assert.match(await scrape(first), /relay_events_accepted_total 1/);
    assert.match(first.log(), /"message":"relay started"/);
    assert.equal(await first.end("SIGTERM"), 0);
    const second = await startChildServer(test, bundle, args);
    const reader = await RelayReader.open(second.url, created);
    await reader.expect("hello");
    assert.equal(Buffer.from((await reader.expectRequest()).body).toString(), "kept");
    await reader.close();
    assert.equal(await second.end("SIGTERM"), 0);
  });
});
