/** The longest text whose length is told exactly; of a longer one only the order of magnitude is. */
const longestExact = 20;

const forms: readonly (readonly [form: string, pattern: RegExp])[] = [
  ["digits", /^\d+$/],
  ["lowercase", /^[a-z]+$/],
  ["uppercase", /^[A-Z]+$/],
  ["capitalised", /^[A-Z][a-z]+$/],
  ["lowercase with underscores", /^[a-z][a-z_]*$/],
  ["uppercase with underscores", /^[A-Z][A-Z_]*$/],
  ["name", /^[A-Za-z_]\w*$/],
  ["time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?$/],
  ["date", /^\d{4}-\d\d-\d\d$/],
  ["number", /^-?\d+(?:\.\d+)?$/],
  ["address", /^https?:\/\//i],
  ["HTML", /^\s*<(?:!doctype|html)/i],
  ["broken JSON", /^\s*[{[]/],
  ["letters and digits", /^[\p{L}\p{N}]+$/u],
];

/** What a text looks like, and nothing of what it says: `text(6, lowercase)`. */
export function textForm(text: string): string {
  if (text === "") return "text(empty)";
  const form = forms.find(([, pattern]) => pattern.test(text))?.[0] ?? "mixed";
  return `text(${lengthOf(text)}, ${form})`;
}

function lengthOf({ length }: string): string {
  if (length <= longestExact) return String(length);
  return length <= 100 ? "21–100" : length <= 1_000 ? "101–1000" : "over 1000";
}
