import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import { JsonSource, type NotRead } from "../../base/jsonSource.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import type { EventDetail } from "../../protocol/inspector.ts";
import { decodeBase64 } from "./hexDump.ts";
import type { NoTree } from "./noTree.ts";
import { runInSteps } from "./steps.ts";

/** Of a larger body only the first part is shown here, in bytes: the rest is for a document of the editor. */
const largestLoaded = 10_000_000;

/** The body of an event, read as far as somebody looks at it. */
export class EventBody {
  readonly #texts: string[] = [];
  readonly #base64: string[] = [];
  readonly #isBinary: boolean;
  #isCut: boolean;
  /** In bytes. */
  readonly size: number;
  #text: string | undefined;
  #json: Result<JsonSource, NoTree> | undefined;

  constructor(body: EventDetail["body"], size: number) {
    this.size = size;
    this.#isBinary = body.text === undefined;
    this.#isCut = body.truncated;
    if (body.text !== undefined) this.#texts.push(body.text);
    if (body.base64 !== undefined) this.#base64.push(body.base64);
  }

  get isEmpty(): boolean {
    return this.size === 0 || this.copyable === "";
  }

  /** Only the first part is here. */
  get isCut(): boolean {
    return this.#isCut;
  }

  get canLoadAll(): boolean {
    return this.#isCut && this.size <= largestLoaded;
  }

  get isBinary(): boolean {
    return this.#isBinary;
  }

  /** The text as it was sent, as far as it is here; empty for bytes that are no text. */
  get text(): string {
    this.#text ??= this.#texts.join("");
    return this.#text;
  }

  get bytes(): Uint8Array {
    const parts = this.#base64.map(decodeBase64);
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  /** What "Copy body" copies: the text as sent, or Base64. */
  get copyable(): string {
    return this.#isBinary ? this.#base64.join("") : this.text;
  }

  /** Takes in the whole body in the place of its first part; each part of Base64 is of whole bytes. */
  complete(parts: readonly string[]): void {
    const own = this.#isBinary ? this.#base64 : this.#texts;
    own.splice(0, own.length, ...parts);
    this.#text = undefined;
    this.#json = undefined;
    this.#isCut = false;
  }

  /** Reads the body as JSON; `done` is called at once where it has been read, or is short. */
  readJson(clock: Clock, done: (json: Result<JsonSource, NoTree>) => void): Disposable | undefined {
    this.#json ??= this.#unreadable();
    if (this.#json !== undefined) {
      done(this.#json);
      return undefined;
    }
    return runInSteps(JsonSource.read(this.text), clock, read => {
      this.#json = read.ok ? succeed(read.value) : fail(noTreeOf(read.error));
      done(this.#json);
    });
  }

  #unreadable(): Result<JsonSource, NoTree> | undefined {
    if (this.isEmpty) return fail({ kind: "empty" });
    if (this.#isBinary) return fail({ kind: "binary" });
    return this.#isCut ? fail({ kind: "cut" }) : undefined;
  }
}

function noTreeOf(error: NotRead): NoTree {
  return error.kind === "too-many" ? error : { kind: "not-json", fault: error };
}
