import type { Answer } from "./answer.ts";
import type { SandboxRequest } from "./sandboxRequest.ts";

/** Values of the `:name` segments of the pattern that matched, percent-decoded. */
export type PathParameters = Readonly<Record<string, string>>;

export type Handler = (request: SandboxRequest, parameters: PathParameters) => Answer | Promise<Answer>;

export interface Route {
  readonly method: string;
  /** Segments between slashes; one that begins with a colon matches any text and names it. */
  readonly pattern: string;
  readonly handler: Handler;
}

/** A route's handler bound to the parameters of a path; `method` when the path is known but not with that method. */
export type RouteMatch =
  | { readonly kind: "found"; readonly handle: (request: SandboxRequest) => Promise<Answer> }
  | { readonly kind: "method" }
  | { readonly kind: "none" };

export function route(method: string, pattern: string, handler: Handler): Route {
  return { method, pattern, handler };
}

/** The first of `routes` for this method and path. A pattern without names goes before those that match any text. */
export function matchRoute(routes: readonly Route[], method: string, path: string): RouteMatch {
  const fitting = routes.flatMap(candidate => {
    const parameters = matchPattern(candidate.pattern, path);
    return parameters === undefined ? [] : [{ ...candidate, parameters }];
  });
  const exact = fitting.filter(({ pattern }) => !pattern.includes(":"));
  const eligible = exact.length > 0 ? exact : fitting;
  const found = eligible.find(candidate => candidate.method === method);
  if (found === undefined) return { kind: eligible.length > 0 ? "method" : "none" };
  return { kind: "found", handle: async request => found.handler(request, found.parameters) };
}

function matchPattern(pattern: string, path: string): PathParameters | undefined {
  const expected = pattern.split("/");
  const actual = path.split("/");
  if (expected.length !== actual.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of expected.entries()) {
    const text = decodeSegment(actual[index] ?? "");
    if (text === undefined) return undefined;
    if (segment.startsWith(":")) parameters[segment.slice(1)] = text;
    else if (segment !== text) return undefined;
  }
  return parameters;
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
