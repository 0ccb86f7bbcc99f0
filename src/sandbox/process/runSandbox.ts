import type { Logger } from "../../base/logger.ts";
import { type Sandbox, createSandbox } from "../sandbox.ts";
import { StorageBusyError } from "../state/sqliteStorage.ts";
import { type CommandSettings, parseCommandLine } from "./commandLine.ts";
import { help } from "./help.ts";

const exitCodes = { ended: 0, failed: 1, usage: 64, dataDirectoryBusy: 75 } as const;

/** Runs the sandbox as a program, until a signal or its being unused ends it; gives the exit code. */
export async function runSandbox(args: readonly string[]): Promise<number> {
  const command = parseCommandLine(args);
  if (!command.ok) {
    process.stderr.write(`${command.error} See --help.\n`);
    return exitCodes.usage;
  }
  if (command.value.kind === "help") {
    process.stdout.write(help);
    return exitCodes.ended;
  }
  try {
    await serve(command.value.settings);
    return exitCodes.ended;
  } catch (error) {
    return explain(error, command.value.settings);
  }
}

async function serve(settings: CommandSettings): Promise<void> {
  const ended = Promise.withResolvers<string>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => ended.resolve(signal));
  const sandbox = await startSandbox(settings, () => ended.resolve("unused"));
  process.stdout.write(`sandbox ready ${sandbox.url}\n`);
  stderrLogger.info(`ends: ${await ended.promise}`);
  await sandbox.close();
}

async function startSandbox(settings: CommandSettings, onUnused: () => void): Promise<Sandbox> {
  const { exitWhenUnusedSeconds: seconds, ...options } = settings;
  const exitWhenUnused = seconds === undefined ? undefined : { seconds, onUnused };
  return createSandbox({ ...options, exitWhenUnused, logger: stderrLogger });
}

function explain(error: unknown, { dataDir, host, port }: CommandSettings): number {
  if (error instanceof StorageBusyError) {
    process.stderr.write(
      `Another sandbox uses ${dataDir ?? "the data directory"}; end it or choose another --data-dir.\n`,
    );
    return exitCodes.dataDirectoryBusy;
  }
  const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    taken ? `${host}:${port} is taken; choose another --port, or add --port-or-any.\n` : `Cannot start: ${reason}\n`,
  );
  return exitCodes.failed;
}

const write = (level: string, message: string): void =>
  void process.stderr.write(`${new Date().toISOString()} ${level} ${message}\n`);

const stderrLogger: Logger = {
  debug: () => undefined,
  info: message => write("info", message),
  warn: message => write("warn", message),
  error: message => write("error", message),
};
