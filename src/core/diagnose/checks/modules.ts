import * as l10n from "@vscode/l10n";
import { listed } from "../../listed.ts";
import type { Result } from "../../../base/result.ts";
import { type ModuleInfo, isWatchable } from "../../../zoho/metadata.ts";
import type { ZohoProblem } from "../../../zoho/problem.ts";
import type { ItemList } from "../../../zoho/readItems.ts";
import { type Finding, broken, brokenBy, notApplicable, ok } from "../finding.ts";

/** Every module that is watched exists in the organisation, and the API can notify about it. */
export function checkModules(watched: readonly string[], known: Result<ItemList<ModuleInfo>, ZohoProblem>): Finding {
  if (!known.ok) return brokenBy(known.error);
  if (watched.length === 0) return notApplicable(l10n.t("There is no subscription whose modules could be looked up."));
  const byName = new Map(known.value.items.map(module => [module.apiName, module]));
  const missing = watched.filter(name => !byName.has(name));
  if (missing.length > 0 && known.value.unreadable > 0)
    return broken(
      l10n.t("Zoho lists some modules in a form that cannot be read. {0} may be among them.", inWords(missing)),
    );
  if (missing.length > 0)
    return broken(l10n.t("The organisation has no module {0}: it was renamed or removed.", inWords(missing)));
  const unsupported = watched.filter(name => !isSupported(byName.get(name)));
  if (unsupported.length > 0) return broken(l10n.t("Zoho CRM cannot notify about {0} here.", inWords(unsupported)));
  return ok(l10n.t("The organisation has {0}, and the API supports it.", inWords(watched)));
}

function isSupported(module: ModuleInfo | undefined): boolean {
  return module !== undefined && isWatchable(module);
}

/** A channel may have fifty. */
const mostNamed = 5;

function inWords(names: readonly string[]): string {
  return listed(names, mostNamed);
}
