import type { Result } from "../../../base/result.ts";
import { type ModuleInfo, isWatchable } from "../../../zoho/metadata.ts";
import type { ZohoProblem } from "../../../zoho/problem.ts";
import { type Finding, broken, brokenBy, notApplicable, ok } from "../finding.ts";

/** Every module that is watched exists in the organisation, and the API can notify about it. */
export function checkModules(watched: readonly string[], known: Result<readonly ModuleInfo[], ZohoProblem>): Finding {
  if (!known.ok) return brokenBy(known.error);
  if (watched.length === 0) return notApplicable("There is no subscription whose modules could be looked up.");
  const byName = new Map(known.value.map(module => [module.apiName, module]));
  const missing = watched.filter(name => !byName.has(name));
  if (missing.length > 0)
    return broken(`The organisation has no module ${inWords(missing)}: it was renamed or removed.`);
  const unsupported = watched.filter(name => !isSupported(byName.get(name)));
  if (unsupported.length > 0) return broken(`Zoho CRM cannot notify about ${inWords(unsupported)} here.`);
  return ok(`The organisation has ${inWords(watched)}, and the API supports it.`);
}

function isSupported(module: ModuleInfo | undefined): boolean {
  return module !== undefined && isWatchable(module);
}

/** At most five names: a channel may have fifty. */
function inWords(names: readonly string[]): string {
  if (names.length > 5) return `${names.slice(0, 5).join(", ")} and ${names.length - 5} more`;
  return names.join(", ");
}
