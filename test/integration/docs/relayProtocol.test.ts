import assert from "node:assert/strict";
import { createDecipheriv, createHash } from "node:crypto";
import { once } from "node:events";
import { type TestContext, describe, it } from "node:test";
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from "hpke";
import * as v from "valibot";
import { WebSocket } from "ws";
import { Document, codeIn } from "../../support/document.ts";
import { sendRaw } from "../../support/rawHttp.ts";
import { startTestRelay } from "../../support/testRelay.ts";

// Nothing of the product's own end is used here: what the page says has to be enough.
const page = Document.read("docs/relay-protocol.md");
const making = page.section("`POST /v1/channels`: make a channel");
const example = page.section("Worked example");
const createdSchema = v.object({
  channel: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{16,128}$/)),
  readKey: v.string(),
  ingestUrl: v.string(),
  keyId: v.string(),
});
type Created = v.InferOutput<typeof createdSchema>;

function exampleOf(index: number): unknown {
  return JSON.parse(making.blocks("json")[index] ?? "");
}

function membersOf(json: unknown): readonly string[] {
  assert.ok(typeof json === "object" && json !== null);
  return Object.keys(json).sort();
}

const answering = page.section("`GET` and `PUT /v1/channels/<channel>/answer`: choose what senders get");
const answerSchema = v.object({
  answer: v.object({ status: v.number(), headers: v.array(v.tuple([v.string(), v.string()])), body: v.string() }),
});
const challengeSchema = v.object({ from: v.picklist(["query", "body"]), name: v.string() });

/** Asks for the channel's answer, or puts one. */
async function answerOf(url: string, { channel, readKey }: Created, body?: string): Promise<Response> {
  const headers = { authorization: `Bearer ${readKey}` };
  const put = body === undefined ? {} : { method: "PUT", body };
  return fetch(`${url}/v1/channels/${channel}/answer`, { headers, ...put });
}

/** Posts what a service sends that puts its challenge there. */
async function postChallenge(
  { ingestUrl }: Created,
  { from, name }: v.InferOutput<typeof challengeSchema>,
): Promise<Response> {
  return from === "query"
    ? fetch(`${ingestUrl}?${name}=a%3Ab`, { method: "POST" })
    : fetch(ingestUrl, { method: "POST", body: JSON.stringify({ [name]: "a:b" }) });
}

/** The frames that the page's example has, by their type. */
const frames = new Map<string, object>();
for (const line of example.blocks("jsonl").flatMap(block => block.trim().split("\n"))) {
  const frame = v.parse(v.looseObject({ type: v.string() }), JSON.parse(line));
  frames.set(frame.type, frame);
}

async function makeChannel(url: string): Promise<Created> {
  const body = making.blocks("json")[0] ?? "";
  const answer = await fetch(`${url}/v1/channels`, { method: "POST", body });
  assert.equal(answer.status, 201);
  return v.parse(createdSchema, await answer.json());
}

/** Posts the example's request, with what the head of a real request also has. */
async function postExample(url: string, { channel }: Created): Promise<string> {
  const [head = "", body = ""] = example.block("http").trimEnd().split("\n\n");
  const lines = [...head.replace(/\/in\/[^/]+/, `/in/${channel}`).split("\n"), `Content-Length: ${body.length}`];
  const answer = await sendRaw(url, [...lines, "Connection: close", "", body].join("\r\n"));
  assert.equal(answer.status, 200);
  return answer.body;
}

/** An editor in another language: it reads messages as they come. */
class Stream {
  readonly socket: WebSocket;
  readonly closed: Promise<unknown>;
  readonly #messages: { readonly data: Buffer; readonly isBinary: boolean }[] = [];
  #arrived: () => void = () => undefined;

  constructor(test: TestContext, url: string, { channel, readKey }: Created, after = 0) {
    const address = `${url.replace("http", "ws")}/v1/channels/${channel}/stream?after=${after}`;
    const headers = { authorization: `Bearer ${readKey}` };
    this.socket = new WebSocket(address, "zcn.relay.v1", { headers, perMessageDeflate: false });
    this.socket.on("message", (data: Buffer, isBinary) => {
      this.#messages.push({ data, isBinary });
      this.#arrived();
    });
    this.closed = once(this.socket, "close").then(([code]: unknown[]) => code);
    test.after(() => this.socket.terminate());
  }

  async binary(): Promise<Buffer> {
    const { data, isBinary } = await this.#next();
    assert.ok(isBinary, data.toString());
    return data;
  }

  /** A control frame of this type, with the members that the page's example has, and their values but for these. */
  async control(type: string, differing: Readonly<Record<string, unknown>>): Promise<void> {
    const { data, isBinary } = await this.#next();
    assert.ok(!isBinary);
    assert.deepEqual(JSON.parse(data.toString()), { ...frames.get(type), ...differing });
  }

  async #next(): Promise<{ readonly data: Buffer; readonly isBinary: boolean }> {
    while (this.#messages.length === 0) await new Promise<void>(resolve => (this.#arrived = resolve));
    const next = this.#messages.shift();
    assert.ok(next);
    return next;
  }
}

function vector(name: string): Buffer {
  const [, digits = ""] =
    new RegExp(`^${name} +([0-9a-f]+)$`, "m").exec(page.section("Test vectors").block("vectors")) ?? [];
  return Buffer.from(digits, "hex");
}

/** Opens a payload as the page's section on sealed payloads says. */
async function open(frame: Buffer, channel: string): Promise<Buffer> {
  const payload = frame.subarray(18);
  const keyId = createHash("sha256").update(vector("pk_recipient")).digest().subarray(0, 8);
  assert.deepEqual(payload.subarray(0, 8), keyId);
  const suite = new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM);
  const { privateKey } = await suite.DeriveKeyPair(vector("ikm_recipient"), true);
  const info = Buffer.from(`zcn.relay.v1 content key\0${channel}`);
  const contentKey = await suite.Open(privateKey, payload.subarray(8, 40), payload.subarray(40, 88), { info });
  const decipher = createDecipheriv("aes-256-gcm", contentKey, payload.subarray(88, 100));
  const associated = [
    frame.subarray(1, 2),
    frame.subarray(10, 18),
    payload.subarray(0, 88),
    Buffer.from(channel, "ascii"),
  ];
  decipher.setAAD(Buffer.concat(associated));
  decipher.setAuthTag(payload.subarray(-16));
  return Buffer.concat([decipher.update(payload.subarray(100, -16)), decipher.final()]);
}

/** Code and status of an answer of the relay's own. */
async function refusal(answer: Response): Promise<readonly [number, string]> {
  const schema = v.object({ error: v.strictObject({ code: v.string(), message: v.string() }) });
  return [answer.status, v.parse(schema, await answer.json()).error.code];
}

describe("docs/relay-protocol.md, followed by a client that knows nothing else", () => {
  it("makes a channel, and is answered with the members and the key id that the page shows", async test => {
    const relay = await startTestRelay(test);
    const created = await makeChannel(relay.url);
    const shown = v.parse(createdSchema, exampleOf(1));
    assert.deepEqual(membersOf(created), membersOf(exampleOf(1)));
    assert.equal(created.keyId, shown.keyId);
    assert.equal(created.ingestUrl, `${relay.url}/in/${created.channel}`);
    assert.equal(Buffer.from(created.readKey, "base64url").length, 32);
  });

  it("posts the worked example, reads it by the stream, opens it with the key of the vectors, and acknowledges", async test => {
    const relay = await startTestRelay(test);
    const created = await makeChannel(relay.url);
    const before = Date.now();
    assert.equal(await postExample(relay.url, created), '{"ok":true}');
    const stream = new Stream(test, relay.url, created);
    await stream.control("hello", { channel: created.channel, oldest: 1, newest: 1 });
    const frame = await stream.binary();
    assert.deepEqual([frame[0], frame[1], frame.readBigUInt64BE(2)], [1, 1, 1n]);
    const receivedAt = Number(frame.readBigUInt64BE(10));
    assert.ok(receivedAt >= before && receivedAt <= Date.now());
    const request = await open(frame, created.channel);
    const length = request.readUInt32BE(0);
    assert.deepEqual(JSON.parse(request.subarray(4, 4 + length).toString()), {
      method: "POST",
      path: "/leads",
      query: "a=1&a=2",
      headers: [
        ["Host", "r.example.com"],
        ["X-A", "1"],
        ["x-a", "2"],
        ["Content-Length", "8"],
        ["Connection", "close"],
      ],
    });
    assert.equal(request.subarray(4 + length).toString(), '{"ok":1}');
    await stream.control("live", { newest: 1 });
    stream.socket.send(JSON.stringify({ ...frames.get("ack"), sequence: 1 }));
    await postExample(relay.url, created);
    assert.equal((await stream.binary()).readBigUInt64BE(2), 2n);
  });

  it("resumes after what it has, and is told of a log that is older than that", async test => {
    const relay = await startTestRelay(test);
    const created = await makeChannel(relay.url);
    for (let event = 0; event < 3; event++) await postExample(relay.url, created);
    const resumed = new Stream(test, relay.url, created, 2);
    await resumed.control("hello", { channel: created.channel, oldest: 1, newest: 3 });
    assert.equal((await resumed.binary()).readBigUInt64BE(2), 3n);
    const ahead = new Stream(test, relay.url, created, 40);
    await ahead.control("hello", { channel: created.channel, oldest: 1, newest: 3 });
    await ahead.control("gap", { from: 4, to: 40, reason: "reset" });
    // Only then: what comes in before may be sent before it.
    await ahead.control("live", { newest: 40 });
    await postExample(relay.url, created);
    assert.equal((await ahead.binary()).readBigUInt64BE(2), 41n);
  });

  it("replaces the key, deletes the channel, and sees the stream end as the page says", async test => {
    const relay = await startTestRelay(test);
    const created = await makeChannel(relay.url);
    const address = `${relay.url}/v1/channels/${created.channel}`;
    const headers = { authorization: `Bearer ${created.readKey}` };
    const seen: unknown = await (await fetch(address, { headers })).json();
    assert.deepEqual(membersOf(seen), ["channel", "createdAt", "keyId", "newest", "oldest"]);
    const body = JSON.stringify({ publicKey: vector("pk_recipient").toString("base64url") });
    const put = await fetch(`${address}/key`, { method: "PUT", headers, body });
    const keyId = createHash("sha256").update(vector("pk_recipient")).digest("hex").slice(0, 16);
    assert.deepEqual([put.status, await put.json()], [200, { keyId }]);
    const stream = new Stream(test, relay.url, created);
    await stream.control("hello", { channel: created.channel, oldest: 1, newest: 0 });
    await stream.control("live", { newest: 0 });
    await postExample(relay.url, created);
    const remove = async (query: string): Promise<Response> => fetch(address + query, { method: "DELETE", headers });
    assert.deepEqual(await refusal(await remove("?after=0")), [409, "NEWER_EVENTS"]);
    assert.deepEqual(await refusal(await remove("?after=all")), [400, "MALFORMED_RESUME"]);
    await stream.binary();
    assert.equal((await remove("?after=1")).status, 204);
    await stream.control("goodbye", { reason: "channel-deleted", retryAfter: 0 });
    assert.equal(await stream.closed, 4404);
  });

  it("chooses the answer that the page shows, and senders get it with the headers that the page promises", async test => {
    const relay = await startTestRelay(test);
    const created = await makeChannel(relay.url);
    const shown = answering.block("json");
    const put = await answerOf(relay.url, created, shown);
    assert.deepEqual([put.status, await put.json()], [200, JSON.parse(shown)]);
    assert.deepEqual(await (await answerOf(relay.url, created)).json(), JSON.parse(shown));
    const { status, headers, body } = v.parse(answerSchema, JSON.parse(shown)).answer;
    const sent = await fetch(created.ingestUrl, { method: "POST", body: "{}" });
    assert.deepEqual([sent.status, await sent.text()], [status, body]);
    const [, text = ""] = answering.text.replaceAll(/\s+/g, " ").split("Every chosen answer,");
    const promised = [...text.matchAll(/`([A-Z][\w-]+): ([^`]+)`/g)].map(([, name = "", value = ""]) => [name, value]);
    assert.equal(promised.length, 4);
    for (const [name = "", value] of [...headers, ...promised]) assert.equal(sent.headers.get(name), value, name);
    assert.deepEqual(await (await answerOf(relay.url, created, '{"answer":null}')).json(), { answer: null });
    assert.equal(await postExample(relay.url, created), '{"ok":true}');
    const refused = await answerOf(relay.url, created, '{"answer":{"status":101}}');
    assert.deepEqual(await refusal(refused), [400, "MALFORMED_ANSWER"]);
  });

  it("gets challenges back that are where the page says that services put them", async test => {
    const relay = await startTestRelay(test);
    const created = await makeChannel(relay.url);
    const services = answering.rows().filter(([, cell]) => cell?.includes('{"from"'));
    assert.equal(services.length, 4);
    for (const [service, cell] of services) {
      const challenge = v.parse(challengeSchema, JSON.parse(codeIn(cell)[0] ?? ""));
      await answerOf(relay.url, created, JSON.stringify({ answer: { status: 204, challenge } }));
      const verified = await postChallenge(created, challenge);
      assert.deepEqual([verified.status, await verified.text()], [200, "a:b"], service);
      assert.equal(verified.headers.get("content-type"), "text/plain; charset=utf-8");
      assert.equal((await fetch(created.ingestUrl, { method: "POST", body: "{}" })).status, 204);
    }
  });

  it("meets the refusals of the page, in the form that it shows", async test => {
    const relay = await startTestRelay(test);
    const created = await makeChannel(relay.url);
    const shown = page.section("HTTP").blocks("json")[0] ?? "";
    const unknown = await fetch(`${relay.url}/in/nosuchchannel-nosuch`, { method: "POST" });
    assert.deepEqual([unknown.status, await unknown.json()], [404, JSON.parse(shown)]);
    const address = `${relay.url}/v1/channels/${created.channel}`;
    const bearer = (key: string): RequestInit => ({ headers: { authorization: `Bearer ${key}` } });
    assert.deepEqual(await refusal(await fetch(address, bearer("wrong"))), [401, "WRONG_KEY"]);
    assert.deepEqual(await refusal(await fetch(`${address}x`, bearer(created.readKey))), [404, "UNKNOWN_CHANNEL"]);
    const put = { ...bearer(created.readKey), method: "PUT" };
    assert.deepEqual(await refusal(await fetch(address, put)), [405, "METHOD_NOT_ALLOWED"]);
    assert.deepEqual(await refusal(await fetch(`${address}/key`, { ...put, body: "{}" })), [
      400,
      "MALFORMED_PUBLIC_KEY",
    ]);
    assert.deepEqual(await refusal(await fetch(`${address}/stream`, bearer(created.readKey))), [
      426,
      "UPGRADE_REQUIRED",
    ]);
  });

  it("is refused a stream with the status and the code of the table", async test => {
    const relay = await startTestRelay(test);
    const created = await makeChannel(relay.url);
    const table = page.section("Stream").rows();
    const codesOf = (status: string): readonly string[] => codeIn(table.find(([cell]) => cell === status)?.[1]);
    const upgrade = async (path: string, key: string, protocol: string): Promise<readonly [string, string]> => {
      const socket = new WebSocket(`${relay.url.replace("http", "ws")}/v1/channels/${path}`, protocol, {
        headers: { authorization: `Bearer ${key}` },
      });
      socket.on("error", () => undefined);
      const [, response] = (await once(socket, "unexpected-response")) as [
        unknown,
        AsyncIterable<Buffer> & { readonly statusCode: number },
      ];
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      const schema = v.object({ error: v.object({ code: v.string() }) });
      return [String(response.statusCode), v.parse(schema, JSON.parse(Buffer.concat(chunks).toString())).error.code];
    };
    const stream = `${created.channel}/stream`;
    const met = [
      await upgrade(stream, "wrong", "zcn.relay.v1"),
      await upgrade(`${created.channel}x/stream`, created.readKey, "zcn.relay.v1"),
      await upgrade(stream, created.readKey, "zcn.relay.v9"),
      await upgrade(`${stream}?after=-1`, created.readKey, "zcn.relay.v1"),
    ];
    assert.deepEqual(
      met.map(([, code]) => code),
      ["WRONG_KEY", "UNKNOWN_CHANNEL", "WRONG_PROTOCOL", "MALFORMED_RESUME"],
    );
    for (const [status, code] of met) assert.ok(codesOf(status).includes(code), `${status} ${code}`);
  });
});
