import { hour } from "../../../../src/base/clock.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { ConnectionStore } from "../../../../src/core/connections/connectionStore.ts";
import { ChannelOwnership } from "../../../../src/core/subscriptions/ownership.ts";
import { ChannelDeletion } from "../../../../src/core/subscriptions/channelDeletion.ts";
import { SubscriptionService } from "../../../../src/core/subscriptions/subscriptionService.ts";
import { TokenBook } from "../../../../src/core/events/tokenBook.ts";
import type { Subscription } from "../../../../src/zoho/subscription.ts";
import { openAgreement } from "../../../support/agreeingWindows.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";
import { aConnection } from "../connections/aConnection.ts";
import { aSubscription } from "./aSubscription.ts";
import { PlayedZoho } from "./playedZoho.ts";

/** A subscription that has an hour to live. */
export function alive(changes: Partial<Subscription> = {}): Subscription {
  return aSubscription({ expiresAt: new FakeClock().now() + hour, ...changes });
}

export const { id } = aConnection();
export const channelId = aSubscription().channelId;

/** One window of the editor with one connection. `vault` is shared where two windows are needed, and `file` too. */
export async function openWindow(
  vault = new MemoryVault(),
  clock = new FakeClock(),
  zoho = new PlayedZoho(clock),
  file?: string,
) {
  const store = new ConnectionStore(vault, silentLogger, clock);
  const ownership = new ChannelOwnership(vault, silentLogger, clock);
  const tokenBook = new TokenBook();
  await store.add(aConnection());
  await ownership.load();
  const agreement = openAgreement(clock, file, file === undefined ? undefined : 500);
  const service = new SubscriptionService({
    deletionWith: async parts => Promise.resolve(new ChannelDeletion(parts)),
    ...{ clients: { for: () => zoho }, store, ownership, tokenBook, clock, logger: silentLogger },
    ...agreement,
  });
  const changes: string[] = [];
  service.onDidChange(({ connectionId }) => changes.push(connectionId));
  const { database, lapses, notes, turns } = agreement;
  return { vault, store, ownership, tokenBook, zoho, clock, service, changes, database, lapses, notes, turns };
}

export type Window = Awaited<ReturnType<typeof openWindow>>;

/** An answer of Zoho's tells that its clock is `ahead` milliseconds ahead of this machine's. */
export function tellTime({ clock, zoho }: Pick<Window, "clock" | "zoho">, ahead: number): void {
  const [now, date] = [clock.now(), new Date(clock.now() + ahead).toUTCString()];
  zoho.time.note({ headers: { date } }, { sentAt: now, receivedAt: now });
}
