import { utf8Encode } from "../../src/base/bytes.ts";
import { type CapturedRequest, encodeCapturedRequest } from "../../src/protocol/capturedRequest.ts";

/** What a delivery of the tests says where a test says nothing else. */
const usual = {
  server_time: 1_750_102_639_787,
  affected_values: [{ record_id: "6756839000000575405", values: { Phone: "555-1111" } }],
  query_params: {},
  module: "Leads",
  resource_uri: "https://www.zohoapis.com/crm/v2/Leads",
  ids: ["6756839000000575405"],
  affected_fields: [{ "6756839000000575405": ["Phone"] }],
  operation: "update",
  channel_id: "1105420521999070702",
  token: "token-of-the-test",
};

/** The body of a delivery as Zoho sends it, with `changes` over the usual one. */
export function notificationBody(changes: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ ...usual, ...changes });
}

/** The usual delivery of a system that writes Latin-1: "é", in a value alone, is no UTF-8. */
export function latinBody(): Uint8Array {
  return Buffer.from(notificationBody().replace("555-1111", "Andr\u00e9"), "latin1");
}

/** A captured POST of `body`, encoded as the relay streams it. */
export function capturedPost(body: string | Uint8Array, request: Partial<CapturedRequest> = {}): Uint8Array {
  return encodeCapturedRequest({
    method: "POST",
    path: "",
    query: "",
    headers: [["Content-Type", "application/json"]],
    body: typeof body === "string" ? utf8Encode(body) : body,
    ...request,
  });
}
