import { join } from "node:path";
import type { ExtensionContext } from "vscode";
import { CodeCache } from "./core/codeCache/codeCache.ts";

/** What extension.ts gives. */
interface Extension {
  activate(context: ExtensionContext): void;
  deactivate(): Promise<void>;
}

/** After this many milliseconds the window has started, and what it took to start is worth keeping. */
const settled = 10_000;

let extension: Extension | undefined;

/** What VS Code calls: the extension proper, compiled or from the code cache, and then its own activation. */
export function activate(context: ExtensionContext): void {
  const cache = new CodeCache(join(context.globalStorageUri.fsPath, "code-cache"));
  const loaded = cache.load(join(context.extensionPath, "dist", "extension.cjs"));
  extension = loaded.exports as Extension;
  extension.activate(context);
  if (loaded.isFromCache) return;
  const timer = setTimeout(() => void loaded.keep(), settled);
  context.subscriptions.push({ dispose: () => clearTimeout(timer) });
}

export async function deactivate(): Promise<void> {
  await extension?.deactivate();
}
