import { type Clock, day } from "../../../src/base/clock.ts";
import { succeed } from "../../../src/base/result.ts";
import type { AccessToken, TokenSource } from "../../../src/zoho/accessTokens.ts";
import type { HttpTransport } from "../../../src/zoho/httpTransport.ts";
import type { ShapeObserver } from "../../../src/zoho/shapeObserver.ts";
import { ZohoClient } from "../../../src/zoho/zohoClient.ts";
import { FakeClock } from "../../support/fakeClock.ts";

/** Gives the tokens t1, t2, … a new one after each refusal. */
export class CountedTokens implements TokenSource {
  /** The values of the tokens that were refused. */
  readonly refused: string[] = [];

  async get(): Promise<ReturnType<typeof succeed<AccessToken>>> {
    return Promise.resolve(succeed({ value: `t${this.refused.length + 1}`, expiresAt: Date.UTC(2026, 0, 5) + day }));
  }

  invalidate({ value }: AccessToken): void {
    this.refused.push(value);
  }

  isFresh({ value }: AccessToken): boolean {
    return value !== "t1";
  }
}

/** What an observer of forms heard. */
export class HeardShapes implements ShapeObserver {
  readonly heard: (readonly [where: string, value: unknown])[] = [];

  note(where: string, value: unknown): void {
    this.heard.push([where, value]);
  }
}

/** A client of an organisation in Europe, over a transport that the test plays. */
export function aClient(
  transport: HttpTransport,
  options: { readonly tokens?: TokenSource; readonly shapes?: ShapeObserver; readonly clock?: Clock } = {},
): ZohoClient {
  const { tokens = new CountedTokens(), shapes, clock = new FakeClock(Date.UTC(2026, 0, 5, 9, 0, 0, 123)) } = options;
  const base = { apiDomain: "https://www.zohoapis.eu", tokens, transport, clock };
  return new ZohoClient(shapes === undefined ? base : { ...base, shapes });
}
