/**
 * A window's forwarding as a process that can be killed. Its parent sends {@link ForwardingTask}; the events of that are
 * stored as if a relay had delivered them, and sent on.
 */
import { join } from "node:path";
import * as v from "valibot";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { toDisposable } from "../../src/base/lifecycle.ts";
import { silentLogger } from "../../src/base/logger.ts";
import type { ForwardRule } from "../../src/core/forwarding/forwardRule.ts";
import { Forwarding } from "../../src/core/forwarding/forwarding.ts";
import { EventHistory } from "../../src/core/history/eventHistory.ts";
import { TokenBook } from "../../src/core/events/tokenBook.ts";
import { Claims } from "../../src/core/windows/claims.ts";
import { SharedNotes } from "../../src/core/windows/keeper.ts";
import { openSharedDatabase } from "../../src/core/windows/sharedDatabase.ts";
import { capturedPost, notificationBody } from "./eventBodies.ts";

const taskSchema = v.object({ folder: v.string(), url: v.string(), records: v.array(v.string()) });
export type ForwardingTask = v.InferOutput<typeof taskSchema>;

/** Forwards what is in a folder to a handler, as one window does that is live. */
export function openForwarding(
  folder: string,
  url: string,
  clock: Clock,
  rules: readonly ForwardRule[] = [{ url, enabled: true, wrongToken: false }],
): { readonly history: EventHistory; readonly sendHeld: () => void; readonly close: () => void } {
  const history = EventHistory.open(join(folder, "events.sqlite"), { clock, logger: silentLogger });
  const shared = openSharedDatabase(join(folder, "windows.sqlite"), silentLogger);
  const never = (): ReturnType<typeof toDisposable> => toDisposable(() => undefined);
  const forwarding = new Forwarding({
    history,
    relay: { state: { kind: "live" }, onDidChangeState: never },
    tokens: new TokenBook(),
    claims: new Claims(shared.database, clock),
    notes: new SharedNotes(shared.database),
    settings: {
      rules: () => rules,
      allowedHosts: () => [],
      timeout: () => 30_000,
      retries: () => ({ tries: 3, backoff: { first: 10, longest: 100 }, after: "passing" }),
    },
    onDidChangeRules: never,
    clock,
    random: Math.random,
    logger: silentLogger,
  });
  const close = (): void => {
    forwarding.dispose();
    shared.dispose();
    history.close();
  };
  return { history, sendHeld: () => void forwarding.forwarder.sendHeld(), close };
}

function run({ folder, url, records }: ForwardingTask): void {
  const { history } = openForwarding(folder, url, systemClock);
  history.sinkFor("https://relay.example.com", "channel").store(
    records.map((record, index) => ({
      sequence: index + 1,
      receivedAt: Date.now(),
      payload: capturedPost(notificationBody({ ids: [record], server_time: index })),
    })),
  );
}

if (process.send !== undefined && import.meta.main) {
  process.once("message", message => run(v.parse(taskSchema, message)));
  process.once("disconnect", () => process.exit());
}
