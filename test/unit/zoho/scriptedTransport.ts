import assert from "node:assert/strict";
import { type Result, succeed } from "../../../src/base/result.ts";
import type { HttpAnswer, HttpRequest, HttpTransport } from "../../../src/zoho/httpTransport.ts";
import type { ZohoProblem } from "../../../src/zoho/problem.ts";

type Reply = Result<HttpAnswer, ZohoProblem>;
type Step = (request: HttpRequest) => Reply | Promise<Reply>;

/** A server that is played by the test: each request gets the next reply, and one too many is a failure. */
export class ScriptedTransport implements HttpTransport {
  readonly requests: HttpRequest[] = [];
  readonly #steps: Step[];

  constructor(...steps: Step[]) {
    this.#steps = steps;
  }

  get unused(): number {
    return this.#steps.length;
  }

  async send(request: HttpRequest): Promise<Reply> {
    this.requests.push(request);
    const step = this.#steps.shift();
    assert.ok(step !== undefined, `Unexpected ${request.method} ${request.url}`);
    return step(request);
  }

  /** The request number `index` (0 is the first), which must have been sent. */
  request(index: number): HttpRequest {
    const request = this.requests[index];
    assert.ok(request !== undefined, `There was no request ${index}`);
    return request;
  }
}

export function answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return { status, headers, text: typeof body === "string" ? body : JSON.stringify(body) };
}

/** A step that answers the same whatever was asked. */
export function reply(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Step {
  return () => succeed(answer(status, body, headers));
}

/** The value of a result that must be good. */
export function valueOf<T, E>(result: Result<T, E>): T {
  assert.ok(result.ok, `Expected a value, got ${JSON.stringify(result)}`);
  return result.value;
}

/** The reason of a result that must be bad. */
export function errorOf<T, E>(result: Result<T, E>): E {
  assert.ok(!result.ok, `Expected a failure, got ${JSON.stringify(result)}`);
  return result.error;
}
