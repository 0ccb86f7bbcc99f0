import { withoutOrigin } from "../protocol/requestTarget.ts";

/** What the request target of an ingest request says, nothing decoded and nothing normalised. */
export interface IngestTarget {
  readonly channel: string;
  /** Empty, or beginning with "/". */
  readonly path: string;
  readonly query: string;
}

const prefix = "/in/";
const channelPattern = /^[A-Za-z0-9_-]{1,128}$/;

/** Takes a request target apart; undefined when it is not `/in/<channel>[/suffix][?query]`. */
export function parseIngestTarget(target: string): IngestTarget | undefined {
  const local = withoutOrigin(target);
  if (!local.startsWith(prefix)) return undefined;
  const { before: address, after: query } = splitAt(local.slice(prefix.length), "?");
  const slash = address.indexOf("/");
  const channel = slash === -1 ? address : address.slice(0, slash);
  if (!channelPattern.test(channel)) return undefined;
  return { channel, path: address.slice(channel.length), query };
}

export function splitAt(text: string, separator: string): { readonly before: string; readonly after: string } {
  const index = text.indexOf(separator);
  if (index === -1) return { before: text, after: "" };
  return { before: text.slice(0, index), after: text.slice(index + separator.length) };
}
