/**
 * Characters that a person would not see, or that change how the text around them reads: controls other than tab and
 * line breaks, bidirectional marks, embeddings, overrides and isolates, line separators, byte order marks, and halves
 * of surrogate pairs. Joiners stay: emoji and some scripts need them.
 */
const invisible =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** The text with every invisible or misleading character shown as its escape, such as `\u202E`. */
export function visibleText(text: string): string {
  return text.replace(invisible, escapeCharacter);
}

/** {@link visibleText} for a place of one line: line breaks and tabs are shown as escapes too. */
export function visibleLine(text: string): string {
  return visibleText(text).replace(/[\n\r\t]/g, escapeBreak);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

function escapeBreak(character: string): string {
  if (character === "\n") return "\\n";
  return character === "\r" ? "\\r" : "\\t";
}
