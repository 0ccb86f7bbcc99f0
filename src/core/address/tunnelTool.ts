import type { Problem } from "../../base/problem.ts";

/** The programs that this extension knows to lead a public address to this machine. */
export const toolIds = ["cloudflared", "ngrok", "devtunnel", "tailscale"] as const;
export type ToolId = (typeof toolIds)[number];

/** What a line of a tool's output tells. */
export type ToolSign =
  /** The address under which the outside now reaches us, without trailing slash. */
  | { readonly kind: "address"; readonly url: string }
  /** It will come to nothing; the tool may go on running all the same. */
  | { readonly kind: "failed"; readonly problem: Problem };

/** What is known of a tool: how it is started, and what its words mean. */
export interface TunnelTool {
  readonly id: ToolId;
  /** The arguments that lead the tool's public address to `target`, such as `http://127.0.0.1:4321`. */
  readonly args: (target: string) => readonly string[];
  /** What the line means, for the lines that mean something. */
  readonly read: (line: string) => ToolSign | undefined;
}

export function addressSign(url: string): ToolSign {
  return { kind: "address", url: url.replace(/\/+$/, "") };
}

/** Why a tool gave no address. The code is the same for all tools, so that it can be recognised. */
export type ToolFailure =
  "not-signed-in" | "not-enabled" | "limit" | "in-use" | "not-running" | "not-allowed" | "outdated" | "service";

export function failureSign(tool: ToolId, failure: ToolFailure, message: string): ToolSign {
  // What the service did may pass; all else waits for the person.
  const remedy = failure === "service" ? "retry" : "get-address";
  return { kind: "failed", problem: { code: `${tool}: ${failure}`, message, remedy } };
}

/** The first of the patterns that the line matches decides; each comes with the failure and the sentence for people. */
export type FailurePatterns = readonly (readonly [RegExp, ToolFailure, () => string])[];

export function readFailure(tool: ToolId, line: string, patterns: FailurePatterns): ToolSign | undefined {
  const match = patterns.find(([pattern]) => pattern.test(line));
  return match === undefined ? undefined : failureSign(tool, match[1], match[2]());
}
