/** More filters than this are not remembered. */
export const mostRemembered = 20;

/** The filters that were typed, newest first, with one more; each stands in it once. */
export function remember(history: readonly string[], filter: string): readonly string[] {
  const text = filter.trim();
  if (text === "") return history;
  return [text, ...history.filter(other => other !== text)].slice(0, mostRemembered);
}

/** The remembered filters that hold what was typed, but for that itself. */
export function recall(history: readonly string[], typed: string): readonly string[] {
  const wanted = typed.trim().toLowerCase();
  return history.filter(filter => filter.toLowerCase().includes(wanted) && filter !== typed.trim());
}
