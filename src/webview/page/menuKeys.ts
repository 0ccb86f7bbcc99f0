/** The item that a key leads to, from the one at `at` (-1: from none); undefined where it leads to none. */
export function indexAfterKey(key: string, at: number, titles: readonly string[]): number | undefined {
  const count = titles.length;
  if (count === 0) return undefined;
  switch (key) {
    case "ArrowDown":
      return (at + 1) % count;
    case "ArrowUp":
      return (Math.max(at, 0) - 1 + count) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return key.length === 1 && key !== " " ? nextBeginningWith(key, at, titles) : undefined;
  }
}

function nextBeginningWith(letter: string, at: number, titles: readonly string[]): number | undefined {
  const order = titles.map((_title, step) => (at + 1 + step) % titles.length);
  return order.find(index => titles[index]?.toLowerCase().startsWith(letter.toLowerCase()) === true);
}
