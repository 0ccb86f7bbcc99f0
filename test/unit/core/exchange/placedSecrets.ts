import * as zlib from "node:zlib";
import fc from "fast-check";
import { utf8Encode } from "../../../../src/base/bytes.ts";
import type { CapturedRequest, Header } from "../../../../src/protocol/capturedRequest.ts";

/** A secret in a request, under a name that says so. */
export interface PlacedSecret {
  readonly secret: string;
  readonly request: Partial<CapturedRequest>;
  /** What of it is text, as a handler or an error may repeat it. */
  readonly text: string;
  readonly contentType: string;
  /** How it was made. */
  readonly how: string;
}

const names = [
  ...["password", "token", "access_token", "apiKey", "X-Api-Key", "client_secret", "Portal_Password", "PASSWORD"],
  ...["sessionid", "Authorization", "authtoken", "db_pwd", "otp2", "refreshToken", "JSESSIONID", "csrf-token"],
] as const;

/** A text that has a secret in it. */
interface Form {
  readonly type: string;
  readonly write: (name: string, secret: string, more: string) => string;
}

const json = "application/json";
const xml = "application/xml";
const plain = "text/plain";

const entity = (text: string): string =>
  text.replace(/[&<>"]/g, each => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[each] ?? "&quot;");
const multipart = (head: string, secret: string, more: string): string =>
  `--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n${more}\r\n--b\r\n${head}\r\n\r\n${secret}\r\n--b--\r\n`;
const multipartType = "multipart/form-data; boundary=b";
const manyHeads = Array.from({ length: 12 }, (_, at) => `X-${at}: a`).join("\r\n");

/** Those that write any character of a value so that it is read again. */
const exactForms: Readonly<Record<string, Form>> = {
  member: { type: json, write: (name, secret, more) => JSON.stringify({ a: more, [name]: secret, b: more }) },
  indented: { type: json, write: (name, secret, more) => JSON.stringify({ a: { [name]: secret }, b: more }, null, 2) },
  leaves: { type: json, write: (name, secret, more) => JSON.stringify({ [name]: [more, { of: [secret] }] }) },
  nested: {
    type: json,
    write: (name, secret, more) => JSON.stringify({ a: more, b: JSON.stringify({ [name]: secret }) }),
  },
  twice: {
    type: json,
    write: (name, secret, more) => JSON.stringify(JSON.stringify({ a: more, b: JSON.stringify([{ [name]: secret }]) })),
  },
  labelled: {
    type: json,
    write: (name, secret, more) => JSON.stringify([{ key: name, type: "text", a: more, value: secret }]),
  },
  labelledAfter: { type: json, write: (name, secret, more) => JSON.stringify([{ value: secret, b: more, name }]) },
  couples: {
    type: json,
    write: (name, secret, more) =>
      JSON.stringify({
        h: [
          ["a", more],
          [name, secret],
        ],
      }),
  },
  headersInTurn: {
    type: json,
    write: (name, secret, more) => JSON.stringify({ rawHeaders: ["A", more, name, secret] }),
  },
  brokenMember: { type: plain, write: (name, secret, more) => `got ${JSON.stringify({ a: more, [name]: secret })},` },
  cutMember: { type: json, write: (name, secret) => JSON.stringify({ [name]: secret }).slice(0, -2) },
  element: { type: xml, write: (name, secret) => `<a><b>c</b><${name}>${entity(secret)}</${name}></a>` },
  elements: {
    type: xml,
    write: (name, secret) => `<${name}>\n <v a="${entity(secret)}">${entity(secret)}</v></${name}>`,
  },
  attribute: { type: xml, write: (name, secret) => `<a><b ${name}="${entity(secret)}" c="d"/></a>` },
  data: { type: xml, write: (name, secret) => `<${name}><![CDATA[${secret.replaceAll("]]>", "")}]]></${name}>` },
  comment: { type: xml, write: (name, secret) => `<${name}><!-- > ${secret.replaceAll("-", "")} --></${name}>` },
  instruction: { type: xml, write: (name, secret) => `<${name}><?x ${secret.replaceAll("?", "")}?></${name}>` },
  unclosed: { type: xml, write: (name, secret) => `<a><${name}>b<br>${entity(secret)}</a>` },
  cutElement: { type: xml, write: (name, secret) => `<a><${name}><b>${entity(secret)}` },
  cutHeaders: {
    type: json,
    write: (name, secret, more) =>
      JSON.stringify({ a: [[[[{ rawHeaders: ["A", more, name, secret], b: more }]]]] }).slice(0, -9),
  },
  cutLabelled: {
    type: json,
    write: (name, secret, more) =>
      JSON.stringify([[[[[{ name, a: {}, b: more, value: secret, c: more }]]]]]).slice(0, -9),
  },
  namedElement: { type: xml, write: (name, secret) => `<field name="${name}">${entity(secret)}</field><b>c</b>` },
  valueElement: {
    type: xml,
    write: (name, secret) => `<f><name>${name}</name><t/><value>${entity(secret)}</value></f>`,
  },
  valueAttribute: { type: xml, write: (name, secret) => `<add key="${name}" value="${entity(secret)}"/>` },
  form: {
    type: "application/x-www-form-urlencoded",
    write: (name, secret, more) => new URLSearchParams({ a: more, [name]: secret, b: more }).toString(),
  },
  jsonInForm: {
    type: "application/x-www-form-urlencoded",
    write: (name, secret, more) => new URLSearchParams({ a: more, b: JSON.stringify({ [name]: secret }) }).toString(),
  },
  address: {
    type: plain,
    write: (name, secret) =>
      `see https://example.com/?a=b&${name}=${encodeURIComponent(secret).replaceAll("'", "%27")}#c`,
  },
  basic: { type: plain, write: (_name, secret) => `with Basic ${Buffer.from(`user:${secret}`).toString("base64")} it` },
};

/** Those in which the value ends with its line, or with a blank. */
const lineForms: Readonly<Record<string, Form>> = {
  part: {
    type: multipartType,
    write: (name, secret, more) => multipart(`Content-Disposition: form-data; name="${name}"`, `${secret}\r\n--`, more),
  },
  foldedPart: {
    type: multipartType,
    write: (name, secret, more) => multipart(`Content-Disposition: form-data;\r\n name = ${name}`, secret, more),
  },
  lateHead: {
    type: multipartType,
    write: (name, secret, more) =>
      multipart(`${manyHeads}\r\ncontent-disposition : form-data; Name="${name}"`, secret, more),
  },
  untypedPart: {
    type: plain,
    write: (name, secret, more) => multipart(`Content-Disposition: form-data; name="${name}"`, secret, more),
  },
  header: { type: plain, write: (name, secret) => `GET / HTTP/1.1\r\n${name}: ${secret}\r\nAccept: */*\r\n\r\n` },
  yaml: { type: plain, write: (name, secret) => `a: b\nc:\n  - ${name}: ${secret}\n    d: e\n` },
  yamlBlock: { type: plain, write: (name, secret) => `${name}: |-\n  ${secret}\n  ${secret}\nd: e\n` },
  settings: { type: plain, write: (name, secret) => `[a]\n${name} = ${secret}\nb = c\n` },
  environment: { type: plain, write: (name, secret) => `A=b\nexport ${name}=${secret.replaceAll(/["'=<>\\]/g, "")}\n` },
  code: { type: plain, write: (name, secret) => `const x = {a: 1, "${name}": '${secret.replaceAll(/['\\]/g, "")}'};` },
  looseCode: {
    type: plain,
    write: (name, secret) => `f({a: 1, ${name.replaceAll("-", "")}: "${secret.replaceAll(/["\\]/g, "")}"})`,
  },
  arrow: { type: plain, write: (name, secret) => `['${name}' => '${secret.replaceAll(/['\\]/g, "")}', 'a' => 1]` },
  word: { type: plain, write: (name, secret) => `level=info ${name}=${secret.replaceAll(/[\s&;"'<>\\]/g, "")} msg=a` },
};

/** Ways to write all of a text that are undone before it is read. */
const spellings: Readonly<Record<string, (text: string) => string>> = {
  asIs: text => text,
  asIsAgain: text => text,
  percent: text => `x=${[...Buffer.from(text)].map(byte => `%${byte.toString(16).padStart(2, "0")}`).join("")}`,
  unicode: text =>
    `{"x":"${Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`).join("")}"}`,
  base64: text => JSON.stringify({ x: Buffer.from(text).toString("base64") }),
  packed: text => JSON.stringify({ x: zlib.gzipSync(text).toString("base64") }),
  packedByZlib: text => JSON.stringify({ x: zlib.deflateSync(text).toString("base64") }),
  entities: text => `<p>${Array.from(text, each => `&#${each.codePointAt(0) ?? 0};`).join("")}</p>`,
};

type Coding = (text: string) => { readonly body: Uint8Array; readonly headers: readonly Header[] };
const named =
  (name: string, pack: (text: string) => Uint8Array): Coding =>
  text => ({
    body: pack(text),
    headers: [["Content-Encoding", name]],
  });
const unnamed =
  (pack: (text: string) => Uint8Array): Coding =>
  text => ({ body: pack(text), headers: [] });

/** How a body is sent. */
const codings: Readonly<Record<string, Coding>> = {
  plain: unnamed(utf8Encode),
  plainAgain: unnamed(utf8Encode),
  mark: unnamed(text => utf8Encode(`\uFEFF${text}`)),
  wide: unnamed(text => Buffer.from(`\uFEFF${text}`, "utf16le")),
  wideBigEndian: unnamed(text => Buffer.from(`\uFEFF${text}`, "utf16le").swap16()),
  gzip: named("gzip", zlib.gzipSync),
  deflate: named("deflate", zlib.deflateSync),
  br: named("br", zlib.brotliCompressSync),
  zstd: named("zstd", zlib.zstdCompressSync),
  two: named("br, gzip", text => zlib.gzipSync(zlib.brotliCompressSync(text))),
  unnamedGzip: unnamed(zlib.gzipSync),
  unnamedDeflate: unnamed(zlib.deflateSync),
  unnamedRaw: unnamed(zlib.deflateRawSync),
  unnamedBr: unnamed(zlib.brotliCompressSync),
  unnamedZstd: unnamed(zlib.zstdCompressSync),
  unnamedTwice: unnamed(text => zlib.gzipSync(zlib.deflateSync(text))),
  binary: unnamed(text => Buffer.concat([Buffer.from([0xff, 0, 1]), Buffer.from(text)])),
};

/** Parts of a request other than its body. */
const heads: Readonly<Record<string, (name: string, secret: string) => Partial<CapturedRequest>>> = {
  header: (name, secret) => ({ headers: [[name, secret]] }),
  cookie: (name, secret) => ({ headers: [["Cookie", `a=b; ${name}=${secret}`]] }),
  basicAuth: (_name, secret) => ({
    headers: [["X-Forwarded", `Basic ${Buffer.from(`a:${secret}`).toString("base64")}`]],
  }),
  query: (name, secret) => ({ query: `a=b&${name}=${encodeURIComponent(secret)}&c=d` }),
  innerQuery: (name, secret) => ({
    query: `next=${encodeURIComponent(`/x?${name}=${encodeURIComponent(secret)}&c=d`)}`,
  }),
  path: (name, secret) => ({ path: `/x/${name}=${encodeURIComponent(secret)}/y` }),
};

const more = fc.constantFrom("Bo", "it's", "a: b, c", 'say "hi"', "50 % of it", "naïve — 中", "x'y': z", "<b>bold</b>");
const anyValue = fc.string({ unit: "grapheme-ascii", minLength: 8, maxLength: 30 }).map(text => `Zq7${text.trim()}7qZ`);
const lineValue = fc.stringMatching(/^[\w.~!@%^*+/=?$#-]{8,30}$/).map(text => `Zq7${text}7qZ`);
const token = fc.stringMatching(/^[\w.~!-]{8,30}$/).map(text => `Zq7${text}7qZ`);

const inBody = (forms: Readonly<Record<string, Form>>, value: fc.Arbitrary<string>): fc.Arbitrary<PlacedSecret> =>
  fc
    .tuple(
      fc.constantFrom(...Object.keys(forms)),
      fc.constantFrom(...Object.keys(spellings)),
      fc.constantFrom(...Object.keys(codings)),
      fc.constantFrom(...names),
      value,
      more,
    )
    .map(([form, spelling, coding, name, secret, other]) => {
      const { type, write } = forms[form] ?? { type: plain, write: () => "" };
      const text = spellings[spelling]?.(write(name, secret, other)) ?? "";
      const { body, headers } = codings[coding]?.(text) ?? { body: new Uint8Array(), headers: [] };
      const contentType = spelling.startsWith("asIs") ? type : plain;
      return {
        ...{ secret, text, contentType, how: `${form} ${spelling} ${coding}` },
        request: { body, headers: [...headers, ["Content-Type", contentType]] },
      };
    });

/** Secrets in every form, spelling and coding, and in every part of a request. */
export const placedSecret: fc.Arbitrary<PlacedSecret> = fc.oneof(
  { weight: 4, arbitrary: inBody(exactForms, anyValue) },
  { weight: 3, arbitrary: inBody(lineForms, lineValue) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...Object.keys(heads)), fc.constantFrom(...names), token)
      .map(([place, name, secret]) => ({
        ...{ secret, text: "", contentType: plain, how: place },
        request: heads[place]?.(name, secret) ?? {},
      })),
  },
);

/** Parts of a secret, each of which tells something of it. */
export function piecesOf(secret: string): readonly string[] {
  const windows = Array.from({ length: Math.floor((secret.length - 4) / 4) }, (_, at) =>
    secret.slice(at * 4, at * 4 + 8),
  );
  return [...windows, secret.slice(-8)].filter(piece => piece.length === 8);
}
