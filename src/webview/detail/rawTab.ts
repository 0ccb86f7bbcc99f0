import { button, element } from "../page/dom.ts";
import { formatCount } from "../text/format.ts";
import { visibleText } from "../text/visibleText.ts";
import type { EventBody } from "./eventBody.ts";
import { note } from "./note.ts";

/** How many characters are laid out at first: more make the page stall. */
const shownAtOnce = 50_000;

/** The body byte for byte as text, or as a dump of bytes that are not text. */
export function rawTab(body: EventBody): HTMLElement {
  if (body.isEmpty) return note("The request had no body.");
  const text = body.readable;
  const pre = element("pre", { attributes: { tabindex: "0", "aria-label": "Body as sent" } });
  pre.append(visibleText(text.slice(0, shownAtOnce)));
  return element(
    "div",
    { className: body.isBinary ? "raw binary" : "raw" },
    remark(body),
    pre,
    showMore(pre, text, shownAtOnce),
  );
}

function remark(body: EventBody): HTMLElement | undefined {
  if (body.isCut)
    return note("Only the first part of this large body is shown. Open it as a document to see all of it.");
  return body.isBinary ? note("The bytes are not UTF-8 text, so they are shown in hexadecimal.") : undefined;
}

function showMore(pre: HTMLElement, text: string, shown: number): HTMLElement | undefined {
  if (shown >= text.length) return undefined;
  const label = `Show more (${formatCount(text.length - shown, "character")} left)`;
  const made = button({
    text: label,
    label,
    className: "secondary",
    onClick: () => {
      const next = shown * 2;
      pre.append(visibleText(text.slice(shown, next)));
      const following = showMore(pre, text, next);
      if (following === undefined) made.remove();
      else made.replaceWith(following);
      (following ?? pre).focus();
    },
  });
  return made;
}
