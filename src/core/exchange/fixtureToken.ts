import { exactText, utf8Encode } from "../../base/bytes.ts";
import { parseJson } from "../../base/json.ts";
import type { CapturedRequest } from "../../protocol/capturedRequest.ts";
import { readRequest } from "../events/readEvent.ts";
import { tokenPlaceholder } from "../../zoho/channelToken.ts";

/** Whether a fixture's request leaves room for the token of the channel. */
export function needsToken({ query, headers, body }: CapturedRequest): boolean {
  return [query, exactText(body) ?? "", ...headers.map(([, value]) => value)].some(text =>
    text.includes(tokenPlaceholder),
  );
}

/** The channel whose token it is; undefined where the request is no notification. */
export function channelOf(request: CapturedRequest): string | undefined {
  const reading = readRequest(request);
  return reading.kind === "notification" ? reading.notification.channelId : undefined;
}

/** The request with the token where it belongs, written as each place wants it. */
export function withToken(request: CapturedRequest, token: string): CapturedRequest {
  const { query, headers, body } = request;
  const text = exactText(body);
  return {
    ...request,
    query: query.replaceAll(tokenPlaceholder, () => encodeURIComponent(token)),
    headers: headers.map(([name, value]) => [name, value.replaceAll(tokenPlaceholder, () => token)]),
    body: text?.includes(tokenPlaceholder) === true ? utf8Encode(fill(text, token)) : body,
  };
}

function fill(text: string, token: string): string {
  const written = parseJson(text).ok ? JSON.stringify(token).slice(1, -1) : encodeURIComponent(token);
  return text.replaceAll(tokenPlaceholder, () => written);
}
