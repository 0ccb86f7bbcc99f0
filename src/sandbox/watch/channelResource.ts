import type { BehaviourSwitches } from "../behaviour.ts";
import type { ModuleCatalog } from "../crm/moduleCatalog.ts";
import type { JsonObject } from "../state/json.ts";
import { resourceUri } from "./resourceUri.ts";

export interface ResourceContext {
  readonly catalog: ModuleCatalog;
  readonly behaviour: BehaviourSwitches;
  readonly baseUrl: () => string;
}

/** How answers show the module of a channel; `version` is that of the call. The answer to DELETE has no more than this. */
export function channelResource(
  { catalog, behaviour, baseUrl }: ResourceContext,
  channelId: string,
  module: string,
  version: number,
): JsonObject {
  return {
    resource_uri: resourceUri(baseUrl(), module, version, behaviour.current),
    resource_id: catalog.named(module)?.id ?? null,
    channel_id: channelId,
  };
}
