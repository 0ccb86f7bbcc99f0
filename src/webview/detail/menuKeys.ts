/** The item that a key leads to, from the one at `at`; -1 for none. */
export function indexAfterKey(key: string, at: number, titles: readonly string[]): number {
  const count = titles.length;
  if (key === "ArrowDown") return (at + 1) % count;
  if (key === "ArrowUp") return (at - 1 + count) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (key.length !== 1 || key === " ") return -1;
  const order = titles.map((_title, index) => (at + 1 + index) % count);
  return order.find(index => titles[index]?.toLowerCase().startsWith(key.toLowerCase()) === true) ?? -1;
}
