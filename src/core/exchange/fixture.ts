import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import { utf8Encode } from "../../base/bytes.ts";
import { compactJson, indentJson } from "../../base/formatJson.ts";
import { parseJson } from "../../base/json.ts";
import { mostValues } from "../../base/jsonScanner.ts";
import { type JsonNode, JsonSource, type NotRead } from "../../base/jsonSource.ts";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import type { CapturedRequest, Header } from "../../protocol/capturedRequest.ts";
import { rendered } from "../events/redaction.ts";
import type { OutgoingRequest } from "./outgoingRequest.ts";

/** A text of this form; `message` ends the sentence that begins with its place. */
const textLike = (form: RegExp, message: () => string): v.GenericSchema<string> =>
  v.pipe(v.string(), v.regex(form, message));

const status = v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(599));
const statusRange = textLike(/^[1-5](?:xx|\d\d)$/, () =>
  l10n.t("is neither a status such as 204 nor a range such as 2xx"),
);
const headerName = textLike(/^[\w!#$%&'*+.^`|~-]+$/, () => l10n.t("is no name of a header"));
const headerText = textLike(/^[\t\u0020-\u007e\u0080-\u00ff]*$/, () =>
  l10n.t("has characters that no header can have"),
);
const headerPairs = v.array(v.strictTuple([headerName, headerText]));
const headerObject = v.record(headerName, v.union([headerText, v.array(headerText)]));
/** Chosen by its kind: to a record a list is an object too. */
const headers = v.lazy(input => (Array.isArray(input) ? headerPairs : headerObject));
const path = textLike(/^(?:\/[\u0021-\u007e]*)?$/, () =>
  l10n.t("has to be empty or begin with “/”, and be percent-encoded"),
);
const query = textLike(/^[\u0021-\u007e]*$/, () => l10n.t("has to be percent-encoded, without its “?”"));
const method = textLike(/^[A-Z][A-Z-]*$/, () => l10n.t("has to be a method in capitals, such as POST"));
const base64 = v.pipe(
  v.string(),
  v.base64(() => l10n.t("is no base64")),
);

/** The members of a fixture file; `media/schemas/zoho-event.schema.json` says the same to the editor. */
export const fixtureSchema = v.strictObject({
  $schema: v.optional(v.string()),
  description: v.optional(v.string()),
  request: v.strictObject({
    method: v.optional(method, "POST"),
    path: v.optional(path, ""),
    query: v.optional(query, ""),
    headers: v.optional(headers, {}),
    json: v.optional(v.unknown()),
    text: v.optional(v.string()),
    base64: v.optional(base64),
  }),
  expect: v.optional(
    v.strictObject({ status: v.union([status, statusRange, v.array(v.union([status, statusRange]))]) }),
  ),
});
type FixtureFile = v.InferOutput<typeof fixtureSchema>;

/** A request that is kept in a file, to be sent as often as somebody likes. */
export interface Fixture {
  readonly description: string | undefined;
  /** Where the token belongs it has `tokenPlaceholder` (zoho/channelToken.ts). */
  readonly request: CapturedRequest;
  /** Statuses that a handler should answer with; empty where the fixture does not say. */
  readonly expected: readonly (number | string)[];
}

/** Reads a fixture file. The error is a sentence that names the place. */
export function parseFixture(file: string): Result<Fixture, Problem> {
  const source = JsonSource.parse(file);
  if (!source.ok) return fail(unread(file, source.error));
  const json = parseJson(file);
  const parsed = v.safeParse(fixtureSchema, json.ok ? json.value : undefined);
  if (!parsed.success) return fail(invalid(sentenceOf(parsed.issues[0])));
  const bodies = (["json", "text", "base64"] as const).filter(name => Object.hasOwn(parsed.output.request, name));
  if (bodies.length > 1) return fail(invalid(l10n.t("Only one of {0} can be the body.", bodies.join(", "))));
  return succeed(fixtureOf(parsed.output, bodyOf(parsed.output, source.value)));
}

function fixtureOf({ description, request, expect }: FixtureFile, body: Uint8Array): Fixture {
  const { method, path, query, headers } = request;
  const expected = expect === undefined ? [] : [expect.status].flat();
  return { description, request: { method, path, query, headers: headerList(headers), body }, expected };
}

function headerList(headers: FixtureFile["request"]["headers"]): readonly Header[] {
  if (Array.isArray(headers)) return headers;
  return Object.entries(headers).flatMap(([name, value]) => [value].flat().map((each): Header => [name, each]));
}

/** JSON goes out as it stands in the file, less its white space: no number passes through a double. */
function bodyOf({ request }: FixtureFile, source: JsonSource): Uint8Array {
  if (request.text !== undefined) return utf8Encode(request.text);
  if (request.base64 !== undefined) return Buffer.from(request.base64, "base64");
  const node = source.member(source.member(source.root, "request"), "json");
  return node === undefined ? new Uint8Array() : utf8Encode(literalOf(source, node));
}

function literalOf(source: JsonSource, node: JsonNode): string {
  return compactJson(source.literal(node)) ?? source.literal(node);
}

/**
 * The file that gives this request: with the body as JSON to edit where sending that gives the same bytes, else as text
 * or as base64.
 */
export function formatFixture(request: OutgoingRequest, description: string): string {
  const query = rendered(request.query, "placeholder");
  const members = [
    ["method", JSON.stringify(request.method)],
    ...(request.path === "" ? [] : [["path", JSON.stringify(request.path)]]),
    ...(query === "" ? [] : [["query", JSON.stringify(query)]]),
    ...(request.headers.length === 0 ? [] : [["headers", headersJson(request.headers)]]),
    ...bodyMember(request.body),
  ];
  const lines = members.map(([name = "", json = ""]) => `    ${JSON.stringify(name)}: ${json}`);
  return `{\n  "description": ${JSON.stringify(description)},\n  "request": {\n${lines.join(",\n")}\n  },\n  "expect": {\n    "status": "2xx"\n  }\n}\n`;
}

/** As an object, which is easier on the eye, where that keeps order and repetition. */
function headersJson(headers: readonly Header[]): string {
  const names = headers.map(([name]) => name);
  const isPlain =
    new Set(names).size === names.length &&
    names.every(name => !/^(?:\d+|__proto__|prototype|constructor)$/.test(name));
  const json = JSON.stringify(isPlain ? Object.fromEntries(headers) : headers);
  return isPlain ? (indentJson(json, { margin: "    " }) ?? json) : pairLines(headers);
}

function pairLines(headers: readonly Header[]): string {
  return `[\n${headers.map(pair => `      [${pair.map(part => JSON.stringify(part)).join(", ")}]`).join(",\n")}\n    ]`;
}

function bodyMember(body: OutgoingRequest["body"]): readonly (readonly [string, string])[] {
  if (body.kind === "none") return [];
  if (body.kind === "bytes") return [["base64", JSON.stringify(Buffer.from(body.bytes).toString("base64"))]];
  const text = rendered(body.parts, "placeholder");
  const json = compactJson(text) === text ? indentJson(text, { margin: "    " }) : undefined;
  return json === undefined ? [["text", JSON.stringify(text)]] : [["json", json]];
}

function sentenceOf(issue: v.BaseIssue<unknown>): string {
  const place = v.getDotPath(issue);
  return place === null
    ? l10n.t("This is no fixture: it is one object with a “request”.")
    : l10n.t("“{0}” {1}.", place, reasonOf(issue));
}

function reasonOf(issue: v.BaseIssue<unknown>): string {
  if (issue.kind === "validation") return issue.message;
  if (issue.expected === "never") return l10n.t("is no member of a fixture");
  return issue.input === undefined ? l10n.t("is missing") : l10n.t("is of the wrong kind");
}

function unread(file: string, error: NotRead): Problem {
  if (error.kind === "too-many")
    return invalid(l10n.t("It has more than {0} values.", mostValues.toLocaleString("en")));
  const before = file.slice(0, error.position).split("\n");
  return invalid(
    l10n.t("This is not JSON: see line {0}, column {1}.", before.length, (before.at(-1)?.length ?? 0) + 1),
  );
}

function invalid(message: string): Problem {
  return { code: "FIXTURE_INVALID", message, remedy: "none" };
}
