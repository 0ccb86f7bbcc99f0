import { forEachAtOnce } from "../../../src/base/forEachAtOnce.ts";

/** Does something with every item, in order, as many at a time as there are workers; a worker has one item at a time. */
export async function shareOut<Worker, Item>(
  workers: readonly Worker[],
  items: readonly Item[],
  act: (worker: Worker, item: Item, index: number) => Promise<void>,
): Promise<void> {
  const idle = [...workers];
  await forEachAtOnce(items.entries(), workers.length, async ([index, item]) => {
    const worker = idle.pop();
    if (worker === undefined) throw new Error("More was begun than there are workers.");
    await act(worker, item, index).finally(() => idle.push(worker));
  });
}
