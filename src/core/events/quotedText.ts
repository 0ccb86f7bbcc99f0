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

/** So much more than the text itself is looked through for JSON in it. */
const mostLooks = 3;

/**
 * JSON within another text, such as a page, a log or lines of events: objects, and lists that are not empty. Undefined where
 * the work may be interrupted.
 */
export function* jsonIn(text: string): Iterable<{ readonly start: number; readonly end: number } | undefined> {
  const begin = /\{\s*"|\[\s*["{[]/g;
  let looked = 0;
  for (let found = begin.exec(text); found !== null && looked <= text.length * mostLooks; found = begin.exec(text)) {
    const start = found.index;
    const end = closingBracket(text, start);
    looked += (end ?? text.length) - start;
    yield undefined;
    if (end === undefined || !isJson(text.slice(start, end))) begin.lastIndex = start + 1;
    else {
      yield { start, end };
      begin.lastIndex = end;
    }
  }
}

/** Where what begins with a bracket ends, strings of JSON left out; undefined where it does not. */
function closingBracket(text: string, start: number): number | undefined {
  const mark = /["[\]{}]/g;
  mark.lastIndex = start;
  let depth = 0;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    if (found[0] === '"') mark.lastIndex = closingQuote(text, found.index) + 1;
    else if (/[[{]/.test(found[0])) depth++;
    else if (--depth === 0) return found.index + 1;
  }
  return undefined;
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
