import * as l10n from "@vscode/l10n";
import type { Result } from "../../base/result.ts";
import { button } from "../page/dom.ts";
import { formatBytes } from "../text/format.ts";
import type { BodySlice } from "../page/hostConnection.ts";
import type { EventBody } from "./eventBody.ts";
import { note } from "./note.ts";

/** Asks for the part of the body that begins at a byte. */
export type AskBody = (from: number) => Promise<Result<BodySlice, unknown>>;

/** Loads a whole body slice by slice; false where it did not come. `isWanted` tells whether anybody still waits for it. */
export async function loadAll(
  body: EventBody,
  ask: AskBody,
  onProgress: (bytes: number) => void,
  isWanted: () => boolean,
): Promise<boolean> {
  const parts: string[] = [];
  for (let at = 0; at < body.size;) {
    const slice = await ask(at);
    if (!isWanted() || !slice.ok || slice.value.part === undefined || slice.value.next <= at) return false;
    parts.push(slice.value.part);
    at = slice.value.next;
    onProgress(at);
  }
  body.complete(parts);
  return true;
}

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
      text: l10n.t("Open as document"),
      label: l10n.t("Open the event as a document of the editor"),
      className: "inline",
      onClick: openDocument,
    });
    return note(l10n.t("Only the first part of this body of {0} is here.", size), "info", open);
  }
  const made = note(l10n.t("Only the first part of this body of {0} is here.", size), "info", loadButton(options));
  return made;
}

function loadButton({ body, ask, onLoaded }: CutNoteOptions): HTMLButtonElement {
  const made = button({
    text: l10n.t("Load all"),
    label: l10n.t("Load all {0} of the body", formatBytes(body.size)),
    className: "inline",
    onClick: () => {
      made.disabled = true;
      const say = (text: string): void => void (made.textContent = text);
      const progress = (bytes: number): void => say(l10n.t("{0} of {1}", formatBytes(bytes), formatBytes(body.size)));
      void loadAll(body, ask, progress, () => made.isConnected).then(isLoaded => {
        made.disabled = false;
        if (isLoaded) onLoaded();
        else say(l10n.t("Try again"));
      });
    },
  });
  return made;
}
