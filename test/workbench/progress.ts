/** Tells a person at a terminal what goes on, one short line each. */
export type Say = (line: string) => void;

export const sayOnConsole: Say = line => console.log(line);

/** Says what begins, then, where it took long enough to be worth a line, how long it took. Reminds every 20 seconds. */
export async function step<T>(say: Say, title: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  say(`${title}…`);
  const reminder = setInterval(() => say(`  ${title}: ${seconds(began)} so far`), 20_000);
  try {
    const result = await work();
    if (performance.now() - began > 1_000) say(`  ${title}: done in ${seconds(began)}`);
    return result;
  } finally {
    clearInterval(reminder);
  }
}

/** The time since `began` (of `performance.now()`), for people. */
export function seconds(began: number): string {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`;
}
