import { once } from "node:events";
import { type ServerResponse, createServer } from "node:http";
import type { TestContext } from "node:test";
import type { Header } from "../../src/protocol/capturedRequest.ts";

/** One request as a server got it, to the byte of its body. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body: Buffer;
}

export interface RequestRecorder {
  readonly url: string;
  readonly requests: RecordedRequest[];
}

/** Starts a server on loopback that keeps what it gets and answers 200, or lets `respond` do it; it ends with the test. */
export async function recordRequests(
  test: Pick<TestContext, "after">,
  respond: (response: ServerResponse, request: RecordedRequest) => void = response => response.end(),
): Promise<RequestRecorder> {
  const requests: RecordedRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url: target = "", rawHeaders } = request;
      const recorded = { method, target, headers: pairs(rawHeaders), body: Buffer.concat(chunks) };
      requests.push(recorded);
      respond(response, recorded);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, requests };
}

function pairs(raw: readonly string[]): Header[] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [raw[2 * index] ?? "", raw[2 * index + 1] ?? ""]);
}
