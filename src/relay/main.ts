import { isMainThread } from "node:worker_threads";
import { parseRelayOptions, relayHelp } from "./relayOptions.ts";
import { systemClock } from "../base/clock.ts";
import { DataDirectoryInUseError } from "./eventLog.ts";
import { type Relay, type RelayOptions, createRelay } from "./relay.ts";
import { jsonLogger } from "./relayLogger.ts";

/** The values that sysexits.h gives these cases. */
const exitCodes = { usage: 64, dataDirectoryInUse: 75, failed: 1 } as const;

async function run(options: RelayOptions): Promise<void> {
  const logger = jsonLogger(
    line => process.stderr.write(line),
    () => systemClock.now(),
  );
  const relay = await createRelay(options, { logger });
  process.stdout.write(`relay ready ${relay.url}\n`);
  const reason = await reasonToEnd(relay);
  logger.info("relay ends", { reason });
  await relay.close();
}

async function reasonToEnd(relay: Relay): Promise<string> {
  return new Promise(resolve => {
    process.on("SIGTERM", resolve).on("SIGINT", resolve);
    void relay.unused.then(() => resolve("unused"));
  });
}

function explainFailure(error: unknown): number {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof DataDirectoryInUseError ? exitCodes.dataDirectoryInUse : exitCodes.failed;
}

async function main(): Promise<void> {
  const command = parseRelayOptions(process.argv.slice(2), process.env);
  if (!command.ok) {
    process.stderr.write(`${command.error}\nTry --help.\n`);
    process.exitCode = exitCodes.usage;
  } else if (command.value.kind === "help") {
    process.stdout.write(relayHelp());
  } else {
    await run(command.value.options).catch((error: unknown) => (process.exitCode = explainFailure(error)));
  }
}

// As a bundle this is also the program of the thread that owns the database (sqliteStoreProgram.ts).
if (isMainThread) await main();
