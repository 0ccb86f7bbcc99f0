import * as l10n from "@vscode/l10n";
import { exactText, utf8Encode } from "../../base/bytes.ts";
import { compactJson, indentJson } from "../../base/formatJson.ts";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import type { CapturedRequest, Header } from "../../protocol/capturedRequest.ts";
import { withLineEndsOf, withLineFeeds } from "./lineEnds.ts";
import { endToEndHeaders } from "./outgoingHeaders.ts";
import { pathAndQuery } from "./outgoingTarget.ts";

/** A request and the handler that it is for. */
export interface AddressedRequest {
  readonly target: string;
  readonly request: CapturedRequest;
}

/** Says that the lines of the body are base64, as it is not text. */
const base64Note = "# @base64";

/** Says that the body is JSON without a space, which is laid out only for reading, and sent as it was. */
const compactNote = "# @compact";

/**
 * A request as text that people edit, in the form of `.http` files: notes, a line with method and address, headers, an
 * empty line, and the body. All lines end with line feeds, whatever they end with in the body.
 */
export function formatRequest({ target, request }: AddressedRequest, notes: readonly string[]): string {
  const url = new URL(target);
  const path = pathAndQuery(url, request) ?? url.pathname;
  const { note, text } = editableBody(request.body);
  return [
    ...notes.map(each => `# ${each}`),
    ...note,
    `${request.method} ${url.origin}${path}`,
    ...endToEndHeaders(request.headers).map(([name, value]) => `${name}: ${value}`),
    "",
    text,
  ].join("\n");
}

/**
 * Reads what {@link formatRequest} wrote of `original` after a person has edited it, and the editor has done to its line
 * ends what it does. What follows the handler's address is the request's own, as it was when it was captured; a body that
 * nobody edited is the one that was captured, to the byte.
 */
export function parseRequest(text: string, original: AddressedRequest): Result<AddressedRequest, Problem> {
  const lines = text.split(headLineEnd);
  const start = lines.findIndex(line => line.trim() !== "" && !line.startsWith("#"));
  const requestLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) +(\S+)(?: +HTTP\/[\d.]+)?$/.exec(lines[start]?.trim() ?? "");
  const [, method, address] = requestLine ?? [];
  const place = address === undefined ? undefined : placeOf(address, original.target);
  if (method === undefined || place === undefined) return fail(lineProblem(Math.max(start, 0)));
  const end = lines.indexOf("", start);
  const headerLines = lines.slice(start + 1, end < 0 ? undefined : end);
  const headers = headerLines.map(headerOf);
  const wrong = headers.indexOf(undefined);
  if (wrong >= 0) return fail(headerProblem(start + 1 + wrong));
  const body = bodyOf(end < 0 ? "" : afterLine(text, end), lines.slice(0, start), original.request.body);
  const { target, path, query } = place;
  const kept = headers.filter(header => header !== undefined);
  return succeed({ target, request: { method, path, query, headers: kept, body } });
}

const headLineEnd = /\r\n|[\r\n]/g;

/** What follows a line, counted from 0, and its end. */
function afterLine(text: string, line: number): string {
  const end = [...text.matchAll(headLineEnd)][line];
  return end === undefined ? "" : text.slice(end.index + end[0].length);
}

/** A body as people edit it, and what has to be known to get it back. */
interface EditableBody {
  readonly note: readonly string[];
  readonly text: string;
}

function editableBody(body: Uint8Array): EditableBody {
  const exact = exactBody(body);
  return { ...exact, text: withLineFeeds(exact.text) };
}

/** The same with the line ends that it came with. */
function exactBody(body: Uint8Array): EditableBody {
  const text = exactText(body);
  if (text === undefined) return { note: [base64Note], text: Buffer.from(body).toString("base64") };
  const laidOut = /^[[{]/.test(text) && compactJson(text) === text ? indentJson(text) : undefined;
  return laidOut === undefined ? { note: [], text } : { note: [compactNote], text: laidOut };
}

/** Takes an address apart into the handler's and what follows it; undefined where it is none. */
function placeOf(
  address: string,
  handler: string,
): { readonly target: string; readonly path: string; readonly query: string } | undefined {
  const [, origin, path = "", query = ""] = /^(https?:\/\/[^/?#]+)([^?#]*)(?:\?([^#]*))?$/i.exec(address) ?? [];
  if (origin === undefined || !URL.canParse(address)) return undefined;
  const own = new URL(handler);
  const base = own.pathname.replace(/\/$/, "");
  const isBelow = new URL(origin).origin === own.origin && (path === base || path.startsWith(`${base}/`));
  if (!isBelow || !hasQueryOf(own, query)) return { target: origin + (path === "" ? "/" : path), path: "", query };
  const rest = path === own.pathname ? "" : path.slice(base.length);
  return { target: handler, path: rest, query: query.slice(own.search.length).replace(/^&/, "") };
}

/** Whether a query begins with the handler's own. */
function hasQueryOf({ search }: URL, query: string): boolean {
  return search === "" || `?${query}` === search || `?${query}`.startsWith(`${search}&`);
}

/** What can go over the wire: a name of letters and signs, and a value without control or foreign characters. */
function headerOf(line: string): Header | undefined {
  const [, name, value = ""] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
  return name === undefined ? undefined : [name, value.trimEnd()];
}

function bodyOf(edited: string, notes: readonly string[], original: Uint8Array): Uint8Array {
  const written = exactBody(original);
  const isAsWritten = [base64Note, compactNote].every(note => notes.includes(note) === written.note.includes(note));
  if (isAsWritten && withLineFeeds(edited) === withLineFeeds(written.text)) return original;
  if (notes.includes(base64Note)) return Buffer.from(edited, "base64");
  const body = withLineEndsOf(written.text, edited);
  // What is no JSON any more is sent as it stands: that may be what is to be tried.
  return utf8Encode(notes.includes(compactNote) ? (compactJson(body) ?? body) : body);
}

function lineProblem(line: number): Problem {
  const message = l10n.t(
    "Line {0} should have a method and an address, such as POST http://localhost:3000/hook.",
    line + 1,
  );
  return { code: "EDITED_REQUEST_LINE", message, remedy: "none" };
}

function headerProblem(line: number): Problem {
  const message = l10n.t("Line {0} is no header. Headers are Name: value, and end with an empty line.", line + 1);
  return { code: "EDITED_REQUEST_HEADER", message, remedy: "none" };
}
