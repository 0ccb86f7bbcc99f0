import type { NameTerm } from "./eventFilter.ts";
import { quote } from "./tokens.ts";

/** A filter's text that asks for these names, as a person would type it: `channel:1000 module:Deals`. */
export function formatNames(names: Readonly<Partial<Record<NameTerm["key"], string>>>): string {
  return Object.entries(names)
    .map(([key, value]) => `${key}:${quote(value)}`)
    .join(" ");
}
