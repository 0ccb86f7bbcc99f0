import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { runToExit, startChildServer } from "../../support/childServer.ts";
import { newNatsAccount } from "../../support/natsCredentials.ts";
import { startGuardedNatsServer } from "../../support/natsServers.ts";
import { RelayReader } from "../../support/relayReader.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { testCertificate } from "../../support/testCertificates.ts";
import { createTestChannel, post } from "../../support/testRelay.ts";

const script = fileURLToPath(new URL("../../../src/relay/main.ts", import.meta.url));

describe("a relay node whose NATS wants TLS and credentials", () => {
  it("signs in with its credentials over TLS, and refuses to start with others, or where it cannot trust", async test => {
    const account = newNatsAccount();
    const server = await startGuardedNatsServer(test, { tls: testCertificate, account });
    const folder = temporaryFolder(test);
    const file = (name: string, content: string): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const trusting = { NODE_EXTRA_CA_CERTS: file("ca.pem", testCertificate.cert) };
    const options = (credentials: string): string[] => [
      "--nats",
      server.url,
      "--replicas",
      "1",
      "--nats-creds",
      credentials,
    ];
    const own = options(file("own.creds", account.credentials));

    const node = await startChildServer(test, script, own, trusting);
    const created = await createTestChannel(node.url);
    assert.equal(await post(created.ingestUrl, "over TLS"), 200);
    const reader = await RelayReader.open(node.url, created);
    await reader.expect("hello");
    assert.match(Buffer.from((await reader.expect("event")).payload).toString(), /over TLS$/);
    await reader.close();
    await node.end("SIGTERM");

    const stranger = await runToExit(script, options(file("other.creds", newNatsAccount().credentials)), trusting);
    assert.equal(stranger.code, 64);
    assert.match(stranger.stderr, /^NATS does not take these credentials.+--nats-creds.+\n$/);
    const wary = await runToExit(script, own);
    assert.equal(wary.code, 64);
    assert.match(wary.stderr, /^The certificate of NATS cannot be trusted.+NODE_EXTRA_CA_CERTS.+\n$/);
  });
});
