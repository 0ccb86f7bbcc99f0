/**
 * Does `work` for each item, `atOnce` of them at the same time. After one that fails no other is begun: rejects with the
 * first failure, once everything that was begun has ended.
 */
export async function forEachAtOnce<T>(
  items: Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const run = async (): Promise<void> => {
    for (let item = rest.next(); item.done !== true && failures.length === 0; item = rest.next()) {
      await work(item.value).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, run));
  if (failures.length > 0) throw failures[0];
}
