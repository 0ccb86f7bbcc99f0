import { once } from "node:events";
import { type IncomingHttpHeaders, type ServerResponse, createServer } from "node:http";
import type { TestContext } from "node:test";
import { setTimeout as deadlineAfter } from "node:timers/promises";

/** One POST as it came. */
export interface ReceivedPost {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON, by plain `JSON.parse`: ids have to survive that too. Empty where it is none. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Listens for notifications, in the order in which they come. */
export interface NotificationReceiver {
  readonly url: string;
  readonly posts: readonly ReceivedPost[];
  /** Resolves with the first `count` posts; rejects when they do not come within five seconds. */
  first(count: number): Promise<readonly ReceivedPost[]>;
}

/** Starts a receiver that answers 200, or lets `respond` do it; it ends with the test. */
export async function receiveNotifications(
  test: TestContext,
  respond: (response: ServerResponse) => void = response => response.end(),
): Promise<NotificationReceiver> {
  const posts: ReceivedPost[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      const { method = "", url = "", headers } = request;
      posts.push({ method, url, headers, text, json: toObject(parseJson(text)) });
      for (const check of waiting) check();
      respond(response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const first = async (count: number): Promise<readonly ReceivedPost[]> => {
    const enough = new Promise<void>(resolve => {
      const check = (): void => {
        if (posts.length >= count) resolve();
      };
      waiting.add(check);
      check();
    });
    await withDeadline(enough, () => `${posts.length} of ${count} notifications came`);
    return posts.slice(0, count);
  };
  return { url: `http://127.0.0.1:${port ?? 0}`, posts, first };
}

async function withDeadline(promise: Promise<void>, describe: () => string): Promise<void> {
  const cancel = new AbortController();
  const late = deadlineAfter(5_000, "late" as const, { signal: cancel.signal, ref: false });
  const outcome = await Promise.race([promise.then(() => "in time" as const), late]);
  cancel.abort();
  await late.catch(() => undefined);
  if (outcome === "late") throw new Error(describe());
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
