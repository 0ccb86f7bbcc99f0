import assert from "node:assert/strict";

/** An answer of the sandbox, as plain `JSON.parse` reads it. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined where the body is empty. */
  readonly json: unknown;
}

/** Calls the sandbox with `fetch` and nothing else, so that what is asserted is what is on the wire. */
export class RawZoho {
  readonly url: string;
  readonly #accessToken: string;

  constructor(url: string, accessToken: string) {
    this.url = url;
    this.#accessToken = accessToken;
  }

  /** Signs in with a self-client code. */
  static async signIn(url: string, asked: { user?: string; scopes?: readonly string[] } = {}): Promise<RawZoho> {
    const grant = await requestGrant(url, asked);
    return new RawZoho(url, String(grant["access_token"]));
  }

  /** The same sign-in at another address: a sandbox that was started again. */
  on(url: string): RawZoho {
    return new RawZoho(url, this.#accessToken);
  }

  /** Calls `/crm/v8/<path>`, or `path` itself where it begins with a slash. */
  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<RawAnswer> {
    const init: RequestInit = {
      method,
      headers: { Authorization: `Zoho-oauthtoken ${this.#accessToken}`, ...headers },
    };
    if (body !== undefined) init.body = typeof body === "string" ? body : JSON.stringify(body);
    return toRawAnswer(await fetch(this.url + (path.startsWith("/") ? path : `/crm/v8/${path}`), init));
  }

  /** Subscribes one channel and gives the result of its item. */
  async watch(
    method: "POST" | "PUT" | "PATCH",
    item: object,
    version = 8,
  ): Promise<{ status: number; result: unknown }> {
    const answer = await this.call(method, `/crm/v${version}/actions/watch`, { watch: [item] });
    return { status: answer.status, result: itemsOf(answer, "watch")[0] };
  }

  /** Creates one record and gives its id. */
  async create(module: string, values: object): Promise<string> {
    const answer = await this.call("POST", module, { data: [values] });
    assert.equal(answer.status, 201, answer.text);
    return String(at(itemsOf(answer, "data")[0], "details", "id"));
  }
}

export async function toRawAnswer(response: Response): Promise<RawAnswer> {
  const text = await response.text();
  const json: unknown = text === "" || !isJson(response) ? undefined : JSON.parse(text);
  return { status: response.status, headers: response.headers, text, json };
}

/** Signs in with a self-client code, and gives the whole answer of the token call. */
export async function requestGrant(
  url: string,
  asked: { user?: string; scopes?: readonly string[] } = {},
): Promise<Readonly<Record<string, unknown>>> {
  const code = await toRawAnswer(
    await fetch(`${url}/sandbox/self-client-code`, { method: "POST", body: JSON.stringify(asked) }),
  );
  return toObject((await token(url, { grant_type: "authorization_code", ...textFields(code.json) })).json);
}

/** A token call with its fields in an urlencoded body. */
export async function token(url: string, fields: Record<string, string>): Promise<RawAnswer> {
  return toRawAnswer(await fetch(`${url}/oauth/v2/token`, { method: "POST", body: new URLSearchParams(fields) }));
}

/** The text members of a JSON object. */
export function textFields(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(toObject(value)).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** What lies at a path within JSON; undefined where the path ends early. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, step) => {
    if (Array.isArray(inner)) return typeof step === "number" ? inner[step] : undefined;
    return toObject(inner)[step];
  }, value);
}

/** The array `member` of an answer. */
export function itemsOf(answer: RawAnswer, member: string): readonly unknown[] {
  const items = at(answer.json, member);
  assert.ok(Array.isArray(items), `${answer.status} ${answer.text}`);
  return items;
}

function toObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function isJson(response: Response): boolean {
  return (response.headers.get("content-type") ?? "").startsWith("application/json");
}
