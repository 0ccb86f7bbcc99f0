import { isLabelName, isSecretLabel, isSecretName, isValueName } from "./secretNames.ts";
import { type Findings, type SecretSpan, matchAt, namedSpan } from "./secretSpan.ts";
import { type Span, withoutEscapes } from "./spellings.ts";

/**
 * What is secret in elements of XML and of pages: what is in an element of a secret name, however deep, and what its
 * attributes say; and the value of one that an attribute or the element before it names.
 */
export function* markupSecrets(text: string): Findings {
  if (!text.includes("<")) return;
  const walk = new MarkupWalk(text);
  for (let found = walk.next(); found !== undefined; found = walk.next()) {
    yield* found;
    yield undefined;
  }
}

/** The name that an element gives to others beside it, and how deep it stands. */
interface Label {
  readonly name: string;
  readonly depth: number;
}

/** Goes from tag to tag. */
class MarkupWalk {
  readonly #text: string;
  readonly #tags = new RegExp(tagPattern);
  /** Elements that have no end in the rest of the text. */
  readonly #unclosed = new Set<string>();
  #depth = 0;
  #label: Label | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** What is secret by the next tag; undefined where there is none. */
  next(): Iterable<SecretSpan> | undefined {
    const tag = readTag(this.#tags, this.#text);
    if (tag === undefined) return undefined;
    if (tag.isClosing) this.#leave();
    else return this.#enter(tag);
    return [];
  }

  #leave(): void {
    this.#depth--;
    if (this.#label !== undefined && this.#depth < this.#label.depth) this.#label = undefined;
  }

  #enter(tag: Tag): Iterable<SecretSpan> {
    const leaf = tag.isEmpty ? undefined : leafOf(this.#text, tag);
    const given = givenName(tag);
    const name = given ?? (isSecretName(tag.name) ? tag.name : this.#labelOf(tag));
    const label = leaf !== undefined && isLabelName(tag.name) ? plain(leaf).trim() : "";
    if (given === undefined && isSecretLabel(label)) this.#label = { name: label, depth: this.#depth };
    else if (name !== undefined && !isKeyOfNext(this.#text, tag, leaf)) return this.#secretsIn(tag, name);
    if (!tag.isEmpty) this.#depth++;
    return [];
  }

  /** What the element before one calls it. */
  #labelOf(tag: Tag): string | undefined {
    if (this.#label === undefined || !isLabelled(tag)) return undefined;
    const { name } = this.#label;
    this.#label = undefined;
    return name;
  }

  /** All of an element; the walk goes on at its end. */
  #secretsIn(tag: Tag, name: string): Iterable<SecretSpan> {
    const own = attributesOf(tag, name);
    if (tag.isEmpty) return own;
    const content = contentOf(this.#text, tag, this.#unclosed);
    this.#tags.lastIndex = content.end;
    this.#depth++;
    return [...own, ...leavesIn(this.#text, content, name)];
  }
}

/** The beginning or the end of an element. */
interface Tag extends Span {
  /** Without the prefix of its namespace. */
  readonly name: string;
  readonly fullName: string;
  readonly isClosing: boolean;
  /** It has no content. */
  readonly isEmpty: boolean;
  readonly attributes: readonly Attribute[];
}

interface Attribute {
  readonly name: string;
  readonly value: Span & { readonly text: string };
}

const tagPattern = /<(\/?)([A-Za-z_][\w.:-]{0,200})((?:[^<>"']|"[^"<]{0,4000}"|'[^'<]{0,4000}'){0,4000})>/g;
const attributePattern = /([\w.:-]{1,200})\s{0,100}=\s{0,100}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g;
const emptyElements = /^(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/i;

function readTag(pattern: RegExp, text: string): Tag | undefined {
  const found = pattern.exec(text);
  if (found === null) return undefined;
  const [all, slash, fullName = "", rest = ""] = found;
  const name = fullName.slice(fullName.indexOf(":") + 1);
  return {
    ...{ start: found.index, end: pattern.lastIndex, name, fullName, isClosing: slash === "/" },
    isEmpty: all.endsWith("/>") || emptyElements.test(name),
    attributes: rest.includes("=") ? attributesIn(rest, found.index + 1 + (slash ?? "").length + fullName.length) : [],
  };
}

function attributesIn(rest: string, from: number): readonly Attribute[] {
  return [...rest.matchAll(attributePattern)].map(found => {
    const { 0: all, 1: name = "", 2: double, 3: single, 4: bare = "", index } = found;
    const text = double ?? single ?? bare;
    const end = from + index + all.length - (double === undefined && single === undefined ? 0 : 1);
    return { name, value: { text, start: end - text.length, end } };
  });
}

/** What stands in an element up to its own end; up to the next tag, where it has none. */
function contentOf(text: string, { fullName, end }: Tag, unclosed: Set<string>): Span {
  const close = unclosed.has(fullName) ? -1 : endOfElement(text, fullName, end);
  if (close !== -1) return { start: end, end: close };
  unclosed.add(fullName);
  const next = text.indexOf("<", end);
  return { start: end, end: next === -1 ? text.length : next };
}

/** Where the end tag stands of an element that has begun, others of its name in it left out; -1 where there is none. */
function endOfElement(text: string, name: string, from: number): number {
  const pattern = new RegExp(String.raw`<(/?)${name.replaceAll(/[.]/g, String.raw`\.`)}(?=[\s/>])`, "g");
  pattern.lastIndex = from;
  let depth = 1;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    depth += found[1] === "/" ? -1 : 1;
    if (depth === 0) return found.index;
  }
  return -1;
}

/** The name of something secret that an attribute gives to an element. */
function givenName({ attributes }: Tag): string | undefined {
  return attributes.map(({ name, value }) => (isLabelName(name) ? plain(value.text) : "")).find(isSecretLabel);
}

/** What an element has in it, where that is nothing but text. */
function leafOf(text: string, { end }: Tag): string | undefined {
  const leaf = matchAt(/[^<]{0,400}/y, text, end) ?? "";
  return text.startsWith("</", end + leaf.length) ? leaf : undefined;
}

/** Whether a label may speak of an element. */
function isLabelled({ name }: Tag): boolean {
  return isValueName(name) || /^(?:string|integer|date|real)$/i.test(name);
}

/** Lists of Apple's and others have elements `key`, each of which names the one behind it. */
function isKeyOfNext(text: string, { name, end }: Tag, leaf: string | undefined): boolean {
  if (leaf === undefined || !/^key$/i.test(name)) return false;
  const next = /<\/[^<>]{0,200}>\s{0,100}<(?:string|integer|real|date|data|true|false|array|dict|value)\b/iy;
  return matchAt(next, text, end + leaf.length) !== undefined;
}

const harmlessAttribute = /^(?:xmlns.*|xsi:.*|xml:.*|type|encoding|lang|class|style|nil|id|for|required|encrypted)$/i;

function* attributesOf({ name: element, attributes }: Tag, name: string): Iterable<SecretSpan> {
  const isNamedItself = isSecretName(element);
  for (const { name: attribute, value } of attributes) {
    const isValue = isNamedItself
      ? !harmlessAttribute.test(attribute) && !isLabelName(attribute)
      : isValueName(attribute) && !isLabelName(attribute);
    if (isValue && value.end > value.start) yield namedSpan(value.start, value.end, name);
  }
}

const leafPattern = /<!\[CDATA\[([^]*?)(?:\]\]>|$)|<([^<>]*)>|[^<]+/g;

/** The texts in a part of a page, and what the attributes of its elements say. */
function* leavesIn(text: string, { start, end }: Span, name: string): Iterable<SecretSpan> {
  for (const { 0: all, 1: data, 2: tag, index } of text.slice(start, end).matchAll(leafPattern)) {
    const at = start + index;
    if (data !== undefined) {
      if (data !== "") yield namedSpan(at + 9, at + 9 + data.length, name);
    } else if (tag !== undefined) yield* attributeValues(tag, at + 1);
    else if (all.trim() !== "") yield namedSpan(at, at + all.length, name);
  }
}

function* attributeValues(tag: string, from: number): Iterable<SecretSpan> {
  for (const { name, value } of attributesIn(tag, from))
    if (!harmlessAttribute.test(name) && value.end > value.start)
      yield { start: value.start, end: value.end, kind: "other" };
}

function plain(text: string): string {
  return /[\\%&]/.test(text) ? withoutEscapes(text) : text;
}
