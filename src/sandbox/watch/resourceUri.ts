import type { SandboxBehaviour } from "../behaviour.ts";

/** The address of a module as answers and deliveries show it; `version` is that of the call, such as 8 or 2.1. */
export function resourceUri(
  baseUrl: string,
  module: string,
  version: number,
  { resourceUriVersion }: SandboxBehaviour,
): string {
  return `${baseUrl}/crm/v${resourceUriVersion === "v2" ? 2 : version}/${module}`;
}
