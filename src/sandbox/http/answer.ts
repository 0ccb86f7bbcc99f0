/** What the sandbox says to one HTTP request, before it meets a socket. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** JSON with the content type that Zoho's SDKs insist on. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { "Content-Type": "application/json;charset=UTF-8", ...headers },
    body: JSON.stringify(value),
  };
}

/** A status without a body or a content type, as Zoho sends for 204 and 304. */
export function empty(status: number): Answer {
  return { status, headers: {}, body: "" };
}

/** A page for a person. Nothing on it may run or load: everything the sandbox shows is plain HTML with its own style. */
export function html(status: number, body: string): Answer {
  return {
    status,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy":
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
      "Cache-Control": "no-store",
      "Referrer-Policy": "same-origin",
    },
    body,
  };
}

/** Sends a browser on with GET. */
export function redirect(location: string): Answer {
  return { status: 303, headers: { Location: location }, body: "" };
}
