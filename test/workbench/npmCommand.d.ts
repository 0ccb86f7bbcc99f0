/** The program and first arguments that run npm: its own script under this Node where it can be found. */
export function npmCommand(
  env?: NodeJS.ProcessEnv,
  execPath?: string,
  exists?: (path: string) => boolean,
): [string, ...string[]];

/**
 * The environment for an npm of our own: without what the npm that runs us says about its project, because that would
 * steer the inner one, and with development packages even under NODE_ENV=production.
 */
export function npmEnvironment(env?: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
