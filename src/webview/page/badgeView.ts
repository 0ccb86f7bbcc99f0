import type { Badge } from "../text/rowText.ts";
import { element, icon } from "./dom.ts";

/** An icon and its word. */
export function badgeView(badge: Badge): HTMLElement {
  return element("span", { className: `badge tone-${badge.tone}` }, icon(badge.icon), wordView(badge.word));
}

/** A word that takes several lines breaks between its parts, as `made_up_today` does behind its lines. */
function wordView(word: string): HTMLElement {
  const parts = word.split(/(?<=_)/);
  return element("span", {}, ...parts.flatMap((part, index) => (index === 0 ? part : [element("wbr", {}), part])));
}
