import fc from "fast-check";
import { type ChannelCreated, relayPaths, relaySubprotocol } from "../../src/protocol/relayApi.ts";

/** Two channels of one relay: hostile input comes from somebody who holds `mine` and wants to get at `other`. */
export interface Targets {
  readonly mine: ChannelCreated;
  readonly other: ChannelCreated;
}

/** A request that can be told from the next one, with the answers that are right. Text stands for bytes (Latin-1). */
export interface FramedRequest {
  readonly text: string;
  readonly allowed: readonly number[];
}

const bytes = (max: number): fc.Arbitrary<string> =>
  fc.uint8Array({ maxLength: max }).map(array => Buffer.from(array).toString("latin1"));

function request(method: string, target: string, lines: readonly string[], body: string): string {
  const head = [`${method} ${target} HTTP/1.1`, "Host: relay.example.com", ...lines, `Content-Length: ${body.length}`];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

const methods = fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "TRACE", "M-SEARCH");
const tricks = ["..", ".", "%2e%2e", "%2f", "%00", "%0d%0aX-Injected:%20yes", ";a=b", "\\", "~", "*", "%", "%zz"];
const suffix = fc
  .array(fc.oneof(fc.constantFrom(...tricks), fc.stringMatching(/^[\x21-\x7e]{0,12}$/)), { maxLength: 4 })
  .map(parts => parts.map(part => `/${part.replaceAll("#", "")}`).join(""));
const headerLines = fc.array(
  fc
    .tuple(fc.stringMatching(/^X-[A-Za-z0-9!$&'*+.^_`|~-]{1,16}$/), fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,40}$/))
    .map(([name, value]) => `${name}: ${value}`),
  { maxLength: 6 },
);

/** Requests that HTTP allows, to places and with keys that it should not do any good to try. */
export function framedRequests({ mine, other }: Targets): fc.Arbitrary<FramedRequest> {
  const wrongKeys = fc.constantFrom(
    "",
    mine.channel,
    other.channel,
    `${other.readKey}x`,
    mine.readKey.slice(1),
    "a b",
    "null",
  );
  const unknown = [
    `/in/${mine.channel}x`,
    `/in/${mine.channel.slice(1)}`,
    `/in//${mine.channel}`,
    `/in/../in/${mine.channel}`,
    `/in/%2e%2e/in/${mine.channel}`,
    `/./in/${mine.channel}`,
    `//in/${mine.channel}`,
    `/IN/${mine.channel}`,
    `/in/${mine.channel}%2f`,
    `/in/${mine.channel};x`,
    `/in/${encodeURIComponent(`${mine.channel}\0`)}`,
    `/in/__proto__`,
    `/in/constructor`,
    `/in/' OR 1=1 --`.replaceAll(" ", "%20"),
    "/in/",
    "/in",
    "/constructor",
    "/__proto__",
    "/metrics",
    "/lease",
    `/v1/channels/${other.channel}/stream/`,
    `/v1/channels/../channels/${other.channel}`,
    `/v1/channels//${other.channel}`,
    "/relay.db",
    "/../../etc/passwd",
  ];
  const at = (target: fc.Arbitrary<string>, lines: fc.Arbitrary<readonly string[]>, ...allowed: number[]) =>
    fc
      .tuple(methods, target, lines, bytes(60))
      .map(([method, place, given, body]) => ({ text: request(method, place, given, body), allowed }));
  const bearer = (key: fc.Arbitrary<string>): fc.Arbitrary<string[]> =>
    key.map(text => [`Authorization: Bearer ${text}`]);
  const channelOf = ({ channel }: ChannelCreated): fc.Arbitrary<string> => fc.constant(relayPaths.channel(channel));
  return fc.oneof(
    {
      weight: 4,
      arbitrary: at(
        suffix.map(text => relayPaths.ingest(mine.channel) + text),
        headerLines,
        200,
      ),
    },
    { weight: 4, arbitrary: at(fc.constantFrom(...unknown), headerLines, 404) },
    { weight: 2, arbitrary: at(channelOf(other), bearer(wrongKeys), 401) },
    { weight: 2, arbitrary: at(channelOf(other), bearer(fc.constant(mine.readKey)), 401) },
    { weight: 1, arbitrary: at(channelOf(mine), bearer(fc.constant(other.readKey)), 401) },
    { weight: 1, arbitrary: at(fc.constant(relayPaths.stream(other.channel)), bearer(fc.constant(mine.readKey)), 426) },
  );
}

const tokens = [
  "\r\n",
  "\n",
  "\r",
  "\0",
  " ",
  "\t",
  ":",
  "\r\n\r\n",
  "\r\n ",
  "Content-Length: 5\r\n",
  "Content-Length: -1\r\n",
  "Content-Length: 99999999999999999999\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Transfer-Encoding: gzip, chunked\r\n",
  "Transfer-Encoding : chunked\r\n",
  "Connection: Upgrade\r\nUpgrade: websocket\r\n",
  "Upgrade: h2c\r\n",
  "Expect: 100-continue\r\n",
  "Authorization: Bearer x\r\n",
  "HTTP/1.1",
  "HTTP/9.9",
  "HTTP/1.0",
  "CONNECT ",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "ffffffffffffffff\r\n",
  "0\r\n\r\n",
  "%00",
  "../",
  "\x16\x03\x01\x02\x00",
  "A".repeat(40_000),
];

interface Edit {
  readonly place: number;
  readonly removed: number;
  readonly inserted: string;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  place: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.nat({ max: 8 }),
  inserted: fc.oneof(fc.constantFrom(...tokens), bytes(6)),
});

function apply(text: string, { place, removed, inserted }: Edit): string {
  const at = Math.floor(place * text.length);
  return text.slice(0, at) + inserted + text.slice(at + removed);
}

/** Requests that were whole once, damaged in a few places, and mere bytes. */
export function damagedRequests(targets: Targets): fc.Arbitrary<string> {
  const templates = wholeRequests(targets);
  const damaged = fc
    .tuple(fc.constantFrom(...templates), fc.array(edit, { minLength: 1, maxLength: 5 }))
    .map(([text, edits]) => edits.reduce(apply, text));
  return fc.oneof({ weight: 6, arbitrary: damaged }, { weight: 1, arbitrary: bytes(300) });
}

/** The beginning of a request, whose sender goes away after it. */
export interface Abandoned {
  readonly part: string;
  /** With a reset in place of an orderly end. */
  readonly resets: boolean;
}

/** Requests of every kind cut off anywhere, heads and bodies that were promised to be large among them. */
export function abandonedRequests(targets: Targets): fc.Arbitrary<Abandoned> {
  const ingest = relayPaths.ingest(targets.mine.channel);
  const large = `POST ${ingest} HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n${"z".repeat(20_000)}`;
  const dribbled = `POST ${ingest} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${"1\r\nz\r\n".repeat(2_000)}`;
  const asked = upgradeRequest(targets.mine) + frame(0x89, true, "").repeat(40);
  const refused = upgradeRequest({ ...targets.other, readKey: targets.mine.readKey });
  const longHead = `POST ${ingest} HTTP/1.1\r\nHost: x\r\nX-Long: ${"z".repeat(30_000)}`;
  const whole = [...wholeRequests(targets), large, dribbled, asked, refused, longHead];
  return fc
    .tuple(fc.constantFrom(...whole), fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean())
    .map(([text, place, resets]) => ({ part: text.slice(0, Math.ceil(place * text.length)), resets }));
}

/** The request that opens the stream of a channel. */
export function upgradeRequest({ channel, readKey }: ChannelCreated): string {
  const lines = [
    `GET ${relayPaths.stream(channel)}?after=0 HTTP/1.1`,
    "Host: relay.example.com",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
    `Sec-WebSocket-Protocol: ${relaySubprotocol}`,
    `Authorization: Bearer ${readKey}`,
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function wholeRequests({ mine, other }: Targets): string[] {
  const ingest = relayPaths.ingest(mine.channel);
  return [
    request("POST", `${ingest}/a?b=c`, ["Content-Type: application/json"], '{"ok":true}'),
    `POST ${ingest} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    request("POST", ingest, ["Expect: 100-continue"], "hello"),
    request("GET", relayPaths.channel(mine.channel), [`Authorization: Bearer ${mine.readKey}`], ""),
    request("GET", relayPaths.channel(other.channel), [`Authorization: Bearer ${mine.readKey}`], ""),
    request("GET", `http://relay.example.com${relayPaths.health}`, [], ""),
    upgradeRequest(mine),
    upgradeRequest({ ...other, readKey: mine.readKey }),
  ];
}

const acks = fc.constantFrom(
  '{"type":"ack","sequence":0}',
  '{"type":"ack","sequence":0,"more":[1,{"a":null}]}',
  ' {"sequence":0,"type":"ack"} ',
);
const nonsense = fc.oneof(
  fc.json({ maxDepth: 2 }),
  fc.constantFrom(
    '{"type":"ack"}',
    '{"type":"ack","sequence":-1}',
    '{"type":"ack","sequence":1e400}',
    '{"type":"ack","sequence":9007199254740993}',
    '{"type":"ack","sequence":"0"}',
    '{"type":"hello"}',
    '{"__proto__":{"type":"ack"},"sequence":1}',
    "",
    "[".repeat(1_000),
  ),
  bytes(80),
);

/** A WebSocket frame as it goes over the wire; `length` may differ from what follows. */
function frame(first: number, masked: boolean, payload: string, length = payload.length): string {
  const flag = masked ? 0x80 : 0;
  const head = length < 126 ? [first, flag | length] : [first, flag | 126, (length >> 8) & 0xff, length & 0xff];
  return String.fromCharCode(...head) + (masked ? `\0\0\0\0${payload}` : payload);
}

const oddButAllowed = fc.oneof(
  acks.map(text => frame(0x81, true, text)),
  acks.map(text => frame(0x01, true, text.slice(0, 5)) + frame(0x80, true, text.slice(5))),
  bytes(125).map(text => frame(0x89, true, text)),
  bytes(125).map(text => frame(0x8a, true, text)),
);
const notAllowed = fc.oneof(
  nonsense.map(text => frame(0x81, true, text)),
  bytes(60).map(text => frame(0x82, true, text)),
  fc.constant(frame(0x81, true, "x".repeat(1_500))),
  fc.constant(frame(0x82, true, "", 0xffff)),
  fc.tuple(fc.nat(255), fc.boolean(), bytes(140)).map(([first, masked, text]) => frame(first, masked, text)),
  bytes(40),
);

/** What an editor might send on its stream: a while of what is allowed, if hardly, and then what is not. */
export const hostileFrames: fc.Arbitrary<readonly string[]> = fc
  .tuple(fc.array(oddButAllowed, { minLength: 6, maxLength: 14 }), fc.array(notAllowed, { minLength: 1, maxLength: 3 }))
  .map(([allowed, not]) => [...allowed, ...not]);
