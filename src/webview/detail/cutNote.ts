import * as l10n from "@vscode/l10n";
import { button } from "../page/dom.ts";
import { formatBytes } from "../text/format.ts";
import type { EventBody } from "./eventBody.ts";
import { type AskBody, loadAll } from "./loadAll.ts";
import { note } from "./note.ts";

export interface CutNoteOptions {
  readonly body: EventBody;
  readonly ask: AskBody;
  /** The whole body is here now. */
  readonly onLoaded: () => void;
  readonly openDocument: () => void;
}

/** Says that only a part of the body is here, and has the way to the rest. */
export function cutNote(options: CutNoteOptions): HTMLElement {
  const { body, openDocument } = options;
  const size = formatBytes(body.size);
  if (!body.canLoadAll) {
    const open = button({
      text: l10n.t("Open as Document"),
      label: l10n.t("Open the event as a document of the editor"),
      className: "inline",
      onClick: openDocument,
    });
    return note(l10n.t("Only the first part of this body of {0} is here.", size), "info", open);
  }
  return note(l10n.t("Only the first part of this body of {0} is here.", size), "info", loadButton(options));
}

function loadButton({ body, ask, onLoaded }: CutNoteOptions): HTMLButtonElement {
  const made = button({
    text: l10n.t("Load All"),
    label: l10n.t("Load all {0} of the body", formatBytes(body.size)),
    className: "inline",
    onClick: () => {
      made.disabled = true;
      const say = (text: string): void => void (made.textContent = text);
      const progress = (bytes: number): void => say(l10n.t("{0} of {1}", formatBytes(bytes), formatBytes(body.size)));
      void loadAll(body, ask, progress, () => made.isConnected).then(isLoaded => {
        made.disabled = false;
        if (isLoaded) onLoaded();
        else say(l10n.t("Try Again"));
      });
    },
  });
  return made;
}
