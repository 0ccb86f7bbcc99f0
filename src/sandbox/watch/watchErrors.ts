import type { SandboxBehaviour } from "../behaviour.ts";
import { type ApiError, apiError } from "../crm/apiError.ts";

/** What PATCH, PUT and DELETE answer about a channel that the user does not have, or whose time is over. */
export function notSubscribed(channelId: string, { notSubscribedDetails }: SandboxBehaviour): ApiError {
  const details = notSubscribedDetails === "empty" ? {} : { channel_id: channelId };
  return apiError("NOT_SUBSCRIBED", "Not subscribed for actions-watch of the given channel", details);
}

/** What POST answers about a channel id that is taken, where that is refused. */
export function alreadyUsed(index: number): ApiError {
  const details = { api_name: "channel_id", json_path: `$.watch[${index}].channel_id` };
  return apiError("ALREADY_USED", "the given channel id is already used", details);
}

/** What POST answers beyond the number of channels that a user may have. */
export function limitReached(): ApiError {
  return apiError("LIMIT_REACHED", "The maximum number of channels is reached");
}
