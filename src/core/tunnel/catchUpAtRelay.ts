import type { Logger } from "../../base/logger.ts";
import { CancelledError, describeCauses } from "../../base/problem.ts";
import type { ChannelKeyring } from "./channelKeyring.ts";
import { removeGivenUp } from "./channelSharing.ts";

/**
 * Tells the relay of a channel, which can be reached now, what it could not be told before: the newest key to seal to, and
 * which readers were given up. What fails is logged. Never rejects.
 */
export async function catchUpAtRelay(keyring: ChannelKeyring, signal: AbortSignal, logger: Logger): Promise<void> {
  await keyring.ensure(signal);
  try {
    await removeGivenUp(keyring, signal);
  } catch (error) {
    if (!(error instanceof CancelledError)) logger.warn(`relay: ${describeCauses(error)}`);
  }
}
