import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { decodeCapturedRequest } from "../../../src/protocol/capturedRequest.ts";
import type { ChannelCreated } from "../../../src/protocol/relayApi.ts";
import { startChildServer } from "../../support/childServer.ts";
import { RelayReader } from "../../support/relayReader.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { createTestChannel } from "../../support/testRelay.ts";

const script = fileURLToPath(new URL("../../../src/relay/main.ts", import.meta.url));
const senders = 16;
const rounds = 20;

/** Senders that post numbered bodies one after another, each until its connection fails. */
class Load {
  readonly accepted = new Set<string>();
  readonly sent = new Set<string>();
  readonly #agent = new Agent({ keepAlive: true, maxSockets: senders });
  readonly #enough = Promise.withResolvers<undefined>();
  readonly #running: Promise<void>[];

  constructor(url: string, channel: string, round: number, enough: number) {
    this.#running = Array.from({ length: senders }, async (_, sender) =>
      this.#run(`${url}/in/${channel}`, `${round}/${sender}`, enough),
    );
  }

  /** Resolves once so many were accepted; the load goes on. */
  async enough(): Promise<void> {
    await this.#enough.promise;
  }

  /** Resolves when every sender has failed. */
  async over(): Promise<void> {
    await Promise.all(this.#running);
    this.#agent.destroy();
  }

  async #run(address: string, name: string, enough: number): Promise<void> {
    for (let count = 1; ; count++) {
      const body = `${name}/${count}`;
      this.sent.add(body);
      const status = await this.#post(address, body);
      if (status === undefined) return;
      assert.equal(status, 200);
      this.accepted.add(body);
      if (this.accepted.size === enough) this.#enough.resolve(undefined);
    }
  }

  async #post(address: string, body: string): Promise<number | undefined> {
    return new Promise(resolve => {
      const sending = request(address, { method: "POST", agent: this.#agent }, response => {
        resolve(response.statusCode);
        response.resume();
        response.on("error", () => undefined);
      });
      sending.on("error", () => resolve(undefined));
      sending.end(body);
    });
  }
}

async function readAll(url: string, created: ChannelCreated): Promise<string[]> {
  const reader = await RelayReader.open(url, created);
  const bodies: string[] = [];
  for (let frame = await reader.next(); frame.type !== "live"; frame = await reader.next()) {
    if (frame.type !== "event") continue;
    const decoded = decodeCapturedRequest(frame.payload);
    assert.ok(decoded.ok);
    bodies.push(Buffer.from(decoded.value.body).toString());
    assert.equal(frame.sequence, bodies.length);
    reader.ack(frame.sequence);
  }
  await reader.close();
  return bodies;
}

describe("a relay that is killed under load", () => {
  it("has kept every event that got a 200, once and in each sender's order, round after round", async test => {
    const dataDir = temporaryFolder(test);
    const start = async (): ReturnType<typeof startChildServer> =>
      startChildServer(test, script, ["--data-dir", dataDir]);
    let server = await start();
    const created = await createTestChannel(server.url);
    const [accepted, sent] = [new Set<string>(), new Set<string>()];
    for (let round = 1; round <= rounds; round++) {
      const load = new Load(server.url, created.channel, round, 300);
      await load.enough();
      assert.equal(await server.end("SIGKILL"), null);
      await load.over();
      for (const body of load.accepted) accepted.add(body);
      for (const body of load.sent) sent.add(body);
      server = await start();
    }
    const delivered = await readAll(server.url, created);
    const unique = new Set(delivered);
    assert.equal(unique.size, delivered.length, "each once");
    assert.deepEqual(
      [...accepted].filter(body => !unique.has(body)),
      [],
      "all that were accepted",
    );
    assert.deepEqual(
      delivered.filter(body => !sent.has(body)),
      [],
      "nothing that was not sent",
    );
    assertOrderPerSender(delivered);
    test.diagnostic(
      `${rounds} kills: ${sent.size} sent, ${accepted.size} got a 200, ${delivered.length} delivered as 1 to ${delivered.length}`,
    );
    assert.equal(await server.end("SIGTERM"), 0);
  });
});

function assertOrderPerSender(bodies: readonly string[]): void {
  const counts = new Map<string, number>();
  for (const body of bodies) {
    const [round, sender, count] = body.split("/");
    const name = `${round}/${sender}`;
    assert.equal(Number(count), (counts.get(name) ?? 0) + 1, `order of ${name}`);
    counts.set(name, Number(count));
  }
}
