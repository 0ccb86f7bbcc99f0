import type { TestContext } from "node:test";
import * as v from "valibot";
import { type ChannelCreated, channelCreatedSchema, relayPaths } from "../../src/protocol/relayApi.ts";
import { type Relay, type RelayDependencies, type RelayOptions, createRelay } from "../../src/relay/relay.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

/** A relay in this process that goes with the test. */
export async function startTestRelay(
  test: TestContext,
  options: Partial<RelayOptions> = {},
  dependencies: RelayDependencies = {},
): Promise<Relay> {
  const started: Relay[] = [];
  // Registered before the folder's removal, which is to come second.
  test.after(async () => started[0]?.close());
  const relay = await createRelay({ dataDir: options.dataDir ?? temporaryFolder(test), ...options }, dependencies);
  started.push(relay);
  return relay;
}

/** A new channel on the relay at `url`. */
export async function createTestChannel(url: string): Promise<ChannelCreated> {
  const response = await fetch(url + relayPaths.channels, { method: "POST" });
  return v.parse(channelCreatedSchema, await response.json());
}

/** Posts `body` to a channel; the status of the answer. */
export async function post(ingestUrl: string, body: string | Uint8Array<ArrayBuffer>): Promise<number> {
  const response = await fetch(ingestUrl, { method: "POST", body });
  await response.arrayBuffer();
  return response.status;
}
