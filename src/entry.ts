import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ExtensionContext } from "vscode";
import { startStopwatch } from "./base/process/stopwatch.ts";
import { CodeCache } from "./core/codeCache/codeCache.ts";
import type * as Extension from "./extension.ts";

/** After this many milliseconds the window has started, and what it took to start is worth keeping. */
const settled = 10_000;

let extension: typeof Extension | undefined;

/**
 * What VS Code calls: loads the extension proper, compiled or from the code cache, and has it activate. Each is done in a
 * turn of its own, since the thread is that of all extensions, and most of them start at the same time.
 */
export async function activate(context: ExtensionContext): Promise<void> {
  await nextTurn();
  const spent = startStopwatch();
  const cache = new CodeCache(join(context.globalStorageUri.fsPath, "code-cache"));
  const loaded = cache.load(join(context.extensionPath, "dist", "extension.cjs"));
  extension = loaded.exports as typeof Extension;
  const loading = { spent: spent(), isFromCache: loaded.isFromCache };

  await nextTurn();
  extension.activate(context, loading);
  const timer = setTimeout(() => void loaded.keep(), settled);
  context.subscriptions.push({ dispose: () => clearTimeout(timer) });
}

export async function deactivate(): Promise<void> {
  await extension?.deactivate();
}
