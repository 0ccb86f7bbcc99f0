import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { utf8Encode } from "../../../../src/base/bytes.ts";
import { decodeBody } from "../../../../src/core/events/decodedBody.ts";
import { readMultipart, readUrlencoded } from "../../../../src/core/events/formFields.ts";
import { readWebhook, webhookSummary } from "../../../../src/core/events/webhook.ts";
import { explainWebhook } from "../../../../src/core/inspector/explanation.ts";
import type { CapturedRequest } from "../../../../src/protocol/capturedRequest.ts";
import type { Webhook } from "../../../../src/protocol/event.ts";

function webhookOf(body: string | Uint8Array, contentType = "", request: Partial<CapturedRequest> = {}): Webhook {
  const headers = contentType === "" ? [] : ([["Content-Type", contentType]] as const);
  const bytes = typeof body === "string" ? utf8Encode(body) : body;
  const captured = { method: "POST", path: "", query: "", headers, body: bytes, ...request };
  return readWebhook(captured, decodeBody(captured));
}

const boundary = "----ZohoCRM";
const formType = `multipart/form-data; boundary=${boundary}`;

function multipart(...parts: readonly string[]): string {
  return `${parts.map(part => `--${boundary}\r\n${part}\r\n`).join("")}--${boundary}--\r\n`;
}

describe("form fields", () => {
  it("are decoded in their order, with repetition, and odd ones as they are", () => {
    const fields = readUrlencoded("a=1&b=x+y%21&a=2&c&=5&bad=%E0%A4%A&&__proto__=z");
    assert.deepEqual(
      fields.map(({ name, value }) => [name, value]),
      [
        ["a", "1"],
        ["b", "x y!"],
        ["a", "2"],
        ["c", ""],
        ["", "5"],
        ["bad", "à¤%A"],
        ["__proto__", "z"],
      ],
    );
  });

  it("of a multipart body keep line breaks, names with quotes, and files", () => {
    const body = multipart(
      'Content-Disposition: form-data; name="Deal Name"\r\n\r\nHarbour\r\nView',
      'Content-Disposition: form-data; name="say %22hi%22"\r\n\r\nyes',
      'Content-Disposition: form-data; name="doc"; filename="plan.pdf"\r\nContent-Type: application/pdf\r\n\r\nabc',
      "Content-Disposition: form-data\r\n\r\nnameless",
      "no head",
    );
    assert.deepEqual(
      readMultipart(utf8Encode(body), formType)?.fields.map(({ name, value, fileName }) => [name, value, fileName]),
      [
        ["Deal Name", "Harbour\r\nView", undefined],
        ['say "hi"', "yes", undefined],
        ["doc", "abc", "plan.pdf"],
      ],
    );
  });

  it("of bytes that are no text tell how many there are", () => {
    const head = utf8Encode(`--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n`);
    const body = Buffer.concat([head, Uint8Array.of(0xff, 0xfe, 0x00), utf8Encode(`\r\n--${boundary}--`)]);
    const bytes = Uint8Array.of(0xff, 0xfe, 0x00);
    const place = { start: head.byteLength, end: head.byteLength + 3 };
    const fields = [{ name: "f", value: undefined, size: 3, bytes, place, fileName: "x" }];
    assert.deepEqual(readMultipart(body, formType), { fields, isFaulty: false });
  });

  it("are none where the body does not have the boundary that is named, or none is", () => {
    assert.equal(readMultipart(utf8Encode("hello"), formType), undefined);
    assert.equal(readMultipart(utf8Encode("hello"), "multipart/form-data"), undefined);
  });
});

describe("a request that is no notification", () => {
  it("shows the parameters of its address and of its form", () => {
    const webhook = webhookOf("Stage=Won", "application/x-www-form-urlencoded;charset=UTF-8", { query: "key=1" });
    assert.equal(webhook.form, "urlencoded");
    assert.deepEqual(webhook.parameters, [
      { place: "query", name: "key", value: "1" },
      { place: "form", name: "Stage", value: "Won" },
    ]);
    assert.equal(webhookSummary(webhook), "2 parameters");
  });

  it("is told by what its body is, whatever its content type says not", () => {
    assert.equal(webhookOf("").form, "none");
    assert.equal(webhookOf('{"a":1}').form, "json");
    assert.equal(webhookOf("<?xml version='1.0'?><a/>").form, "xml");
    assert.equal(webhookOf("<html><body>").form, "html");
    assert.equal(webhookOf("hello", "text/plain").form, "text");
    assert.equal(webhookOf("<a/>", "application/xml;charset=UTF-8").form, "xml");
    assert.equal(webhookOf(Uint8Array.of(0xff, 0x00)).form, "binary");
    assert.equal(webhookOf(multipart('Content-Disposition: form-data; name="a"\r\n\r\n1'), formType).form, "multipart");
    assert.equal(webhookOf("not multipart", formType).form, "text");
  });

  it("says module and record only where it states them", () => {
    const stated = webhookOf("module=Deals&Deal_Id=6756839000000575999", "application/x-www-form-urlencoded");
    assert.deepEqual([stated.module, stated.recordId], ["Deals", "6756839000000575999"]);
    assert.equal(webhookSummary(stated), "Deals 6756839000000575999 · 2 parameters");
    const json = webhookOf('{"module_name":"Leads","id":6756839000000575999,"nested":{"id":"1"}}', "application/json");
    assert.deepEqual([json.module, json.recordId], ["Leads", "6756839000000575999"]);
    const silent = webhookOf("Stage=Deals&id=7&module=%24%7Bmodule%7D", "application/x-www-form-urlencoded");
    assert.deepEqual([silent.module, silent.recordId], [undefined, undefined]);
  });

  it("says a module by whatever name people have given it", () => {
    const moduleIn = (name: string): string | undefined =>
      webhookOf(`module=${encodeURIComponent(name)}`, "application/x-www-form-urlencoded").module;
    const names = [
      "Service Requests",
      "案件",
      "سجلات العملاء",
      "सेवा अनुरोध",
      "Événements (France)",
      "R&D",
      "Kund*innen",
    ];
    for (const name of names.slice(0, -1)) {
      assert.equal(moduleIn(name), name);
      assert.equal(webhookOf(JSON.stringify({ Module: name }), "application/json").module, name);
    }
    for (const none of [
      "",
      " ",
      "two\nlines",
      "<b>Deals</b>",
      "{{module}}",
      " Deals",
      "x".repeat(101),
      ...names.slice(-1),
    ]) {
      assert.equal(moduleIn(none), undefined, none);
    }
  });

  it("is taken for a workflow webhook where nothing speaks against it", () => {
    const plausible = (method: string, ...headers: [string, string][]): boolean =>
      webhookOf("", "", { method, headers }).plausible;
    assert.equal(plausible("POST"), true);
    assert.equal(plausible("GET", ["User-Agent", "Jakarta Commons"]), true);
    assert.equal(plausible("OPTIONS"), false);
    assert.equal(plausible("POST", ["user-agent", "curl/8.0"]), false);
    assert.equal(plausible("GET", ["Sec-Fetch-Mode", "navigate"]), false);
    assert.match(explainWebhook(webhookOf("")), /workflow webhook/);
    assert.match(explainWebhook(webhookOf("", "", { method: "HEAD" })), /browser or a tool/);
  });

  it("shows a part of long values, and counts what is too many", () => {
    const pairs = Array.from({ length: 600 }, (_each, index) => `p${index}=${index === 0 ? "x".repeat(20_000) : ""}`);
    const webhook = webhookOf(pairs.join("&"), "application/x-www-form-urlencoded");
    assert.equal(webhook.parameters.length, 500);
    assert.equal(webhook.omitted, 100);
    assert.deepEqual([webhook.parameters[0]?.value.length, webhook.parameters[0]?.bytes], [10_000, 20_000]);
  });

  it("does not look into what is too large", () => {
    const webhook = webhookOf(`a=${"x".repeat(5_000_000)}`, "application/x-www-form-urlencoded");
    assert.deepEqual([webhook.parameters.length, webhook.form], [0, "text"]);
  });
});
