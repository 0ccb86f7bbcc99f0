import { isLabelName, isSecretLabel, isSecretName, isValueName } from "./secretNames.ts";
import { type NextPlace, nextPlace } from "./nextPlace.ts";
import { OpenElements } from "./openElements.ts";
import { type Findings, type SecretSpan, matchAt, namedSpan } from "./secretSpan.ts";
import { type Span, withoutEscapes } from "./spellings.ts";
import { sectionsWith } from "./textSections.ts";

/** So many tags are looked at in one step. */
const tagsInStep = 1_000;

/**
 * What is secret in elements of XML and of pages: what is in an element of a secret name, however deep, and what its
 * attributes say; and the value of one that an attribute or the element before it names. In JSON, in each string.
 */
export function* markupSecrets(text: string, isJson: boolean): Findings {
  let tags = 0;
  for (const section of sectionsWith("<", text, isJson)) {
    if (section === undefined) {
      yield undefined;
      continue;
    }
    const walk = new MarkupWalk(text.slice(section.start, section.end));
    for (let found = walk.next(); found !== undefined; found = walk.next()) {
      for (const { start, end, kind } of found) yield { start: start + section.start, end: end + section.start, kind };
      if (++tags % tagsInStep === 0) yield undefined;
    }
  }
}

/** The name that an element gives to others beside it, and how deep it stands. */
interface Label {
  readonly name: string;
  readonly depth: number;
}

/** Goes from tag to tag, and writes down what is in elements that are secret. */
class MarkupWalk {
  readonly #text: string;
  readonly #marks = new RegExp(markPattern);
  readonly #elements = new OpenElements();
  readonly #ends = new Map<string, NextPlace>();
  /** Where comments, data and instructions end that the walk is in, the innermost last. */
  readonly #asides: number[] = [];
  #label: Label | undefined;
  /** The secret element that the walk is in: its name, and how deep it stands. */
  #secret: Label | undefined;
  /** Where begins what has not been looked at. */
  #from = 0;
  #isOver = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** What is secret up to the end of the next tag; undefined where the text is over. */
  next(): readonly SecretSpan[] | undefined {
    if (this.#isOver) return undefined;
    const found = this.#marks.exec(this.#text);
    this.#isOver = found === null;
    const at = found?.index ?? this.#text.length;
    const left = this.#leaveAsides(at);
    const tag = found?.[2] === undefined ? undefined : tagOf(found);
    const isAside = found !== null && tag === undefined;
    return [...left, ...(isAside ? this.#aside(at, found[0]) : [...this.#textUpTo(at, tag), ...this.#pass(tag)])];
  }

  #leaveAsides(at: number): readonly SecretSpan[] {
    const secrets: SecretSpan[] = [];
    for (let end = this.#asides.at(-1); end !== undefined && end <= at; end = this.#asides.at(-1)) {
      secrets.push(...this.#textUpTo(end, undefined));
      this.#asides.pop();
      this.#elements.leaveAside();
      this.#left();
    }
    return secrets;
  }

  /** What stands before a tag in a secret element. */
  #textUpTo(at: number, tag: Tag | undefined): readonly SecretSpan[] {
    const secrets = this.#secret === undefined ? [] : leaf(this.#text, this.#from, at, this.#secret.name);
    this.#from = tag?.end ?? at;
    return secrets;
  }

  /** Of a comment, of data or of an instruction all is secret in a secret element; in others it is read as any text. */
  #aside(at: number, opening: string): readonly SecretSpan[] {
    const closing = closingOf(opening);
    const end = this.#endOf(closing, at + opening.length);
    if (end === this.#text.length) return [];
    if (this.#secret === undefined) {
      if (this.#asides.every(outer => end < outer)) this.#enterAside(end);
      return [];
    }
    const { name } = this.#secret;
    const before = this.#textUpTo(at, undefined);
    this.#from = end + closing.length;
    this.#marks.lastIndex = this.#from;
    return [...before, ...leaf(this.#text, at + opening.length, end, name)];
  }

  #enterAside(end: number): void {
    this.#asides.push(end);
    this.#elements.enterAside();
  }

  /** Each closing sign is looked for once, not for each opening one again. */
  #endOf(closing: string, from: number): number {
    const ends = this.#ends.get(closing) ?? nextPlace(this.#text, closing);
    this.#ends.set(closing, ends);
    return ends.after(from);
  }

  #pass(tag: Tag | undefined): readonly SecretSpan[] {
    if (tag === undefined) return [];
    if (!tag.isClosing) return this.#enter(tag);
    this.#elements.close(tag.fullName);
    this.#left();
    return [];
  }

  /** Elements that were not closed end with what they are in. */
  #left(): void {
    const { depth } = this.#elements;
    if (this.#label !== undefined && depth < this.#label.depth) this.#label = undefined;
    if (this.#secret !== undefined && depth <= this.#secret.depth) this.#secret = undefined;
  }

  #enter(tag: Tag): readonly SecretSpan[] {
    const name = this.#secret === undefined ? this.#secretNameOf(tag) : undefined;
    const isWithin = this.#secret !== undefined;
    if (name !== undefined && !tag.isEmpty) this.#secret = { name, depth: this.#elements.depth };
    if (!tag.isEmpty) this.#elements.open(tag.fullName);
    if (isWithin) return [...attributeValues(tag)];
    return name === undefined ? [] : [...attributesOf(tag, name)];
  }

  /** By what name an element is secret; undefined where it is not. What it calls others is kept. */
  #secretNameOf(tag: Tag): string | undefined {
    const leaf = tag.isEmpty ? undefined : leafOf(this.#text, tag);
    const given = givenName(tag);
    const name = given ?? (isSecretName(tag.name) ? tag.name : this.#labelOf(tag));
    const label = leaf !== undefined && isLabelName(tag.name) ? plain(leaf).trim() : "";
    if (given === undefined && isSecretLabel(label)) {
      this.#label = { name: label, depth: this.#elements.depth };
      return undefined;
    }
    return name === undefined || isKeyOfNext(this.#text, tag, leaf) ? undefined : name;
  }

  /** What the element before one calls it. */
  #labelOf(tag: Tag): string | undefined {
    if (this.#label === undefined || !isLabelled(tag)) return undefined;
    const { name } = this.#label;
    this.#label = undefined;
    return name;
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

/** The beginning of a comment, of data or of an instruction, or a tag: its slash, its name, and what else is in it. */
const markPattern =
  /<!--|<!\[CDATA\[|<\?|<(\/?)([A-Za-z_][\w.:-]{0,200}(?![\w.:-]))((?:[^<>"']|"[^"<]{0,4000}"|'[^'<]{0,4000}'){0,4000})>/g;
const attributePattern = /([\w.:-]{1,200})\s{0,100}=\s{0,100}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g;
const emptyElements = /^(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/i;

function closingOf(opening: string): string {
  return opening === "<!--" ? "-->" : opening === "<?" ? "?>" : "]]>";
}

function tagOf(found: RegExpExecArray): Tag {
  const { 0: all, 1: slash = "", 2: fullName = "", 3: rest = "", index } = found;
  const name = fullName.slice(fullName.indexOf(":") + 1);
  return {
    ...{ start: index, end: index + all.length, name, fullName, isClosing: slash === "/" },
    isEmpty: all.endsWith("/>") || emptyElements.test(name),
    attributes: rest.includes("=") ? attributesIn(rest, index + 1 + slash.length + fullName.length) : [],
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

/** A text in a secret element, unless it is blank. */
function leaf(text: string, start: number, end: number, name: string): readonly SecretSpan[] {
  return text.slice(start, end).trim() === "" ? [] : [namedSpan(start, end, name)];
}

function* attributeValues({ attributes }: Tag): Iterable<SecretSpan> {
  for (const { name, value } of attributes)
    if (!harmlessAttribute.test(name) && value.end > value.start)
      yield { start: value.start, end: value.end, kind: "other" };
}

function plain(text: string): string {
  return /[\\%&]/.test(text) ? withoutEscapes(text) : text;
}
