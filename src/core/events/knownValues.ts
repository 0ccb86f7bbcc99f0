import type { Findings, SecretSpan } from "./secretSpan.ts";
import { base64Runs } from "./spellings.ts";

/** A value that is known to open something, in the forms in which it is looked for. */
export interface KnownValue {
  readonly value: string;
  /** What of its base64 is the same whatever stands around it. */
  readonly cores: readonly string[];
  readonly kind: "token" | "other";
}

/** Shorter values are hidden by name only: not every “1” of a text is the token “1”. */
const shortestKnown = 6;

/** Undefined where a value is too short to be told from other text. */
export function knownValue(value: string, kind: KnownValue["kind"]): KnownValue | undefined {
  if (value.length < shortestKnown) return undefined;
  return { kind, value, cores: base64Cores(value) };
}

function base64Cores(value: string): readonly string[] {
  const bytes = Buffer.from(value, "utf8");
  return [0, 1, 2].flatMap(offset => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]);
    const from = Math.ceil((offset * 8) / 6);
    const core = shifted.toString("base64").slice(from, Math.floor((shifted.byteLength * 8) / 6));
    return [core, core.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

/** Where known values stand in one spelling of a text, or the beginning of one where the text is cut. */
export function* knownIn(text: string, known: readonly KnownValue[]): Findings {
  for (const { value, kind } of known) {
    // A blank is a plus in forms.
    const isBlank = value.includes(" ");
    yield* isBlank ? occurrences(withBlanks(text), withBlanks(value), kind) : occurrences(text, value, kind);
    yield undefined;
  }
  yield* knownInBase64(text, known);
}

function withBlanks(text: string): string {
  return text.replaceAll("+", " ");
}

function* occurrences(text: string, value: string, kind: KnownValue["kind"]): Iterable<SecretSpan> {
  for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + value.length))
    yield { start: at, end: at + value.length, kind };
  const beginning = cutAtEnd(text, value);
  if (beginning > 0) yield { start: text.length - beginning, end: text.length, kind: "other" };
}

/** How many characters of a value a text ends with. */
function cutAtEnd(text: string, value: string): number {
  for (let length = Math.min(value.length - 1, text.length); length >= shortestKnown; length--) {
    if (text.endsWith(value.slice(0, length))) return length;
  }
  return 0;
}

function* knownInBase64(text: string, known: readonly KnownValue[]): Findings {
  if (known.length === 0) return;
  const cores = known.flatMap(value => value.cores);
  if (!hasBrokenLines(text) && !cores.some(core => text.includes(core))) return;
  for (const { run, index } of base64Runs(text)) {
    const letters = run.replaceAll(/[\r\n]/g, "");
    if (cores.some(core => letters.includes(core))) yield { start: index, end: index + run.length, kind: "other" };
  }
}

/** Lines of base64 may be broken anywhere. */
function hasBrokenLines(text: string): boolean {
  return /[\w+/-]\r?\n[\w+/-]/.test(text);
}
