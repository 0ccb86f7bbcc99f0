import { type SandboxRequest, bodyText } from "./sandboxRequest.ts";

/**
 * The parameters of a call that may come as query, as urlencoded form or as multipart form (Zoho's token endpoint takes
 * all three; its SDKs send the last). Where a name occurs twice, the body wins over the query.
 */
export function formFields(request: SandboxRequest): ReadonlyMap<string, string> {
  const fields = new Map<string, string>(request.query);
  for (const [name, value] of bodyFields(request)) fields.set(name, value);
  return fields;
}

function bodyFields(request: SandboxRequest): Iterable<readonly [string, string]> {
  const type = request.headers["content-type"] ?? "";
  if (request.body.byteLength === 0) return [];
  if (type.startsWith("multipart/form-data")) return multipartFields(bodyText(request), type);
  return new URLSearchParams(bodyText(request));
}

/** The text fields of a multipart body. Files, which no call here takes, would come out as text too. */
function multipartFields(body: string, type: string): readonly (readonly [string, string])[] {
  const [, quoted, plain] = /boundary=(?:"([^"]+)"|([^;\s]+))/.exec(type) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return [];
  return body.split(`--${boundary}`).flatMap(part => {
    const [, head = "", value = ""] = /^\r\n([^]*?)\r\n\r\n([^]*)\r\n$/.exec(part) ?? [];
    const name = /name="([^"]*)"/i.exec(head)?.[1];
    return name === undefined ? [] : [[name, value]];
  });
}
