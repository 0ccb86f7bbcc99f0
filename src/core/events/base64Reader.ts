import { isUtf8 } from "node:buffer";
import { packingByBytes, undoCoding } from "./contentCoding.ts";

/** What a run of base64's letters stands for. */
export type InBase64 = { readonly isClosed: false; readonly text: string } | { readonly isClosed: true };

/** Shorter runs of its letters are words. */
const shortestBase64 = 11;

/** Of what is compressed in one run no more than this is undone, in bytes. */
const mostInRun = 1024 * 1024;

/** And of all of them together: a body of many may else take a thousand times its size. */
const mostInAll = 4 * mostInRun;

/** Reads what is in base64 in one text; what is compressed in it up to a size, and the rest stays closed. */
export class Base64Reader {
  #left = mostInAll;
  /** The same run is in several spellings of a text. */
  readonly #unpacked = new Map<string, InBase64 | undefined>();

  /** What a run may stand for, as a whole or in parts. */
  textsIn(run: string): readonly InBase64[] {
    if (run.length < shortestBase64) return [];
    const whole = this.#read(run);
    if (whole !== undefined) return [whole];
    return partsOf(run).flatMap(part => this.#read(part) ?? []);
  }

  /** Undefined where a run is a word, or bytes that are no text. */
  #read(run: string): InBase64 | undefined {
    const written = Buffer.from(run, "base64");
    const packing = packingByBytes(written);
    if (packing === undefined) return textOf(written);
    if (!this.#unpacked.has(run)) this.#unpacked.set(run, this.#unpack(packing, written));
    return this.#unpacked.get(run);
  }

  #unpack(packing: string, written: Buffer): InBase64 | undefined {
    const most = Math.min(mostInRun, this.#left);
    if (most === 0) return { isClosed: true };
    const { bytes, fault } = undoCoding(packing, written, most);
    // What is damaged or too large is gone through several times.
    const isCostly = fault === "too-large" || (fault !== undefined && bytes.byteLength > 0);
    this.#left -= isCostly ? most : bytes.byteLength;
    if (fault === "too-large") return { isClosed: true };
    return textOf(bytes.byteLength === 0 ? written : Buffer.from(bytes));
  }
}

function textOf(bytes: Buffer): InBase64 | undefined {
  const text = isUtf8(bytes) ? bytes.toString("utf8") : utf16(bytes);
  return text === undefined || /[\0-\x08\x0e-\x1f\x7f\ufffd]/.test(text) ? undefined : { isClosed: false, text };
}

function utf16(bytes: Buffer): string | undefined {
  return bytes[1] === 0 ? bytes.toString("utf16le") : undefined;
}

/** Lines may have nothing to do with each other, and some of base64's letters also divide paths and names. */
function partsOf(run: string): readonly string[] {
  const dividers = [/[\r\n]+/, /[/\r\n]+/, /[/_\r\n-]+/].filter(divider => divider.test(run));
  const parts = [...dividers.flatMap(divider => run.split(divider)), ...endsOf(run)];
  return [...new Set(parts)].filter(part => part.length >= shortestBase64);
}

/** Before the base64 there may be a path or a name of so many parts. */
const mostParts = 8;

/** What follows the first dividers: base64 with dividers of its own may be behind a path. */
function endsOf(run: string): readonly string[] {
  const ends: string[] = [];
  for (let at = run.search(/[/_-]/); at !== -1 && ends.length < mostParts; at = nextDivider(run, at + 1))
    ends.push(run.slice(at + 1));
  return ends;
}

function nextDivider(run: string, from: number): number {
  const divider = /[/_-]/g;
  divider.lastIndex = from;
  return divider.exec(run)?.index ?? -1;
}
