import * as l10n from "@vscode/l10n";
import { exactText } from "../../base/bytes.ts";
import type { TextParts } from "../../base/shell.ts";
import { type Steps, finished } from "../../base/steps.ts";
import type { CapturedRequest, Header } from "../../protocol/capturedRequest.ts";
import type { Attempt } from "../../protocol/event.ts";
import { channelTokenVariable, hiddenMark } from "../../zoho/channelToken.ts";
import type { DecodedBody } from "./decodedBody.ts";
import { isMultipart, isUrlencoded } from "./form.ts";
import { readMultipart } from "./formFields.ts";
import { isSecretField, placedFields, secretFields } from "./formSecrets.ts";
import { type KnownValue, knownIn, knownValue } from "./knownValues.ts";
import { isArchive, unpackedFrom } from "./packedBytes.ts";
import { readRequest } from "./readEvent.ts";
import { isSecretName } from "./secretNames.ts";
import type { Findings, SecretSpan } from "./secretSpan.ts";
import { secretsByNameAndForm } from "./secretSpans.ts";
import { type Spelling, spellingsOf, textsIn } from "./spellings.ts";

/** Values that are known to open something, asked again at each use: tokens of channels, and the editor's own address. */
export type KnownSecrets = () => readonly string[];

/** A body on its way out of the editor. */
export type RedactedBody =
  | { readonly kind: "none" }
  | { readonly kind: "text"; readonly parts: TextParts }
  /** No UTF-8, and nothing in it that is known to be secret. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array };

/**
 * Leaves out what opens something, by its name, by its form, and because it is known: everything that goes out of the
 * editor without secrets goes through one of these. What it finds it finds in any spelling that a reader could undo.
 */
export class Redaction {
  readonly #known: readonly KnownValue[];

  constructor(known: readonly string[], kind: KnownValue["kind"] = "other", more: readonly KnownValue[] = []) {
    this.#known = [...more, ...known.flatMap(value => knownValue(value, kind) ?? [])];
  }

  /** The same for a request, whose own token is then known, too. */
  of(request: CapturedRequest): Redaction {
    const reading = readRequest(request);
    const token = reading.kind === "notification" ? reading.notification.token : undefined;
    return token === undefined ? this : new Redaction([token], "token", this.#known);
  }

  /** Any text: JSON, a page, an address, a line of a log. */
  text(text: string): TextParts {
    return partsOf(text, finished(this.#spansIn(text)));
  }

  /** A query, or the body of a form. */
  fields(text: string): TextParts {
    return partsOf(text, finished(this.#spansOfFields(text)));
  }

  /** A text of which is known what it is; all of it or its beginning. */
  typed(text: string, contentType: string): TextParts {
    return partsOf(text, finished(this.#spansOfTyped(text, contentType)));
  }

  /** A text with marks where secrets were. */
  marked(text: string): string {
    return rendered(this.text(text), "mark");
  }

  /** What follows the address of a handler. */
  path(path: string): string {
    const shown = this.marked(path);
    return path.startsWith("/") && !shown.startsWith("/") ? `/${shown}` : shown;
  }

  /** What stands under a name. */
  named(name: string, value: string): string {
    return isSecretName(name) && !/^(?:null|true|false|"")?$/.test(value) ? hiddenMark : this.marked(value);
  }

  /** Undefined where the name of the header itself is a secret. */
  header([name, value]: Header): Header | undefined {
    return this.marked(name) === name ? [name, this.named(name, value)] : undefined;
  }

  /** Headers that open nothing; of the others `marks` stay, where they are wanted. */
  headers(headers: readonly Header[], secret: "marks" | "left-out"): readonly Header[] {
    return headers
      .filter(([name]) => secret === "marks" || !isSecretName(name))
      .flatMap(header => {
        const shown = this.header(header);
        return shown === undefined ? [] : [shown];
      });
  }

  /**
   * The body of a request. Where something had to be left out of it, it is its text without codings, in UTF-8: see
   * {@link headersOfRewritten}. In steps, as a large one takes its time.
   */
  *body(request: CapturedRequest): Steps<RedactedBody> {
    const { body } = readRequest(request);
    const { text, bytes, plain, codings, charset, isCut, contentType } = body;
    if (bytes.byteLength === 0) return { kind: "none" };
    yield undefined;
    if (text === undefined || isCut) return yield* this.#opaque(body);
    const parts = partsOf(text, yield* this.#spansOfTyped(text, contentType));
    const isWhole = parts.length === 1 && parts[0] === text;
    if (isWhole) return (yield* this.#isReadOtherwise(body)) ? leftOut(bytes) : exactBody(bytes);
    const hadMark = codings.length === 0 && charset === "utf-8" && hasMark(plain);
    return { kind: "text", parts: hadMark ? [mark, ...parts] : parts };
  }

  attempt(attempt: Attempt): Attempt {
    const { answer, problem, target } = attempt;
    return {
      ...attempt,
      target: this.marked(target),
      ...(problem === undefined ? {} : { problem: this.marked(problem) }),
      ...(answer === undefined ? {} : { answer: this.#answer(answer) }),
    };
  }

  /** A value of any shape, with marks in all its texts. */
  deep<T>(value: T): T;
  deep(value: unknown): unknown {
    if (typeof value === "string") return this.marked(value);
    if (Array.isArray(value)) return value.map((each: unknown) => this.deep(each));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]: [string, unknown]) => [name, this.deep(each)]));
  }

  /** Whether a known value can be read in what goes out. */
  leaks(output: string | Uint8Array): boolean {
    const texts = typeof output === "string" ? [output] : textsIn(output);
    return texts.some(text =>
      finished(spellingsOf(text)).some(spelling => !isEmpty(knownIn(spelling.text, this.#known))),
    );
  }

  #answer(answer: NonNullable<Attempt["answer"]>): NonNullable<Attempt["answer"]> {
    const headers = this.headers(answer.headers, "marks").map(([name, value]): [string, string] => [name, value]);
    const contentType = headers.find(([name]) => /^content-type$/i.test(name))?.[1] ?? "";
    return { ...answer, headers, text: rendered(this.typed(answer.text, contentType), "mark") };
  }

  /** What cannot be cut is left out whole where something is in it, or where nobody can look into it. */
  *#opaque(body: DecodedBody): Steps<RedactedBody> {
    const { bytes, plain, isCut, fault } = body;
    const isHidden = isCut || fault?.kind === "coding-unknown" || fault?.kind === "coding-damaged";
    const fields = isMultipart(body) ? (readMultipart(plain, body.contentType)?.fields ?? []) : [];
    if (isHidden || fields.some(field => isSecretField(field) && field.size > 0)) return leftOut(bytes);
    for (const each of new Set([plain, bytes, ...fields.flatMap(field => field.bytes ?? [])]))
      if (!(yield* this.#isOpen(each))) return leftOut(bytes);
    return { kind: "bytes", bytes };
  }

  /** Whether bytes are no archive, and have nothing secret in them, unpacked or as they are. */
  *#isOpen(bytes: Uint8Array): Steps<boolean> {
    if (isArchive(bytes)) return false;
    for (const each of [bytes, ...unpackedFrom(bytes)]) if (yield* this.#isSecretIn(each)) return false;
    return true;
  }

  /** Whether bytes that were sent encoded have something in them that another reader finds, or that is behind their end. */
  *#isReadOtherwise({ bytes, codings, charset, isLossy }: DecodedBody): Steps<boolean> {
    const isUsual = codings.length === 0 && charset === "utf-8" && !isLossy;
    return !isUsual && (yield* this.#isSecretIn(bytes));
  }

  *#isSecretIn(bytes: Uint8Array): Steps<boolean> {
    for (const text of textsIn(bytes)) if ((yield* this.#spansIn(text)).length > 0) return true;
    return false;
  }

  *#spansOfTyped(text: string, contentType: string): Steps<readonly SecretSpan[]> {
    if (isUrlencoded({ contentType })) return yield* this.#spansOfFields(text);
    const spans = yield* this.#spansIn(text);
    return isMultipart({ contentType }) ? [...this.#secretFieldsOf(text, contentType), ...spans] : spans;
  }

  *#spansOfFields(text: string): Steps<readonly SecretSpan[]> {
    return [...(yield* collected(secretFields(text))), ...(yield* this.#spansIn(text))];
  }

  /** Fields of a form in parts that are secret, or that have something in them in a coding of their own. */
  #secretFieldsOf(form: string, contentType: string): readonly SecretSpan[] {
    return placedFields(form, contentType)
      .filter(({ field, span }) => {
        if (isSecretField(field)) return true;
        const { value } = field;
        const isAsSent = value === undefined || value === form.slice(span.start, span.end);
        return !isAsSent && finished(this.#spansIn(value)).length > 0;
      })
      .map(({ span }) => span);
  }

  *#spansIn(text: string): Steps<readonly SecretSpan[]> {
    const spans: SecretSpan[] = [];
    for (const spelling of yield* spellingsOf(text))
      for (const found of yield* collected(this.#secretsIn(spelling)))
        spans.push({ ...spelling.sourceOf(found), kind: found.kind });
    return spans;
  }

  *#secretsIn(spelling: Spelling): Findings {
    if (spelling.isClosed === true) yield { start: 0, end: 0, kind: "other" };
    yield* secretsByNameAndForm(spelling);
    yield* knownIn(spelling.text, this.#known);
  }
}

function* collected(findings: Findings): Steps<readonly SecretSpan[]> {
  const spans: SecretSpan[] = [];
  for (const found of findings) {
    if (found === undefined) yield undefined;
    else spans.push(found);
  }
  return spans;
}

/** The headers of a body that was rewritten from its text: they say nothing of how that was sent. */
export function headersOfRewritten(headers: readonly Header[]): readonly Header[] {
  return headers
    .filter(([name]) => !/^content-encoding$/i.test(name))
    .map(([name, value]) =>
      /^content-type$/i.test(name)
        ? [name, value.replace(/(;\s*charset\s*=\s*)("?)[^\s;"]+\2/i, "$1utf-8")]
        : [name, value],
    );
}

/** A text with the variable of the channel's token as it is written where it goes. */
export function rendered(parts: TextParts, as: "placeholder" | "mark"): string {
  const mark = (isBare = false): string => (isBare ? JSON.stringify(hiddenMark) : hiddenMark);
  return parts
    .map(part => (typeof part === "string" ? part : as === "mark" ? mark(part.isBare) : `\${${part.variable}}`))
    .join("");
}

/** The bytes as they came, as text where that gives the same bytes again. */
export function exactBody(bytes: Uint8Array): RedactedBody {
  if (bytes.byteLength === 0) return { kind: "none" };
  const text = exactText(bytes);
  return text === undefined ? { kind: "bytes", bytes } : { kind: "text", parts: [text] };
}

function leftOut(bytes: Uint8Array): RedactedBody {
  return { kind: "text", parts: [l10n.t("({0} bytes left out)", bytes.byteLength)] };
}

/** In front of a text in UTF-8. */
const mark = "\uFEFF";

function hasMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

function partsOf(text: string, spans: readonly SecretSpan[]): TextParts {
  const parts: TextParts[number][] = [];
  let from = 0;
  for (const { start, end, kind } of merged(spans)) {
    parts.push(text.slice(from, start), standIn(kind));
    from = end;
  }
  return joined([...parts, text.slice(from)]);
}

function standIn(kind: SecretSpan["kind"]): TextParts[number] {
  if (kind === "token") return { variable: channelTokenVariable };
  if (kind === "bare-token") return { variable: channelTokenVariable, isBare: true };
  return kind === "bare" ? JSON.stringify(hiddenMark) : hiddenMark;
}

/** Parts that overlap are one; it is the token where it is nothing else. */
function merged(spans: readonly SecretSpan[]): readonly SecretSpan[] {
  const ordered = spans.toSorted((one, other) => one.start - other.start || other.end - one.end);
  const found: SecretSpan[] = [];
  for (const span of ordered) {
    const last = found.at(-1);
    if (last === undefined || span.start >= last.end) found.push(span);
    else if (span.end > last.end) found[found.length - 1] = { start: last.start, end: span.end, kind: "other" };
  }
  return found;
}

function joined(parts: TextParts): TextParts {
  const whole: TextParts[number][] = [];
  for (const part of parts) {
    const last = whole.at(-1);
    if (typeof part === "string" && typeof last === "string") whole[whole.length - 1] = last + part;
    else whole.push(part);
  }
  return whole;
}

function isEmpty(findings: Findings): boolean {
  for (const found of findings) if (found !== undefined) return false;
  return true;
}
