/**
 * An editor without its window, as a process that can be killed: the session and the history of the extension on one
 * channel. Its parent sends {@link EditorTask}, and hears the newest stored sequence after each batch.
 */
import * as v from "valibot";
import { systemClock } from "../../src/base/clock.ts";
import { silentLogger } from "../../src/base/logger.ts";
import { EventHistory } from "../../src/core/history/eventHistory.ts";
import { relayChannelSchema } from "../../src/core/relay/relayChannel.ts";
import { RelaySession } from "../../src/core/relay/relaySession.ts";

const taskSchema = v.object({ channel: relayChannelSchema, historyFile: v.string() });
export type EditorTask = v.InferOutput<typeof taskSchema>;

function follow({ channel, historyFile }: EditorTask): void {
  const history = EventHistory.open(historyFile, { clock: systemClock, logger: silentLogger });
  const sink = history.sinkFor(channel.relayUrl, channel.channel);
  const reporting = {
    ...sink,
    store: (events: Parameters<typeof sink.store>[0]) => {
      sink.store(events);
      process.send?.(sink.lastSequence());
    },
  };
  new RelaySession({
    channel,
    sink: reporting,
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
  }).start();
}

process.once("message", message => follow(v.parse(taskSchema, message)));
process.once("disconnect", () => process.exit());
