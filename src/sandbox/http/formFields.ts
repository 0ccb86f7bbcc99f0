import { parseMultipart } from "@remix-run/multipart-parser";
import { utf8Decode } from "../../base/bytes.ts";
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
  if (/^multipart\/form-data\b/i.test(type)) return multipartFields(request.body, type);
  return new URLSearchParams(bodyText(request));
}

/** The fields of a multipart body as text, as no call here takes files. A form that is broken has those before the break. */
function multipartFields(body: Uint8Array, type: string): readonly (readonly [string, string])[] {
  const [, quoted, plain] = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type) ?? [];
  const boundary = quoted ?? plain;
  const fields: (readonly [string, string])[] = [];
  if (boundary === undefined) return fields;
  try {
    for (const { name, bytes } of parseMultipart(body, { boundary })) {
      if (name !== undefined) fields.push([name, utf8Decode(bytes)]);
    }
  } catch {
    // What the call needs and is not there is refused by whoever asks for it.
  }
  return fields;
}
