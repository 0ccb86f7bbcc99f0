import * as l10n from "@vscode/l10n";

/** Names as people list them: `Leads, Deals and Contacts`; beyond `most`, how many more there are. */
export function listed(names: readonly string[], most = Number.POSITIVE_INFINITY): string {
  if (names.length > most) return l10n.t("{0} and {1} more", names.slice(0, most).join(", "), names.length - most);
  if (names.length <= 1) return names[0] ?? "";
  return l10n.t("{0} and {1}", names.slice(0, -1).join(", "), names.at(-1) ?? "");
}
