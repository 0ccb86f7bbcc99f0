import assert from "node:assert/strict";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, it } from "node:test";
import fc from "fast-check";
import { finished } from "../../../../src/base/steps.ts";
import { utf8Encode } from "../../../../src/base/bytes.ts";
import { Redaction, rendered } from "../../../../src/core/events/redaction.ts";
import { aRequest } from "../exchange/aRequest.ts";

const zohoToken = `1000.${"8cb99d".padEnd(32, "a")}.${"9b8".padEnd(32, "f")}`;
const nobody = new Redaction([]);

/** With `…` for tokens and `#` for other secrets. */
function shown(text: string, redaction = nobody): string {
  return rendered(redaction.text(text), "placeholder")
    .replaceAll("${ZOHO_CHANNEL_TOKEN}", "…")
    .replaceAll("(hidden)", "#");
}

/** Texts, and what stays of them. */
const texts: readonly (readonly [text: string, stays: string])[] = [
  ['{"token":"SECRET"}', '{"token":"…"}'],
  [String.raw`{"token" : "SECRET \" still \\", "a": "b"}`, '{"token" : "…", "a": "b"}'],
  ['{"token":"SECRET","b":{"token":"SECRET"}}', '{"token":"…","b":{"token":"…"}}'],
  ['{"token":-12.5e3,"a":1}', '{"token":…,"a":1}'],
  ['{"otp":123456,"a":1}', '{"otp":"#","a":1}'],
  ['{"token":null,"password":""}', '{"token":null,"password":""}'],
  [
    '{"Portal_Password":"x","Key_Account":"ACME","ids":[6756839000000575405]}',
    '{"Portal_Password":"#","Key_Account":"ACME","ids":[6756839000000575405]}',
  ],
  ['{"tokens":["a",{"of":"b"},7],"c":"d"}', '{"tokens":["#",{"of":"#"},"#"],"c":"d"}'],
  [String.raw`{"\u0074oken":"a\"b"}`, String.raw`{"\u0074oken":"…"}`],
  ["{'token': 'SECRET'}", "{'token': '…'}"],
  // Half an answer.
  ['{"a":[{"id":"1","token":"SECRET-TOK', '{"a":[{"id":"1","token":"…'],
  [String.raw`{"token":"SECRET\"`, '{"token":"…'],
  ['{"token":12', '{"token":…'],
  // What an error repeats, as text in JSON, once or twice over.
  [JSON.stringify({ got: '{"token":"SECRET","a":"b"}' }), String.raw`{"got":"{\"token\":\"…\",\"a\":\"b\"}"}`],
  [JSON.stringify({ got: '{"token": 12}' }), String.raw`{"got":"{\"token\": …}"}`],
  [
    JSON.stringify({ got: JSON.stringify({ got: '{"token":"SECRET"}' }) }),
    String.raw`{"got":"{\"got\":\"{\\\"token\\\":\\\"…\\\"}\"}"}`,
  ],
  [JSON.stringify({ got: '{\n "token":\n"SECRET"}' }), String.raw`{"got":"{\n \"token\":\n\"…\"}"}`],
  [
    String.raw`{"got":"{\u0022token\u0022:\u0022SECRET\u0022}"}`,
    String.raw`{"got":"{\u0022token\u0022:\u0022…\u0022}"}`,
  ],
  // In a page, in XML, in a form in parts.
  ["<pre>{&quot;token&quot;:&quot;SECRET&quot;}</pre>", "<pre>{&quot;token&quot;:&quot;…&quot;}</pre>"],
  ["<pre>{&#x22;token&#x22;:&#34;SECRET&#34;}", "<pre>{&#x22;token&#x22;:&#34;…&#34;}"],
  ['<input name="csrf" value="SECRET">', '<input name="csrf" value="#">'],
  ["<a><password>SECRET</password><b>c</b></a>", "<a><password>#</password><b>c</b></a>"],
  ["<api_key><![CDATA[SECRET]]></api_key>", "<api_key><![CDATA[#]]></api_key>"],
  [
    '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nSE\r\nCRET\r\n--b--\r\n',
    '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n#\r\n--b--\r\n',
  ],
  // In an address, in a header, in a log.
  ["?body=%7B%22token%22%3A+%22SECRET%22%7D&a=b", "?body=%7B%22token%22%3A+%22…%22%7D&a=b"],
  ["/x?next=%2Fy%3Fapi_key%3DSECRET%26a%3Db", "/x?next=%2Fy%3Fapi_key%3D#%26a%3Db"],
  ["api_key=SECRET;sig=SECRET;a=b", "api_key=#;sig=#;a=b"],
  ["https://user:SECRET@example.com/a", "https://user:#@example.com/a"],
  ["GET / HTTP/1.1\nCookie: SECRET=1\nAccept: */*", "GET / HTTP/1.1\nCookie: #\nAccept: */*"],
  ["Your authtoken: 2abCDefGh", "Your authtoken: #"],
  ["INVALID_TOKEN: invalid oauth token", "INVALID_TOKEN: invalid oauth token"],
  ['[{"name":"X-Api-Key","value":"SECRET"},["Cookie","SECRET"]]', '[{"name":"X-Api-Key","value":"#"},["Cookie","#"]]'],
  // Quotes that are none: what is JSON is read as JSON.
  [`{"title":"Bob's","password":"SECRET","t":"the dogs': x"}`, `{"title":"Bob's","password":"#","t":"the dogs': x"}`],
  [`{"a":"Bob's","got":"{\\"password\\":\\"SECRET\\"}"}`, `{"a":"Bob's","got":"{\\"password\\":\\"#\\"}"}`],
  [`{"title":"Bob's","password":"SECRET","t":"the dogs': x"`, `{"title":"Bob's","password":"#","t":"the dogs': x"`],
  [`{"a":"password: 'tis","b":"it's","c":"token=abc"}`, `{"a":"password: #","b":"it's","c":"token=…"}`],
  ['{"a":"Authorization: a b","b":"password = a b"}', '{"a":"Authorization: #","b":"password = #"}'],
  ['{"a\\u0027s password" : "SECRET"}', '{"a\\u0027s password" : "#"}'],
  // A name that is a value.
  [
    '{"fields":[{"key":"password","type":"text","value":"SECRET"},{"key":"Title","value":"Bo"}]}',
    '{"fields":[{"key":"password","type":"text","value":"#"},{"key":"Title","value":"Bo"}]}',
  ],
  ['{"value":{"text":"SECRET","n":1},"name":"api_key"}', '{"value":{"text":"#","n":"#"},"name":"api_key"}'],
  ['{"name":"token","value":12}', '{"name":"token","value":…}'],
  ['{"rawHeaders":["Cookie","SECRET","Host","a"]}', '{"rawHeaders":["Cookie","#","Host","a"]}'],
  ["{name: 'password', type: 'text', value: 'SECRET'}", "{name: 'password', type: 'text', value: '#'}"],
  ["{value: 'SECRET', name: 'password'}, {value: 'open'}", "{value: '#', name: 'password'}, {value: 'open'}"],
  ["('Cookie', 'SECRET'), ('Host', 'a')", "('Cookie', '#'), ('Host', 'a')"],
  ['a:1:{s:8:"password";s:6:"SECRET";}', 'a:1:{s:8:"password";s:6:"#";}'],
  // XML of any make.
  ["<a><password><v>SECRET</v><v>SE</v></password>b</a>", "<a><password><v>#</v><v>#</v></password>b</a>"],
  ["<password><![CDATA[SE]CR<E>T]]></password>", "<password><![CDATA[#]]></password>"],
  ["<password>SE]CRET</password>", "<password>#</password>"],
  ["<token><token>SE</token>CRET</token>a", "<token><token>…</token>…</token>a"],
  ['<login user="a" password="SECRET"/><b>c</b>', '<login user="a" password="#"/><b>c</b>'],
  ['<x:Password Type="a" v="SECRET">SECRET</x:Password>', '<x:Password Type="a" v="#">#</x:Password>'],
  [
    '<field name="password">SECRET</field><field name="a">b</field>',
    '<field name="password">#</field><field name="a">b</field>',
  ],
  ['<FL val="Password">SECRET</FL><FL val="Title">Bo</FL>', '<FL val="Password">#</FL><FL val="Title">Bo</FL>'],
  [
    '<add value="SECRET" key="ApiKey"/><add value="b" key="a"/>',
    '<add value="#" key="ApiKey"/><add value="b" key="a"/>',
  ],
  [
    "<m><name>password</name><type>a</type><value><s>SECRET</s></value></m><m><name>a</name><value>b</value></m>",
    "<m><name>password</name><type>a</type><value><s>#</s></value></m><m><name>a</name><value>b</value></m>",
  ],
  [
    "<key>password</key><string>SECRET</string><key>a</key><string>b</string>",
    "<key>password</key><string>#</string><key>a</key><string>b</string>",
  ],
  ["<password><!-- > SECRET --><b/></password>a", "<password><!--#--><b/></password>a"],
  ["<password><?x SECRET?></password>a", "<password><?#?></password>a"],
  ["<password><![CDATA[</password>SECRET]]></password>a", "<password><![CDATA[#]]></password>a"],
  ["<p><password>abc<br>SECRET</p>a", "<p><password>#<br>#</p>a"],
  ["<!-- <password>SECRET --><b>c</b>", "<!-- <password>#--><b>c</b>"],
  ["<a><password><v>SECRET", "<a><password><v>#"],
  // A name or a secret: as it reads, and by what stands beside it.
  ['{"key":"S3CRET","data":{"id":1}}', '{"key":"#","data":{"id":1}}'],
  ['{"key":"S3CRET","text":"hello"}', '{"key":"#","text":"hello"}'],
  ['{"key":"abcdef","text":"hello"}', '{"key":"#","text":"hello"}'],
  ['{"api":{"key":"S3CRET","default":true}}', '{"api":{"key":"#","default":true}}'],
  ['{"key":"S3CRET","value":5}', '{"key":"#","value":5}'],
  ['["Cookie","S3CRET"]', '["Cookie","#"]'],
  ['{"h":["Cookie","S3CRET"]}', '{"h":["Cookie","#"]}'],
  ['[["Cookie","S3CRET","HttpOnly"]]', '[["Cookie","#","HttpOnly"]]'],
  // JSON that is cut.
  [
    '{"a":{"b":{"c":{"d":{"rawHeaders":["Host","x","Cookie","SECRET"],"pad":"zz',
    '{"a":{"b":{"c":{"d":{"rawHeaders":["Host","x","Cookie","#"],"pad":"zz',
  ],
  ['{"a":[[[[[{"name":"password","o":{},"value":"SECRET', '{"a":[[[[[{"name":"password","o":{},"value":"#'],
  // In files of settings, in YAML, in code.
  ['password = "SECRET"', 'password = "#"'],
  ["[db]\npassword = my own SECRET ; a\nuser = bo", "[db]\npassword = #\nuser = bo"],
  ["export API_KEY=SECRET;SECRET\nUSER=bo", "export API_KEY=#\nUSER=bo"],
  ["level=info token=SECRET msg=hello", "level=info token=… msg=hello"],
  ["{password: 'SECRET', a: 1}", "{password: '#', a: 1}"],
  ["{user: bo, password: SECRET, a: b}", "{user: bo, password: #, a: b}"],
  ["'password' => 'SECRET', :secret => \"SECRET\"", "'password' => '#', :secret => \"#\""],
  ["db:\n  password: a SECRET\n  user: bo", "db:\n  password: #\n  user: bo"],
  ["password: |\n  SE\n  CRET\nuser: bo", "password: |\n  #\n  #\nuser: bo"],
  ["DB_PASSWORD: SECRET", "DB_PASSWORD: #"],
  ["spring.datasource.password=SECRET", "spring.datasource.password=#"],
  ["Authorization:Basic YTpi", "Authorization:#"],
  ["with Basic YTpi.", "with Basic #."],
  // A form in parts, as its reader takes it.
  [
    '--b\r\nContent-Disposition: form-data;\r\n name = "password"\r\n\r\nSE\r\n--CRET\r\n--b\r\nX: a\r\nContent-Disposition : form-data; name=a\r\n\r\nb\r\n--b--\r\n',
    '--b\r\nContent-Disposition: form-data;\r\n name = "password"\r\n\r\n#\r\n--b\r\nX: a\r\nContent-Disposition : form-data; name=a\r\n\r\nb\r\n--b--\r\n',
  ],
  [
    `--b\nContent-Disposition: form-data; name*=utf-8''p%61ssword\n\nSECRET\n--b--\n`,
    `--b\nContent-Disposition: form-data; name*=utf-8''p%61ssword\n\n#\n--b--\n`,
  ],
  // By its form.
  [`failed with Zoho-oauthtoken ${zohoToken}!`, "failed with Zoho-oauthtoken #"],
  [`see ${zohoToken}.`, "see #."],
  ["Bearer abcdefghijklmnopqrstuvwxyz", "Bearer #"],
  ["a Basic plan", "a Basic plan"],
];

/** What people and Zoho write every day: nothing of it is secret. */
const everyday: readonly string[] = [
  JSON.stringify({
    ...{ server_time: 1750102639787, query_params: {}, module: "Deals", operation: "update", channel_id: "42" },
    resource_uri: "https://www.zohoapis.com/crm/v2/Deals",
    ids: ["6756839000000575405"],
    affected_fields: [{ "6756839000000575405": ["Portal_Password", "Phone"] }],
    affected_values: [{ record_id: "1", values: { Token_Count: 12, Author: "Bo", Keywords: "key, token" } }],
  }),
  JSON.stringify({
    Secretary: "Ann O'Neil",
    Key_Account: true,
    Passport_Type: "D",
    Session_Title: "It's: a 'key' day",
  }),
  JSON.stringify({ tags: [{ key: "Environment", value: "prod" }], fields: ["API_Key", "Phone"], Signature_Date: "1" }),
  JSON.stringify({
    api_name: "Deal_Name",
    field_label: "Deal's name",
    value: "a=b; c: d",
    text: "Reset your password",
  }),
  "name=Bo&Token_Count=3&note=the+key%3A+none&Author=Ann",
  "Dear Bo,\nthe token: it is in the mail. Your password was changed.\nAuthor: Ann\nKeywords: a = b",
  '<p class="token-list">It&#39;s in the <b>key</b> account</p><Author>Ann</Author><tokenCount>3</tokenCount>',
  '<add key="Theme" value="dark"/><dict><key>Name</key><string>Bo</string></dict>',
  "id,Author,Token_Count\n1,Ann,3\n",
];

describe("what is no secret", () => {
  for (const text of everyday) it(`stays: ${text}`, () => assert.equal(shown(text), text));
});

describe("a large body", () => {
  it("is gone through in steps, and loses nothing that is open", () => {
    const records = Array.from({ length: 20_000 }, (_, id) => ({ id, name: `It's ${id}`, note: "a\nb" }));
    const body = JSON.stringify({ records, password: "SECRET" });
    const work = nobody.body(aRequest({ body: utf8Encode(body) }));
    let steps = 0;
    let step = work.next();
    for (; step.done !== true; step = work.next()) steps++;
    assert.ok(steps > 20, String(steps));
    assert.deepEqual(step.value, { kind: "text", parts: [body.replace("SECRET", "(hidden)")] });
  });
});

describe("what goes out without secrets", () => {
  for (const [text, stays] of texts) it(`is ${stays} of ${text}`, () => assert.equal(shown(text), stays));

  it("has the variable where the request's own token stood, wherever that was", () => {
    const request = aRequest({
      body: utf8Encode('{"ids":["1"],"operation":"edit","channel_id":"7","token":"of-channel"}'),
    });
    assert.equal(shown("the handler got of-channel", nobody.of(request)), "the handler got …");
  });

  it("has nothing of a value of a secret field, and of others what is open", () => {
    assert.equal(nobody.named("API_Key", '"S3CR3T"'), "(hidden)");
    assert.equal(nobody.named("Phone", '"+49"'), '"+49"');
    assert.equal(nobody.named("API_Key", "null"), "null");
  });

  it("holds a form to its ampersands: a value may have blanks and semicolons", () => {
    assert.equal(rendered(nobody.fields("a=1&p%61ssword=x; y%26z&b=2"), "mark"), "a=1&p%61ssword=(hidden)&b=2");
  });

  it("leaves what is too short to be told from other text, but not a value that a cut has shortened", () => {
    const redaction = new Redaction(["a", "s3cr3t-of-the-channel"]);
    assert.equal(shown("a s3cr3t-of-the-channel b", redaction), "a # b");
    assert.equal(shown("begins s3cr3t-of-the", redaction), "begins #");
  });

  it("leaves out whole what is no text and has a secret in it, or cannot be looked into", () => {
    const redaction = new Redaction(["s3cr3t-of-the-channel"]);
    const binary = Buffer.concat([Buffer.from([0xff, 0]), Buffer.from("s3cr3t-of-the-channel")]);
    const wide = Buffer.from("\u{fffe}s3cr3t-of-the-channel\ud800", "utf16le");
    const packed = aRequest({ headers: [["Content-Encoding", "gzip"]], body: gzipSync("s3cr3t-of-the-channel") });
    for (const request of [aRequest({ body: binary }), aRequest({ body: wide }), packed]) {
      const body = finished(redaction.body(request));
      assert.ok(body.kind !== "bytes" && !redaction.leaks(JSON.stringify(body)), JSON.stringify(body));
    }
    assert.equal(finished(redaction.body(aRequest({ body: Buffer.from([0xff, 0]) }))).kind, "bytes");
  });

  it("leaves out what is packed and has a secret in it, though nothing says how, and what nothing here can unpack", () => {
    const text = JSON.stringify({ password: "SECRET" });
    const packed = [brotliCompressSync(text), deflateSync(text), deflateRawSync(text), gzipSync(deflateSync(text))];
    const archives = [Buffer.from("PK\x03\x04\xff\x00", "latin1"), Buffer.from("%PDF-1.7\n\xff\x00", "latin1")];
    const headers = [["Content-Type", "multipart/form-data; boundary=b"]] as const;
    const head = Buffer.from('--b\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n');
    const requests = [...packed, ...archives].flatMap(body => [
      aRequest({ body, headers: [["Content-Type", "application/octet-stream"]] }),
      aRequest({ body: Buffer.concat([head, body, Buffer.from("\r\n--b--\r\n")]), headers }),
    ]);
    for (const request of requests) {
      const parts = [`(${request.body.byteLength} bytes left out)`];
      assert.deepEqual(finished(nobody.body(request)), { kind: "text", parts });
    }
    const open = brotliCompressSync("nothing of it is secret, whoever reads it".repeat(9));
    assert.equal(finished(nobody.body(aRequest({ body: open }))).kind, "bytes");
  });

  it("takes the time that the length of a text asks for, whatever is in it", () => {
    const parts = [
      '"',
      '\\"',
      '"a":"',
      "=&",
      '"token":"',
      '"token":[',
      "\\",
      "&quot;token",
      '"token":"\\',
      "a",
      "name=",
    ];
    const more = [
      "<a ",
      "a: ",
      "://",
      "%41",
      "eyJ",
      "Bearer ",
      "\n",
      " ",
      '["a",',
      "content-disposition: name=\n",
      "token: ",
    ];
    for (const part of [...parts, ...more]) {
      const begun = performance.now();
      new Redaction(["s3cr3t-of-the-channel"]).text(part.repeat(100_000 / part.length));
      assert.ok(performance.now() - begun < 3_000, part);
    }
  });
});

/** One of several ways to write each character, so that no two spellings need be alike. */
function spelledBy(
  write: (character: string, choice: number) => string,
): (text: string, choices: readonly number[]) => string {
  return (text, choices) =>
    Array.from(text, (character, at) => write(character, choices[at % choices.length] ?? 0)).join("");
}

const hex = (code: number, width: number): string => code.toString(16).padStart(width, "0");
const units = (character: string): string =>
  Array.from({ length: character.length }, (_, at) => `\\u${hex(character.charCodeAt(at), 4)}`).join("");
const bytesOf = (character: string, sign: string): string =>
  [...Buffer.from(character)].map(byte => sign + hex(byte, 2).toUpperCase()).join("");

const encodings = {
  json: spelledBy((character, choice) =>
    choice % 2 === 0 && !/["\\]/.test(character) ? (character === "/" ? "\\/" : character) : units(character),
  ),
  percent: spelledBy((character, choice) =>
    choice % 3 === 0 && /[\w.~-]/.test(character)
      ? character
      : choice % 3 === 1
        ? bytesOf(character, "%")
        : bytesOf(character, "%").toLowerCase(),
  ),
  form: spelledBy(character => (character === " " ? "+" : encodeURIComponent(character))),
  entities: spelledBy((character, choice) =>
    choice % 2 === 0 && !/[&<>"]/.test(character)
      ? character
      : `&#${choice % 3 === 0 ? "" : "x"}${(character.codePointAt(0) ?? 0).toString(choice % 3 === 0 ? 10 : 16)};`,
  ),
  quotedPrintable: spelledBy((character, choice) =>
    choice % 2 === 0 && character !== "=" ? character : bytesOf(character, "="),
  ),
  base64: (text: string, [choice = 0]: readonly number[]) =>
    Buffer.from("::".slice(choice % 3) + text).toString("base64"),
  base64url: (text: string, [choice = 0]: readonly number[]) =>
    Buffer.from("::".slice(choice % 3) + text).toString("base64url"),
} as const;

const secretValue = fc.stringMatching(/^[\w\-+/=.~!@#$:;,%& \u00e9\u4e2d]{8,40}$/).filter(text => text.trim() === text);
const layers = fc.array(fc.constantFrom(...Object.values(encodings)), { maxLength: 3 });
const choices = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 8 });

describe("a known value", () => {
  it("is found in every spelling, laid upon another, and in whatever it stands", () => {
    fc.assert(
      fc.property(secretValue, layers, choices, fc.string(), (secret, stack, chosen, around) => {
        const redaction = new Redaction([secret]);
        const spelled = stack.reduce((text, encode) => encode(text, chosen), secret);
        const text = `${around} "${spelled}" ${around}`;
        assert.ok(redaction.leaks(text), text);
        const out = redaction.marked(text);
        assert.ok(!redaction.leaks(out) && !out.includes(spelled), out);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("a text that somebody made to cost time", () => {
  it("may have more spellings than a call takes arguments", () => {
    const words = Array.from({ length: 130_000 }, (_, index) =>
      Buffer.from(`word ${index + 100_000}`).toString("base64"),
    );
    assert.deepEqual(shown(words.join(" ")), words.join(" "));
  });
});

it("a number that is a token is JSON again where a mark takes its place", () => {
  assert.equal(nobody.marked('{"token":12345678,"a":1}'), '{"token":"(hidden)","a":1}');
});
