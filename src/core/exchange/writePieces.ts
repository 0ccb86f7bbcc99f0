import { open, rename, rm } from "node:fs/promises";
import { CancelledError } from "../../base/problem.ts";

/**
 * Writes a file piece by piece, readable by its owner only. It takes its place when it is whole: what fails, or is
 * called off (which throws CancelledError), leaves what was there before.
 */
export async function writePieces(file: string, pieces: AsyncIterable<string>, signal: AbortSignal): Promise<void> {
  const partial = `${file}.partial`;
  try {
    await writeAll(partial, pieces, signal);
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

async function writeAll(file: string, pieces: AsyncIterable<string>, signal: AbortSignal): Promise<void> {
  const handle = await open(file, "w", 0o600);
  try {
    for await (const piece of pieces) {
      if (signal.aborted) throw new CancelledError();
      await handle.writeFile(piece);
    }
  } finally {
    await handle.close();
  }
}
