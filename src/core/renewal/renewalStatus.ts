import type { Problem } from "../../base/problem.ts";

/** What is done about a connection's channels: renewed by themselves, after asking, or not. */
export type RenewalMode = "on" | "ask" | "off";

export const renewalModes: readonly RenewalMode[] = ["on", "ask", "off"];

/** How it stands with keeping one channel alive. Instants are milliseconds since 1970. */
export type RenewalStatus =
  /** Somebody else's: it is left alone unless the person adopts it. */
  | { readonly kind: "not-ours" }
  /** The person wants this one to end. */
  | { readonly kind: "stopped" }
  /** It ended so long ago that nobody seems to have missed it: made again by hand only. */
  | { readonly kind: "long-over" }
  /** The connection's mode is off. */
  | { readonly kind: "off" }
  /** The connection's mode is ask: the question comes, or came, at `askAt`. */
  | { readonly kind: "ask"; readonly askAt: number }
  | {
      readonly kind: "planned";
      readonly nextAttemptAt: number;
      readonly renewedAt?: number;
      readonly lastProblem?: Problem;
    }
  | { readonly kind: "renewing" }
  /** It will go on trying, but without the person it will not succeed. `problem` says what to do. */
  | { readonly kind: "cannot"; readonly problem: Problem; readonly nextAttemptAt: number };

/** Some channels of one connection. */
export interface ChannelsOf {
  readonly connectionId: string;
  readonly channelIds: readonly string[];
}

/** Channels that cannot be kept alive, and why. */
export interface RenewalTrouble extends ChannelsOf {
  readonly problem: Problem;
}
