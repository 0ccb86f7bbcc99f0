import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createRelayChannel } from "../../../src/core/relay/relayChannel.ts";
import { parseJoinLink } from "../../../src/protocol/joinLink.ts";
import { type ChildServer, runToExit, startChildServer } from "../../support/childServer.ts";
import { RelayReader } from "../../support/relayReader.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { post } from "../../support/testRelay.ts";

const script = fileURLToPath(new URL("../../../src/relay/main.ts", import.meta.url));

/** Has the relay read its files anew, and waits until its log says what came of that. */
async function reload(server: ChildServer, outcome: string): Promise<void> {
  const count = (): number => server.log().split(outcome).length;
  const before = count();
  process.kill(server.pid, "SIGHUP");
  while (count() === before) await new Promise(resolve => setImmediate(resolve));
}

describe("a relay with a file of create keys", { timeout: 60_000 }, () => {
  it("takes each of them, and others after SIGHUP; channels go on whichever key they were made with", async test => {
    const folder = temporaryFolder(test);
    const file = join(folder, "keys");
    writeFileSync(file, "# the whole team\nfirst-key\r\n\n  second-key  \n");
    const server = await startChildServer(test, script, ["--data-dir", folder, "--create-key-file", file]);
    const codeWith = async (createKey: string | undefined): Promise<string> => {
      const made = await createRelayChannel(server.url, { createKey });
      return made.ok ? "made" : made.error.code;
    };
    const made = await createRelayChannel(server.url, { createKey: "first-key" });
    assert.ok(made.ok);
    assert.equal(await codeWith("second-key"), "made");
    assert.equal(await codeWith("# the whole team"), "RELAY_WRONG_CREATE_KEY");
    assert.equal(await codeWith(undefined), "RELAY_NEEDS_CREATE_KEY");
    writeFileSync(file, "third-key\nsecond-key\n");
    await reload(server, "create keys read anew");
    assert.deepEqual(
      [await codeWith("first-key"), await codeWith("second-key"), await codeWith("third-key")],
      ["RELAY_WRONG_CREATE_KEY", "made", "made"],
    );
    assert.equal(await post(made.value.ingestUrl, "still here"), 200);
    const reader = await RelayReader.open(server.url, made.value);
    assert.equal((await reader.expect("hello")).newest, 1);
    await reader.close();
    assert.doesNotMatch(server.log(), /first-key|second-key|third-key/);
  });

  it("keeps the keys it has when the file is empty, damaged or gone: it never opens itself to everybody", async test => {
    const folder = temporaryFolder(test);
    const file = join(folder, "keys");
    writeFileSync(file, "first-key\n");
    const server = await startChildServer(test, script, ["--data-dir", folder, "--create-key-file", file]);
    for (const content of ["", "# nothing\n", "short\n", "good-enough\nnot good\n"]) {
      writeFileSync(file, content);
      await reload(server, "create keys not read anew");
      assert.ok((await createRelayChannel(server.url, { createKey: "first-key" })).ok);
      assert.equal((await createRelayChannel(server.url)).ok, false);
    }
    const empty = await runToExit(script, ["--data-dir", `${folder}/other`, "--create-key-file", join(folder, "none")]);
    assert.equal(empty.code, 64);
    assert.match(empty.stderr, /^--create-key-file: the file .+ cannot be read\./);
  });

  it("says the link by which editors join it: with its first key where it has one", async test => {
    const folder = temporaryFolder(test);
    const file = join(folder, "keys");
    writeFileSync(file, "newest/key+%&=\nformer-key\n");
    const args = ["--join-link", "--public-url", "https://relay.example.com/"];
    const keyed = await runToExit(script, [...args, "--create-key-file", file]);
    assert.equal(keyed.code, 0);
    assert.deepEqual(parseJoinLink(keyed.stdout), {
      relay: "https://relay.example.com",
      createKey: "newest/key+%&=",
      invitation: undefined,
    });
    assert.equal(parseJoinLink((await runToExit(script, args)).stdout)?.createKey, undefined);
    const placeless = await runToExit(script, ["--join-link"]);
    assert.deepEqual([placeless.code, placeless.stdout], [64, ""]);
    assert.match(placeless.stderr, /^--join-link wants --public-url/);
  });
});
