/** Whether a text is JSON: then quotes, colons and braces mean what they mean there, and nothing else. */
export function isJson(text: string): boolean {
  if (!/^\s*["[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Where the closing quote stands of a string whose quote stands at a place; the end of the text where there is none. */
export function closingQuote(text: string, at: number): number {
  const quote = text[at] ?? "";
  for (let end = text.indexOf(quote, at + 1); end !== -1; end = text.indexOf(quote, end + 1))
    if (!isEscaped(text, end, at)) return end;
  return text.length;
}

/** Whether an odd number of backslashes stands before a place, behind another. */
export function isEscaped(text: string, place: number, after: number): boolean {
  let first = place;
  while (first - 1 > after && text[first - 1] === "\\") first--;
  return (place - first) % 2 === 1;
}

/** Where the string of JSON ends in which a place is. */
export function endOfString(json: string, from: number): number {
  const mark = /["\\]/g;
  mark.lastIndex = from;
  for (let found = mark.exec(json); found !== null; found = mark.exec(json)) {
    if (found[0] === '"') return found.index;
    mark.lastIndex = found.index + 2;
  }
  return json.length;
}
