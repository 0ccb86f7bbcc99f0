import type { EventDetail } from "../../protocol/inspector.ts";
import { type Result, fail } from "../../base/result.ts";
import { decodeBase64, hexDump } from "./hexDump.ts";
import { JsonSource } from "../../base/jsonSource.ts";

/** Why the body has no tree. */
export type NoTree =
  | { readonly kind: "empty" }
  | { readonly kind: "binary" }
  | { readonly kind: "cut" }
  | { readonly kind: "not-json"; readonly message: string };

/** The body of an event, read as far as somebody looks at it. */
export class EventBody {
  readonly #body: EventDetail["body"];
  #json: Result<JsonSource, NoTree> | undefined;

  constructor(body: EventDetail["body"]) {
    this.#body = body;
  }

  get isEmpty(): boolean {
    return (this.#body.text ?? this.#body.base64 ?? "") === "";
  }

  get isCut(): boolean {
    return this.#body.truncated;
  }

  get isBinary(): boolean {
    return this.#body.text === undefined;
  }

  /** The text as it was sent, or a dump of bytes that are not text. */
  get readable(): string {
    return this.#body.text ?? hexDump(decodeBase64(this.#body.base64 ?? ""));
  }

  /** What "Copy body" copies: the text as sent, or Base64. */
  get copyable(): string {
    return this.#body.text ?? this.#body.base64 ?? "";
  }

  get json(): Result<JsonSource, NoTree> {
    this.#json ??= this.#readJson();
    return this.#json;
  }

  #readJson(): Result<JsonSource, NoTree> {
    const { text } = this.#body;
    if (this.isEmpty) return fail({ kind: "empty" });
    if (text === undefined) return fail({ kind: "binary" });
    if (this.isCut) return fail({ kind: "cut" });
    const parsed = JsonSource.parse(text);
    return parsed.ok ? parsed : fail({ kind: "not-json", message: parsed.error });
  }
}
