// How to call npm without a shell, on every system. Plain JavaScript: the bootstrap needs it before anything is installed.
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** The program and first arguments that run npm: its own script under this Node where it can be found. */
export function npmCommand(env = process.env, execPath = process.execPath, exists = existsSync) {
  const script = npmScripts(env, execPath).find(path => exists(path));
  return script === undefined ? ["npm"] : [execPath, script];
}

/**
 * The environment for an npm of our own: without what the npm that runs us says about its project, because that would
 * steer the inner one, and with development packages even under NODE_ENV=production.
 */
export function npmEnvironment(env = process.env) {
  const foreign = /^(npm_(package|lifecycle|command)|npm_config_(local_prefix|prefix|omit|include|dry_run)|INIT_CWD$)/i;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name)));
}

function npmScripts(env, execPath) {
  const folder = dirname(execPath);
  const given = env.npm_execpath;
  return [
    ...(given !== undefined && basename(given) === "npm-cli.js" ? [given] : []),
    join(folder, "node_modules/npm/bin/npm-cli.js"),
    join(folder, "../lib/node_modules/npm/bin/npm-cli.js"),
  ];
}
