/// <reference types="node" />
import { createHash, timingSafeEqual } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { HandledEvents } from "./handledEvents.ts";
import { NotANotification, type Notification, type RecordChange, parseNotification } from "./notification.ts";

export interface ReceiverOptions<Event> {
  /** Your code. */
  readonly handle: (event: Event) => Promise<void> | void;
  /** The token of each channel by the channel's id. */
  readonly tokens: ReadonlyMap<string, string>;
  readonly handled: HandledEvents;
}

/** Far more than Zoho sends. */
const longestBody = 10 * 1024 * 1024;

/**
 * A server that takes Zoho's notifications, and calls your code once for each change of a record. It answers when your
 * code is done, so that the answer tells what became of the event: 200, or 500 with the error's message. Zoho is not
 * known to wait long nor to send again; what takes more than a few seconds belongs into a queue of yours.
 */
export function createReceiver<Event>(options: ReceiverOptions<Event>): Server {
  return createServer((request, response) => {
    answer(request, options).then(
      ({ status, text }) => send(response, status, text),
      (error: unknown) => {
        console.error(error);
        send(response, 500, error instanceof Error ? error.message : String(error));
      },
    );
  });
}

/** Starts the server if the module at `url` is what Node was started with, and not, for instance, a test of it. */
export async function startWhenMain<Event>(url: string, handle: ReceiverOptions<Event>["handle"]): Promise<void> {
  const filename = fileURLToPath(url);
  if (process.argv[1] === undefined || realpathSync(process.argv[1]) !== filename) return;
  const folder = dirname(filename);
  if (existsSync(join(folder, ".env"))) process.loadEnvFile(join(folder, ".env"));
  const tokens = readTokens(process.env);
  const handled = await HandledEvents.open(join(folder, "data", "handled.log"));
  const server = createReceiver({ handle, tokens, handled });
  server.listen(Number(process.env["PORT"] ?? "3000"), "127.0.0.1", () => {
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    console.log(`handler ready http://127.0.0.1:${String(port)}`);
    if (tokens.size === 0) console.log("No channel token is known, so every event will be refused: see README.md.");
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => server.close(() => void handled.close()));
}

/** The tokens in an environment: `ZOHO_CHANNEL_TOKEN_<channel id>` for each channel. */
export function readTokens(environment: Readonly<Record<string, string | undefined>>): Map<string, string> {
  const tokens = new Map<string, string>();
  for (const [name, value] of Object.entries(environment)) {
    const channelId = /^ZOHO_CHANNEL_TOKEN_(\d+)$/.exec(name)?.[1];
    if (channelId !== undefined && value !== undefined && value !== "") tokens.set(channelId, value);
  }
  return tokens;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function answer<Event>(request: IncomingMessage, options: ReceiverOptions<Event>): Promise<Answer> {
  if (request.method !== "POST") return { status: 405, text: "Send a POST." };
  const body = await readBody(request);
  if (body === undefined) return { status: 413, text: "The body is too large." };
  try {
    const notification = parseNotification(body);
    const refusal = refusalOf(notification, options.tokens);
    return refusal ?? (await handleAll(notification, options));
  } catch (error) {
    if (error instanceof NotANotification) return { status: 400, text: error.message };
    throw error;
  }
}

/** One record after the other. Where one fails, those before it stay handled and are not handled again. */
async function handleAll<Event>(notification: Notification, options: ReceiverOptions<Event>): Promise<Answer> {
  const { token: _, records, unread, ...common } = notification;
  if (unread.length > 0) console.warn(`Channel ${String(common.channelId)}: ${unreadSentence(notification)}`);
  if (records.length === 0) return withoutRecords(notification);
  let handled = 0;
  for (const record of records) {
    // The types come from the metadata of the organisation, which is what Zoho sends by: nobody checks values here.
    const event = { ...common, ...record } as Event;
    const ran = await options.handled.once(identityOf(notification, record), async () => options.handle(event));
    if (ran) handled += 1;
  }
  const before = records.length - handled;
  const sentences = [`${handled} handled, ${before} had been handled before.`, unreadSentence(notification)];
  return { status: 200, text: sentences.join(" ").trim() };
}

/** There was nothing to handle; or there was, and nobody can read what: that is no success. */
function withoutRecords(notification: Notification): Answer {
  const isUnread = notification.unread.some(name => recordMembers.has(name));
  if (isUnread) return { status: 422, text: `Nothing was handled. ${unreadSentence(notification)}` };
  return { status: 200, text: ["The event names no record.", unreadSentence(notification)].join(" ").trim() };
}

/** Where a notification has records. */
const recordMembers: ReadonlySet<string> = new Set(["ids", "affected_fields", "affected_values"]);

function unreadSentence({ unread }: Notification): string {
  return unread.length === 0 ? "" : `Could not be read, and is left out: ${unread.join(", ")}.`;
}

/**
 * Zoho gives an event no id: this is what tells one change of a record from the next. Two deliveries of one record can
 * have the same time and differ in the fields alone.
 */
function identityOf(notification: Notification, { recordId, changedFields }: RecordChange): string | undefined {
  const { channelId, module = null, operation, operationWord, serverTime } = notification;
  if (serverTime === undefined) return undefined;
  const what = operation === "other" ? operationWord : operation;
  return JSON.stringify([channelId, module, what ?? null, recordId, serverTime, ...changedFields.toSorted()]);
}

/**
 * Deliveries carry no signature: the token of the subscription is what proves where they come from. Zoho can leave it
 * out of deletions, which then have only the id of a channel of yours to show.
 */
function refusalOf(
  { channelId, token, operation }: Notification,
  tokens: ReadonlyMap<string, string>,
): Answer | undefined {
  if (channelId === undefined) return { status: 401, text: "The event names no channel, so no token can prove it." };
  const expected = tokens.get(channelId);
  if (expected === undefined) {
    return { status: 401, text: `No token is known for channel ${channelId}: set ZOHO_CHANNEL_TOKEN_${channelId}.` };
  }
  if (token === undefined && operation === "delete") return undefined;
  return isSame(token ?? "", expected) ? undefined : { status: 401, text: "The token is not that of the channel." };
}

/** Compares in a time that tells nothing of how much of the token was right. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** Undefined where it is too long; the rest of it is then read to no avail, so that the answer arrives. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    if (length <= longestBody) chunks.push(chunk);
  }
  return length > longestBody ? undefined : Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${text}\n`);
}
