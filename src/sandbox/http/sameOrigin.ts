import type { SandboxRequest } from "./sandboxRequest.ts";

/**
 * Whether a browser says that some other site's page sent this request. What changes the sandbox on behalf of the person
 * at the machine is not for other sites; programs that are no browsers send neither header.
 */
export function isFromOtherSite({ headers }: SandboxRequest): boolean {
  const site = headers["sec-fetch-site"];
  if (site === "cross-site" || site === "same-site") return true;
  const { origin, host } = headers;
  if (origin === undefined || origin === "null") return origin === "null" && site === undefined;
  return URL.parse(origin)?.host !== host;
}
