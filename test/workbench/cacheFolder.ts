import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Where large things that any checkout can share are kept (VS Code, built packages, the state of `npm start`): outside
 * the source tree. `ZCN_CACHE` overrides it.
 */
export function cacheFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  return env["ZCN_CACHE"] ?? join(platformCache(env, platform, home), "zoho-crm-notifications");
}

function platformCache(env: NodeJS.ProcessEnv, platform: NodeJS.Platform, home: string): string {
  if (platform === "win32") return env["LOCALAPPDATA"] ?? join(home, "AppData", "Local");
  if (platform === "darwin") return join(home, "Library", "Caches");
  return env["XDG_CACHE_HOME"] ?? join(home, ".cache");
}
