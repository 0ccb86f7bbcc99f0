import manifest from "../../package.json" with { type: "json" };
import { formatJoinLink } from "../protocol/joinLink.ts";
import { ConfigurationError } from "./configurationError.ts";
import { readCreateKeys } from "./createKeys.ts";
import type { RelayOptions } from "./relay.ts";

/** The link by which an editor joins the relay that runs with these options. Throws {@link ConfigurationError}. */
export function joinLinkOf(options: Pick<RelayOptions, "publicUrl" | "createKey" | "createKeyFile">): string {
  const { publicUrl } = options;
  if (publicUrl === undefined)
    throw new ConfigurationError("--join-link wants --public-url, which editors reach it at.");
  const [createKey] = readCreateKeys(options);
  const extension = `${manifest.publisher}.${manifest.name}`;
  return formatJoinLink(extension, { relay: publicUrl, createKey, invitation: undefined });
}
