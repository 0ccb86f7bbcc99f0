/** What there is to say of a run. */
export interface Replayed {
  readonly lines: readonly string[];
  readonly broken: readonly string[];
  readonly summary: string;
}

/** Runs the seed of SIMULATION_SEED again, says what was broken, and with `--trace` what happened. */
export async function replaySeed(run: (seed: number) => Promise<Replayed>): Promise<void> {
  const seed = Number(process.env["SIMULATION_SEED"]);
  const began = performance.now();
  const { lines, broken, summary } = await run(seed);
  const took = Math.round(performance.now() - began);
  const marked = broken.map(what => `✖ ${what}`);
  const shown = process.argv.includes("--trace") ? lines : [];
  process.stdout.write(
    [...shown, ...marked, `seed ${seed}: ${broken.length} broken, ${summary}, ${took} ms`, ""].join("\n"),
  );
  if (broken.length > 0) process.exitCode = 1;
}

/** How to see a failing run again, by that file of this folder. */
export function replayLine(file: string, seed: number): string {
  return `SIMULATION_SEED=${seed} node test/simulation/${file} --trace`;
}
