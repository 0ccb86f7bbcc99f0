/** What the run is asked for in the environment, as `npm run bench` takes names of benchmarks only. */
export interface MutationOptions {
  /** MUTATION_SEED; default: 1. */
  readonly seed: number;
  /** MUTATION_COUNT; default: 100. */
  readonly count: number;
  /** MUTATION_FOLDERS: under src/, with commas between; default: what watches over the subscriptions. */
  readonly folders: readonly string[];
}

const defaultFolders = ["subscriptions", "renewal", "borrow", "recovery", "forwarding", "windows"];

export function readOptions(env: NodeJS.ProcessEnv): MutationOptions {
  return {
    seed: Number(env["MUTATION_SEED"] ?? 1),
    count: Number(env["MUTATION_COUNT"] ?? 100),
    folders: env["MUTATION_FOLDERS"]?.split(",") ?? defaultFolders.map(name => `core/${name}`),
  };
}
