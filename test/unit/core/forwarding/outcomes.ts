import type { SendOutcome } from "../../../../src/core/forwarding/sendOutcome.ts";
import type { Header } from "../../../../src/protocol/capturedRequest.ts";

export function anAnswer(status: number, headers: readonly Header[] = []): SendOutcome {
  return { kind: "answered", status, headers, body: new Uint8Array(), bytes: 0, milliseconds: 5 };
}
