import * as l10n from "@vscode/l10n";
import { button } from "./dom.ts";

/** Puts a text on the clipboard. The editor does it: a page may not without the person's leave. */
export type Copy = (text: string) => void;

/** How long the tick stays, in milliseconds. */
const confirmedFor = 1_500;

/** A button that copies, and shows for a moment that it did. `what` names the thing: "record id 675…". */
export function copyButton(what: string, text: () => string, copy: Copy): HTMLButtonElement {
  const made = button({
    icon: "copy",
    label: l10n.t("Copy {0}", what),
    onClick: () => {
      copy(text());
      confirm(made);
    },
  });
  return made;
}

function confirm(target: HTMLButtonElement): void {
  const glyph = target.firstElementChild;
  glyph?.classList.replace("codicon-copy", "codicon-check");
  setTimeout(() => glyph?.classList.replace("codicon-check", "codicon-copy"), confirmedFor);
}
