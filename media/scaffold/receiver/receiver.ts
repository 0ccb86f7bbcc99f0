/// <reference types="node" />
import { createHash, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { existsSync, realpathSync } from "node:fs";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CodingFault, codingNames, longestBody, readBodyText } from "./bodyText.ts";
import { LockedError } from "./fileLock.ts";
import { HandledEvents } from "./handledEvents.ts";
import { NotANotification, type Notification, type RecordChange, parseNotification } from "./notification.ts";

export interface ReceiverOptions<Event> {
  /** Your code. */
  readonly handle: (event: Event) => Promise<void> | void;
  /** The token of each channel by the channel's id. */
  readonly tokens: ReadonlyMap<string, string>;
  /** Until it is there, events wait; without it none is handled. */
  readonly handled: HandledEvents | Promise<HandledEvents>;
}

/**
 * A server that takes Zoho's notifications, and calls your code once for each change of a record. It answers when your
 * code is done, so that the answer tells what became of the event: 200, or 500 with the error's message. Zoho is not
 * known to wait long nor to send again; what takes more than a few seconds belongs into a queue of yours.
 */
export function createReceiver<Event>(options: ReceiverOptions<Event>): Server {
  return receive(createServer(), options);
}

function receive<Event>(server: Server, options: ReceiverOptions<Event>): Server {
  return server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    answer(request, options).then(
      given => send(request, response, given),
      (error: unknown) => {
        console.error(error);
        send(request, response, { status: error instanceof LockedError ? 503 : 500, text: messageOf(error) });
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
  try {
    await start(handle, join(folder, "data", "handled.log"));
  } catch (error) {
    console.error(`The handler cannot start: ${messageOf(error)}`);
    process.exitCode = 1;
  }
}

/** The port comes first: a second start finds it taken, and must not touch what the first one keeps. */
async function start<Event>(handle: ReceiverOptions<Event>["handle"], log: string): Promise<void> {
  const tokens = readTokens(process.env);
  const server = createServer();
  const opened = once(server, "listening").then(async () => HandledEvents.open(log));
  receive(server, { handle, tokens, handled: opened });
  server.listen(Number(process.env["PORT"] ?? "3000"), "127.0.0.1");
  try {
    const handled = await opened;
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => server.close(() => void handled.close()));
  } catch (error) {
    server.close();
    throw error;
  }
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  console.log(`handler ready http://127.0.0.1:${String(port)}`);
  if (tokens.size === 0) console.log("No channel token is known, so every event will be refused: see README.md.");
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
  readonly headers?: Readonly<Record<string, string>>;
}

async function answer<Event>(request: IncomingMessage, options: ReceiverOptions<Event>): Promise<Answer> {
  if (request.method !== "POST") return { status: 405, text: "Send a POST.", headers: { allow: "POST" } };
  const body = await readBody(request);
  if (body === undefined) return { status: 413, text: "The body is too large." };
  const { text, fault } = await readBodyText(body, request.headers);
  const notification = readNotification(text);
  if (notification instanceof NotANotification) return fault === undefined ? notRead(notification) : notDecoded(fault);
  return refusalOf(notification, options.tokens) ?? (await handleAll(notification, options));
}

function readNotification(text: string): Notification | NotANotification {
  try {
    return parseNotification(text);
  } catch (error) {
    if (error instanceof NotANotification) return error;
    throw error;
  }
}

function notRead({ message }: NotANotification): Answer {
  return { status: 400, text: message };
}

function notDecoded({ status, message }: CodingFault): Answer {
  return { status, text: message, ...(status === 415 ? { headers: { "accept-encoding": codingNames() } } : {}) };
}

/** One record after the other. Where one fails, those before it stay handled and are not handled again. */
async function handleAll<Event>(notification: Notification, options: ReceiverOptions<Event>): Promise<Answer> {
  const { token: _, records, unread, omitsRecords, ...common } = notification;
  if (unread.length > 0) console.warn(`Channel ${String(common.channelId)}: ${unreadSentence(notification)}`);
  if (records.length === 0) return { status: 422, text: nothingHandled(notification) };
  const log = await options.handled;
  let handled = 0;
  for (const record of records) {
    // The types come from the metadata of the organisation, which is what Zoho sends by: nobody checks values here.
    const event = { ...common, ...record } as Event;
    const ran = await log.once(identityOf(notification, record), async () => options.handle(event));
    if (ran) handled += 1;
  }
  const before = records.length - handled;
  const sentences = [`${handled} handled, ${before} had been handled before.`, unreadSentence(notification)];
  // A record that nobody can read was not handled: that is no success.
  return { status: omitsRecords ? 422 : 200, text: sentences.join(" ").trim() };
}

function nothingHandled(notification: Notification): string {
  const isUnread = notification.unread.some(name => recordMembers.has(name));
  const reason = isUnread ? "" : "The event names no record.";
  return ["Nothing was handled.", reason, unreadSentence(notification)].filter(each => each !== "").join(" ");
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

/** Undefined where it is too long. However small the pieces are in which it comes, it takes no more room than its length. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  let bytes = Buffer.alloc(0);
  let length = 0;
  for await (const chunk of piecesOf(request)) {
    const before = length;
    length += chunk.length;
    if (length > longestBody) return undefined;
    if (length > bytes.length) bytes = enlarged(bytes, length);
    chunk.copy(bytes, before);
  }
  return bytes.subarray(0, length);
}

/** Whoever stops in the middle leaves the connection open, as the answer has to go out over it. */
function piecesOf(request: IncomingMessage): AsyncIterable<Buffer> {
  return request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
}

function enlarged(bytes: Buffer, least: number): Buffer<ArrayBuffer> {
  const larger = Buffer.alloc(Math.max(least, 2 * bytes.length));
  bytes.copy(larger);
  return larger;
}

function send(request: IncomingMessage, response: ServerResponse, { status, text, headers }: Answer): void {
  const body = `${text}\n`;
  if (!request.complete) response.setHeader("connection", "close");
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    ...headers,
  });
  response.write(body);
  if (request.complete) response.end();
  else void readRest(request).finally(() => response.end());
}

/** What is read on of a body that nobody wants, in bytes: many senders listen only after theirs is sent. */
const longestRest = 10 * 1024 * 1024;

async function readRest(request: IncomingMessage): Promise<void> {
  let length = 0;
  try {
    for await (const chunk of piecesOf(request)) {
      length += chunk.length;
      if (length > longestRest) return;
    }
  } catch {
    // The sender hung up.
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
