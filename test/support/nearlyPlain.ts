/** Random numbers from a seed, 0 to below 1 (mulberry32): fast, and the same each time. */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const methods = ["POST ", "POST ", "POST ", "GET ", "PUT ", "post ", "POST\t", "POST  ", " POST ", "PRI ", "\r\nPOST "];
const targets = [
  ...["/in/abc", "/in/abc/leads?a=1&a=2", "/in/refuse", "/in/a-b_c/%2e%2e//x?", "/in/abc?q=/in/x", "/in/abc;x"],
  ...[
    "/in/",
    "/in",
    "/inabc",
    "/IN/abc",
    "//in/abc",
    "/in/abc#f",
    '/in/abc"<>',
    "/in/a b",
    "/in/\xe9",
    "/in/a\tb",
    "*",
  ],
  ...[
    "http://relay.example.com/in/abc",
    "/in/abc/\x7f",
    "/in/abc\x00",
    "/v1/channels",
    "/healthz",
    "",
    "/in/abc/{}|^`",
  ],
];
const versions = [
  " HTTP/1.1\r\n",
  " HTTP/1.0\r\n",
  " HTTP/1.1\n",
  " HTTP/1.1 \r\n",
  " HTTP/2.0\r\n",
  " http/1.1\r\n",
  "\r\n",
];
const hosts = [
  "Host: relay.example.com\r\n",
  "host:x\r\n",
  "HOST: \t x \t\r\n",
  "Host:\r\n",
  "Host : x\r\n",
  "Host: a\r\nHost: b\r\n",
  "",
];
const extras = [
  ...[
    "X-A: 1\r\n",
    "x-a: 2\r\n",
    "X-Empty:\r\n",
    "X-Blank:  \t \r\n",
    "X-High: \xa0\xe9\xff \r\n",
    "X-Tab:\ta\tb\t\r\n",
  ],
  ...[
    "X-Odd!#$%&'*+-.^_`|~: y\r\n",
    "X Y: 1\r\n",
    "X(Y): 1\r\n",
    "X\xe9: 1\r\n",
    ": nameless\r\n",
    "no colon\r\n",
    "X-Nul: a\0b\r\n",
  ],
  ...[
    "X-Bell: a\x07b\r\n",
    "X-Del: a\x7fb\r\n",
    "X-Vt: \x0ba\x0c\r\n",
    "X-Fold: a\r\n b\r\n",
    "X-Cr: a\rb\r\n",
    "X-Lf: a\nX-B: b\r\n",
  ],
  ...[
    "Connection: keep-alive\r\n",
    "Connection: Keep-Alive\r\n",
    "Connection: close\r\n",
    "Connection: x, close\r\n",
    "connection: upgrade\r\n",
  ],
  ...[
    "Connection:\r\n",
    "Keep-Alive: timeout=1\r\n",
    "Proxy-Connection: close\r\n",
    "Upgrade: h2c\r\n",
    "Upgrade: websocket\r\n",
  ],
  ...[
    "Expect: 100-continue\r\n",
    "Expect: x\r\n",
    "Transfer-Encoding: chunked\r\n",
    "transfer-encoding: identity\r\n",
    "Trailer: X-T\r\n",
  ],
  ...["TE: trailers\r\n", "Content-Type: application/json\r\n", "__proto__: 1\r\n", `X-Long: ${"l".repeat(900)}\r\n`],
];
const lengths = (length: number): string[] => [
  ...[`${length}`, `${length}`, `${length}`, `${length}`, `00${length}`, ` ${length} \t`, `+${length}`, `-${length}`],
  ...[
    `${length + 1}`,
    `${Math.max(0, length - 1)}`,
    `0x${length.toString(16)}`,
    `${length}, ${length}`,
    `${length}.0`,
    "",
    "99999999999999999999",
  ],
];
const bodies = [
  "",
  '{"ok":1}',
  "\0\xff\r\n\r\n",
  "x".repeat(300),
  "y".repeat(1_700),
  "POST /in/abc HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
];

/**
 * One connection's worth of requests, most of them plain but for a detail or two, in the pieces in which they are
 * written. Text stands for bytes (Latin-1).
 */
export function nearlyPlain(random: () => number): string[] {
  const count = 1 + Math.floor(random() * random() * 4);
  let bytes = "";
  for (let index = 0; index < count; index++) bytes += oneRequest(random);
  if (random() < 0.15) bytes = damage(bytes, random);
  return split(bytes, random);
}

function oneRequest(random: () => number): string {
  // The first of each list is as it should be; how often another is taken differs from request to request.
  const oddity = random() < 0.3 ? 0 : random() * 0.4;
  const pick = (values: readonly string[]): string => (random() < oddity ? any(values, random) : (values[0] ?? ""));
  const body = any(bodies, random);
  let head = pick(methods) + (random() < 0.5 ? any(targets.slice(0, 5), random) : pick(targets)) + pick(versions);
  const lines = [pick(hosts), `Content-Length: ${pick(lengths(body.length))}\r\n`];
  for (let count = Math.floor(random() * 4); count > 0; count--)
    lines.push(random() < 0.6 ? (extras[0] ?? "") : pick(extras));
  if (random() < oddity / 4) lines.push(`content-length: ${pick(lengths(body.length))}\r\n`);
  if (random() < oddity / 8) lines.splice(1, 1);
  if (random() < oddity / 8) lines.push(...Array.from({ length: 40 }, (_, index) => `X-${index}: y\r\n`));
  if (random() < 0.5) lines.reverse();
  head += lines.join("");
  return `${head}\r\n${body}`;
}

function any(values: readonly string[], random: () => number): string {
  return values[Math.floor(random() * values.length)] ?? "";
}

function damage(bytes: string, random: () => number): string {
  const at = Math.floor(random() * bytes.length);
  const byte = String.fromCharCode(Math.floor(random() * 256));
  const kind = random();
  if (kind < 0.4) return bytes.slice(0, at) + byte + bytes.slice(at + 1);
  if (kind < 0.7) return bytes.slice(0, at) + byte + bytes.slice(at);
  return kind < 0.85 ? bytes.slice(0, at) + bytes.slice(at + 1) : bytes.slice(0, at);
}

function split(bytes: string, random: () => number): string[] {
  if (random() < 0.6) return [bytes];
  const at = Math.floor(random() * bytes.length);
  return [bytes.slice(0, at), ...split(bytes.slice(at), random)];
}
