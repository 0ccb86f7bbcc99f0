import type { Badge } from "../text/rowText.ts";
import { element, icon } from "./dom.ts";

/** An icon and its word. */
export function badgeView(badge: Badge): HTMLElement {
  return element("span", { className: `badge tone-${badge.tone}` }, icon(badge.icon), element("span", {}, badge.word));
}
