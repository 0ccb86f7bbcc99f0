import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { createRelayChannel } from "../../../src/core/relay/relayChannel.ts";
import type { Capture, EventSink } from "../../../src/core/events/capture.ts";
import { RelaySession } from "../../../src/core/relay/relaySession.ts";
import { decodeCapturedRequest } from "../../../src/protocol/capturedRequest.ts";
import { relayPaths } from "../../../src/protocol/relayApi.ts";
import { freePort } from "../../support/freePort.ts";
import { repositoryRoot } from "../../workbench/repository.ts";
import type { Delivered, Peer } from "./peer.ts";
import { ServerProcess } from "./serverProcess.ts";

const noLimits = [
  ...["--max-events-per-second", "0", "--max-kib-per-second", "0", "--max-new-channels", "0"],
  ...["--max-events", "1000000", "--log-level", "error"],
];

/** This project's relay, with a channel whose events are sealed, and the reader of the editor that opens them. */
export const relayPeer: Peer = {
  name: "this relay, sealed",
  start: async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "peers-relay-"));
    const port = await freePort();
    const program = join(repositoryRoot, "src/relay/main.ts");
    const args = [program, "--data-dir", dataDir, "--port", String(port), ...noLimits];
    const server = new ServerProcess(process.execPath, args, port);
    await server.start();
    const created = await createRelayChannel(`http://127.0.0.1:${port}`);
    if (!created.ok) throw new Error("The relay gives no channel", { cause: created.error });
    const channel = created.value;
    const seen = { sequence: 0 };
    return {
      port,
      ingestPath: relayPaths.ingest(channel.channel),
      read: async onEvent => {
        const sink = new DecodingSink(seen, onEvent);
        const session = new RelaySession({
          channel,
          sink,
          clock: systemClock,
          random: Math.random,
          logger: silentLogger,
        });
        const live = new Promise<void>(resolve => session.onDidChangeState(({ kind }) => kind === "live" && resolve()));
        session.start();
        await live;
        return { close: () => session.dispose() };
      },
      killAndRestart: async () => {
        await server.kill();
        await server.start();
      },
      stop: async () => {
        await server.kill();
        rmSync(dataDir, { recursive: true, force: true });
      },
    };
  },
};

/** Remembers how far it got, as the editor's history does, and hands events on opened and decoded. */
class DecodingSink implements EventSink {
  readonly #seen: { sequence: number };
  readonly #onEvent: (event: Delivered) => void;

  constructor(seen: { sequence: number }, onEvent: (event: Delivered) => void) {
    this.#seen = seen;
    this.#onEvent = onEvent;
  }

  lastSequence(): number {
    return this.#seen.sequence;
  }

  store(events: readonly Capture[]): void {
    for (const { sequence, payload } of events) {
      this.#seen.sequence = sequence;
      const decoded = decodeCapturedRequest(payload);
      if (!decoded.ok) continue;
      const { body, headers } = decoded.value;
      this.#onEvent({ body: Buffer.from(body).toString("latin1"), headers });
    }
  }

  recordGap({ to }: { readonly to: number }): void {
    this.#seen.sequence = Math.max(this.#seen.sequence, to);
  }
}
