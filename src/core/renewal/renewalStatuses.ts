import { assertNever } from "../../base/assertNever.ts";
import type { Channel } from "../subscriptions/channel.ts";
import type { SubscriptionsState } from "../subscriptions/channelList.ts";
import type { KeptChannel } from "./keptChannels.ts";
import { needsPerson } from "./renewalPlan.ts";
import type { RenewalMode, RenewalStatus } from "./renewalStatus.ts";

export interface StatusSources {
  readonly kept: readonly KeptChannel[];
  readonly ours: readonly Channel[];
  readonly mode: RenewalMode;
  /** The channels that are being renewed. */
  readonly running: ReadonlySet<string>;
  readonly isStopped: (channelId: string) => boolean;
}

/** The status of every channel of a connection that is known, by channel id. */
export function statusesOf(state: SubscriptionsState, sources: StatusSources): ReadonlyMap<string, RenewalStatus> {
  const kept = new Map(sources.kept.map(each => [each.channel.channelId, each]));
  const ours = new Set(sources.ours.map(({ channelId }) => channelId));
  const listed = state.kind === "loading" ? [] : state.channels.map(({ channelId }) => channelId);
  return new Map(
    [...new Set([...listed, ...ours])].map((channelId): [string, RenewalStatus] => {
      const known = kept.get(channelId);
      if (known !== undefined) return [channelId, keptStatus(known, sources)];
      if (!ours.has(channelId)) return [channelId, { kind: "not-ours" }];
      return [channelId, { kind: sources.isStopped(channelId) ? "stopped" : "long-over" }];
    }),
  );
}

function keptStatus(kept: KeptChannel, { mode, running }: StatusSources): RenewalStatus {
  if (running.has(kept.channel.channelId)) return { kind: "renewing" };
  switch (mode) {
    case "off":
      return { kind: "off" };
    case "ask":
      return { kind: "ask", askAt: Math.max(kept.plan.dueAt, kept.record.askAgainAt ?? -Infinity) };
    case "on":
      return automatic(kept);
    default:
      return assertNever(mode);
  }
}

function automatic({ plan, record: { problem, renewedAt } }: KeptChannel): RenewalStatus {
  const nextAttemptAt = plan.dueAt;
  if (problem !== undefined && needsPerson(problem.kind)) return { kind: "cannot", problem, nextAttemptAt };
  return {
    kind: "planned",
    nextAttemptAt,
    ...(renewedAt === undefined ? {} : { renewedAt }),
    ...(problem === undefined ? {} : { lastProblem: problem }),
  };
}
