/** What something took, in milliseconds. */
export interface Spent {
  /** From its beginning to its end. */
  readonly elapsed: number;
  /** Of the processor, for the thread that measures; not known before Node 23.9. */
  readonly processor: number | undefined;
}

/** Starts measuring; the function that it gives tells what was spent until its call. */
export function startStopwatch(): () => Spent {
  const startedAt = performance.now();
  const processorBefore = processorTime();
  return () => {
    const processorNow = processorTime();
    return {
      elapsed: performance.now() - startedAt,
      processor:
        processorNow === undefined || processorBefore === undefined ? undefined : processorNow - processorBefore,
    };
  };
}

/** Such as `12 ms (9 of the processor)`. */
export function formatSpent({ elapsed, processor }: Spent): string {
  const words = `${elapsed.toFixed(0)} ms`;
  return processor === undefined ? words : `${words} (${processor.toFixed(0)} of the processor)`;
}

function processorTime(): number | undefined {
  if (!("threadCpuUsage" in process)) return undefined;
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
