import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import { utf8Encode } from "../../base/bytes.ts";
import { given } from "../../base/given.ts";
import { JsonSource } from "../../base/jsonSource.ts";
import { type CapturedRequest, headerValue } from "../../protocol/capturedRequest.ts";
import type { Webhook } from "../../protocol/event.ts";
import type { DecodedBody } from "./decodedBody.ts";
import { beginsLikeJson, claimsJson, isMultipart, isUrlencoded } from "./form.ts";
import { type FormField, type MultipartReading, readMultipart, readUrlencoded } from "./formFields.ts";

type Form = Webhook["form"];
type Parameter = Webhook["parameters"][number];

/** Longer values are shown in part, in characters; the raw tab has them in full. */
const longestValue = 10_000;

/** More parameters than this are only counted. */
const mostParameters = 500;

/** A larger body is not looked into, in bytes: that would hold up the editor. */
const largestRead = 4 * 1024 * 1024;

/** For a row among many, less is looked into. */
export const largestReadForRow = 64 * 1024;

/** A request that is no notification, in its own form; of a body of more than `limit` bytes only the kind is told. */
export function readWebhook(request: CapturedRequest, body: DecodedBody, limit = largestRead): Webhook {
  const isLarge = body.plain.byteLength > limit;
  const read = isLarge ? undefined : readForm(body);
  const fields = read?.fields;
  const form = formOf(body, fields !== undefined);
  const parameters = [
    ...readUrlencoded(request.query).map(field => toParameter("query", field)),
    ...(fields ?? []).map(field => toParameter("form", field)),
  ];
  return {
    plausible: isPlausible(request),
    form,
    parameters: parameters.slice(0, mostParameters),
    omitted: Math.max(0, parameters.length - mostParameters),
    ...(read?.isFaulty === true ? { isFaulty: true } : {}),
    ...statedIn(parameters, form === "json" && !isLarge ? membersOf(body.text ?? "") : []),
  };
}

/** In a few words what the request brings, for a row. */
export function webhookSummary({ form, parameters, omitted, module, recordId }: Webhook): string {
  const count = parameters.length + omitted;
  const what = count === 0 ? formName(form) : count === 1 ? l10n.t("1 parameter") : l10n.t("{0} parameters", count);
  if (module === undefined) return recordId === undefined ? what : `${recordId} · ${what}`;
  return recordId === undefined ? `${module} · ${what}` : `${module} ${recordId} · ${what}`;
}

function formName(form: Form): string {
  switch (form) {
    case "none":
      return l10n.t("no body");
    case "urlencoded":
    case "multipart":
      return l10n.t("a form");
    case "json":
      return "JSON";
    case "xml":
      return "XML";
    case "html":
      return "HTML";
    case "text":
      return l10n.t("text");
    case "binary":
      return l10n.t("bytes");
    default:
      return assertNever(form);
  }
}

const methods = ["POST", "GET", "PUT", "DELETE"];
const tools = /^(curl|wget|httpie|postman|insomnia|bruno|mozilla|python-requests|node)\b/i;

/** Workflow rules send with four methods; browsers and tools of people say what they are. */
function isPlausible(request: CapturedRequest): boolean {
  const isBrowser = request.headers.some(([name]) => name.toLowerCase().startsWith("sec-fetch-"));
  return methods.includes(request.method) && !isBrowser && !tools.test(headerValue(request, "user-agent") ?? "");
}

/** What stood under a name in the address or the form of a request. */
export interface ParameterValue {
  readonly name: string;
  readonly fileName?: string;
  readonly bytes: Uint8Array;
}

/** A parameter by its place among all of {@link readWebhook}'s, with its whole value; undefined where there is none. */
export function parameterValue(request: CapturedRequest, body: DecodedBody, index: number): ParameterValue | undefined {
  const field = [...readUrlencoded(request.query), ...(readForm(body)?.fields ?? [])][index];
  if (field === undefined) return undefined;
  const { name, fileName, bytes = utf8Encode(field.value ?? "") } = field;
  return { name, bytes, ...given({ fileName }) };
}

/** The fields of a form; undefined of every other body. */
export function readForm(body: DecodedBody): MultipartReading | undefined {
  if (isMultipart(body)) return readMultipart(body.plain, body.contentType);
  if (!isUrlencoded(body) || body.text === undefined) return undefined;
  return { fields: readUrlencoded(body.text, charsetOfEscapes(body)), isFaulty: false };
}

/** Escapes are in the charset that is declared; without one they are of a browser, which has UTF-8 for them. */
function charsetOfEscapes({ charset, charsetBy }: DecodedBody): string | undefined {
  return charsetBy === "declared" ? charset : undefined;
}

function formOf(body: DecodedBody, isForm: boolean): Form {
  const { plain, text, contentType } = body;
  if (plain.byteLength === 0) return "none";
  if (isForm) return isMultipart(body) ? "multipart" : "urlencoded";
  if (text === undefined) return "binary";
  return formByType(contentType) ?? formByText(text.slice(0, 200).trimStart(), body.fault?.kind === "json");
}

function formByType(contentType: string): Form | undefined {
  if (claimsJson({ contentType })) return "json";
  if (/\bhtml\b/i.test(contentType)) return "html";
  return /[/+]xml\b/i.test(contentType) ? "xml" : undefined;
}

/** Braces also stand around the placeholders that people write: what is broken must look like JSON beyond them. */
function formByText(beginning: string, isBroken: boolean): Form {
  if (isBroken || beginsLikeJson(beginning)) return "json";
  if (/^<(!doctype\s+html|html)\b/i.test(beginning)) return "html";
  return /^<[?!a-z]/i.test(beginning) ? "xml" : "text";
}

function toParameter(place: Parameter["place"], { name, value, size, fileName, contentType }: FormField): Parameter {
  const isWhole = value !== undefined && value.length <= longestValue;
  return {
    place,
    name,
    value: value?.slice(0, longestValue) ?? "",
    ...(isWhole ? {} : { bytes: size }),
    ...given({ fileName, contentType }),
  };
}

type Named = Pick<Parameter, "name" | "value">;

/** The outermost members of a JSON body that are words or numbers. */
function membersOf(text: string): Named[] {
  const json = JsonSource.parse(text);
  if (!json.ok || json.value.kindOf(json.value.root) !== "object") return [];
  const members: Named[] = [];
  for (const node of json.value.children(json.value.root)) {
    if (json.value.countOf(node) > 0 || json.value.lengthOf(node) > 200) continue;
    members.push({ name: json.value.keyOf(node) ?? "", value: json.value.textOf(node) });
    if (members.length === mostParameters) break;
  }
  return members;
}

const moduleNames = /^module([ _]?(api[ _]?)?name)?$/i;
const recordNames = /^((record|entity|lead|account|contact|deal|task|case|event|call|invoice|quote)s?[ _]?)?id$/i;

/** A name, or a label as people write it, in any script; no text of more, and no placeholder that nobody filled in. */
const moduleWords = /^[\p{L}\p{N}_](?:[\p{L}\p{M}\p{N}_ .,&'’()/-]{0,98}[\p{L}\p{M}\p{N}_)])?$/u;

/** What the request itself says of module and record, by the names that people give to such parameters. */
function statedIn(parameters: readonly Named[], members: readonly Named[]): Pick<Webhook, "module" | "recordId"> {
  const named = [...parameters, ...members];
  const module = named.find(({ name, value }) => moduleNames.test(name) && moduleWords.test(value))?.value;
  const recordId = named.find(({ name, value }) => recordNames.test(name) && /^\d{10,19}$/.test(value))?.value;
  return { ...(module === undefined ? {} : { module }), ...(recordId === undefined ? {} : { recordId }) };
}
