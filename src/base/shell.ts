import { type Result, fail, succeed } from "./result.ts";

/** A variable of the environment that stands for a secret in a text that is handed on. */
export interface Variable {
  readonly variable: string;
  /** It stands in JSON without quotes, as a number does. */
  readonly isBare?: boolean;
}

/** A text of which some places are left to variables. */
export type TextParts = readonly (string | Variable)[];

/** The lines of one command for a POSIX shell. */
export function posixCommand(lines: readonly string[]): string {
  return lines.join(" \\\n  ");
}

/** One argument of a command for a POSIX shell. Whatever it holds but NUL, which no argument can, arrives as it is. */
export function posixWord(parts: TextParts): string {
  const words = parts.map(part => (typeof part === "string" ? posixText(part) : `"$${part.variable}"`)).join("");
  return words === "" ? "''" : words;
}

/** Controls are written as escapes: pasted into a terminal they would be keys. */
function posixText(text: string): string {
  if (/^[\w-]+$/.test(text)) return text;
  return text.replace(/[^\u0000-\u0009\u000b-\u001f\u007f]+|[^]/g, run =>
    /^[\u0000-\u0009\u000b-\u001f\u007f]/.test(run)
      ? `"$(printf '\\${run.charCodeAt(0).toString(8).padStart(3, "0")}')"`
      : `'${run.replaceAll("'", `'\\''`)}'`,
  );
}

/** One argument of a program that PowerShell runs, of any version, with its argument passing set to `Legacy`. */
export function powershellArgument(parts: TextParts): string {
  const whole = parts.map(part => (typeof part === "string" ? part : "x")).join("");
  const last = parts.length - 1;
  const escaped = parts.map((part, index) =>
    typeof part === "string" ? escapeForWindows(part, index === last && /\s/.test(whole)) : part,
  );
  return powershellText(escaped);
}

/** A string of PowerShell. The typographic quotes end a string there as the plain one does. */
export function powershellText(parts: TextParts): string {
  const terms = parts.map(part =>
    typeof part === "string" ? `'${part.replaceAll(/['\u2018-\u201b]/g, "$&$&")}'` : `$env:${part.variable}`,
  );
  return terms.length === 1 ? (terms[0] ?? "''") : `(${terms.length === 0 ? "''" : terms.join(" + ")})`;
}

/** One argument of a command typed into Windows' Command Prompt; what has controls or line breaks cannot be typed. */
export function cmdWord(parts: TextParts): Result<string, "not-typable"> {
  if (parts.some(part => typeof part === "string" && /\p{Cc}/u.test(part))) return fail("not-typable");
  const last = parts.length - 1;
  const inner = parts.map((part, index) =>
    typeof part === "string" ? escapeForCmd(escapeForWindows(part, index === last)) : `%${part.variable}%`,
  );
  return succeed(`^"${inner.join("")}^"`);
}

/** A caret before whatever the prompt might take for its own. */
function escapeForCmd(text: string): string {
  return text.replaceAll(/[^\w\s\-:=+~'/.,?;*`@#$\\{}[\]\u0080-\uffff]/g, "^$&");
}

/** Quotes as Windows programs read their command line; backslashes count only before a quote, or `atEnd`, where one follows. */
function escapeForWindows(text: string, atEnd: boolean): string {
  const quoted = text.replaceAll(/(\\*)"/g, '$1$1\\"');
  return atEnd ? quoted.replace(/\\+$/, "$&$&") : quoted;
}
