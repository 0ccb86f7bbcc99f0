/** A request target without what an absolute one (RFC 9112) begins with, as clients send it that believe us to be a proxy. */
export function withoutOrigin(target: string): string {
  return target.startsWith("/") ? target : target.replace(/^https?:\/\/[^/?#]*/i, "");
}
