import { setFlagsFromString } from "node:v8";
import { isMainThread } from "node:worker_threads";
import { parseRelayOptions, relayHelp } from "./relayOptions.ts";
import { checkConfiguration, configurationWarnings } from "./checkConfiguration.ts";
import { ConfigurationError } from "./configurationError.ts";
import type { RelayLogger } from "./relayLogger.ts";
import { DataDirectoryInUseError } from "./eventLog.ts";
import { type Relay, type RelayOptions, createRelay } from "./relay.ts";
import { joinLinkOf } from "./joinLinkOf.ts";
import { pinoRelayLogger } from "./pinoRelayLogger.ts";

/** The values that sysexits.h gives these cases. */
const exitCodes = { usage: 64, storageFailed: 70, dataDirectoryInUse: 75, failed: 1 } as const;

async function run(options: RelayOptions): Promise<void> {
  const logger = pinoRelayLogger(options.logLevel);
  checkConfiguration(options);
  for (const warning of configurationWarnings(options)) logger.warn(warning);
  const relay = await createRelay(options, { logger });
  process.on("SIGHUP", () => reload(relay, logger));
  process.stdout.write(`relay ready ${relay.url}\n`);
  const { reason, cause } = await reasonToEnd(relay);
  if (reason === "storage failed") {
    logger.error(reason, { cause: String(cause) });
    process.exitCode = exitCodes.storageFailed;
  }
  logger.info("relay ends", { reason });
  await relay.close();
}

function reload(relay: Relay, logger: RelayLogger): void {
  reloadOne("certificate", () => relay.reloadCertificate(), logger);
  reloadOne("create keys", () => relay.reloadCreateKeys(), logger);
}

/** What cannot be read keeps nothing else from being read. */
function reloadOne(what: string, read: () => void, logger: RelayLogger): void {
  try {
    read();
  } catch (error) {
    logger.error(`${what} not read anew`, { cause: String(error) });
  }
}

/** For the operator, who hands it on: it holds a create key. */
function writeJoinLink(options: RelayOptions): void {
  try {
    process.stdout.write(`${joinLinkOf(options)}\n`);
  } catch (error) {
    process.exitCode = explainFailure(error);
  }
}

interface End {
  readonly reason: "SIGTERM" | "SIGINT" | "unused" | "storage failed";
  readonly cause?: unknown;
}

async function reasonToEnd(relay: Relay): Promise<End> {
  return new Promise(resolve => {
    for (const reason of ["SIGTERM", "SIGINT"] as const) process.on(reason, () => resolve({ reason }));
    void relay.unused.then(() => resolve({ reason: "unused" }));
    // Whoever started this process is to start another, which opens the storage anew.
    void relay.failed.then(cause => resolve({ reason: "storage failed", cause }));
  });
}

function explainFailure(error: unknown): number {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof ConfigurationError) return exitCodes.usage;
  return error instanceof DataDirectoryInUseError ? exitCodes.dataDirectoryInUse : exitCodes.failed;
}

async function main(): Promise<void> {
  const command = parseRelayOptions(process.argv.slice(2), process.env);
  if (!command.ok) {
    process.stderr.write(`${command.error}\nTry --help.\n`);
    process.exitCode = exitCodes.usage;
  } else if (command.value.kind === "help") {
    process.stdout.write(relayHelp());
  } else if (command.value.kind === "join-link") {
    writeJoinLink(command.value.options);
  } else {
    await run(command.value.options).catch((error: unknown) => (process.exitCode = explainFailure(error)));
  }
}

/**
 * Has each thread free the memory of its own buffers. A relay makes some for every event, and by itself V8 frees them on
 * threads beside, which stand in the way of those that make them: that costs a twentieth of all processor time.
 */
function freeBuffersWhereTheyAreMade(): void {
  setFlagsFromString("--no-concurrent-array-buffer-sweeping");
}

// As a bundle this is also the program of the thread that owns the database (sqliteStoreProgram.ts).
if (isMainThread) {
  freeBuffersWhereTheyAreMade();
  await main();
}
