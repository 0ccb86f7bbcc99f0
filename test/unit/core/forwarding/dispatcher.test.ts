import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { second } from "../../../../src/base/clock.ts";
import { Dispatcher, type SendJob } from "../../../../src/core/forwarding/dispatcher.ts";
import type { ForwardedEvent } from "../../../../src/core/forwarding/forwardedEvent.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { RecordingLogger } from "../connections/recordingLogger.ts";
import { aForwardedEvent } from "./aForwardedEvent.ts";
import { PlayedHandler, settled } from "./playedHandler.ts";

const job: SendJob = {
  ...{ eventId: 1, target: "http://localhost:3000", origin: "rule", tried: 0, lanes: ["record"] },
  policy: { tries: 3, backoff: { first: second, longest: second }, after: "passing" },
};

/** A dispatcher, and what it wrote down. */
function setUp(load: (id: number) => ForwardedEvent | undefined = id => aForwardedEvent({}, id)) {
  const handler = new PlayedHandler();
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const written: string[] = [];
  const dispatcher = new Dispatcher({
    ...{ sender: handler, load, clock, logger, random: () => 1 },
    records: {
      attemptsOf: () => 0,
      begin: id => written.push(`begin ${id}`),
      finish: (_, { kind }) => written.push(kind),
      abandon: id => written.push(`abandon ${id}`),
      set: (id, { state, problem = "" }) => written.push(`${id} ${state} ${problem}`.trim()),
      setState: () => assert.fail("whoever hands events in does that"),
    },
  });
  return { handler, clock, logger, written, dispatcher };
}

describe("sending that is cut off with its window", () => {
  it("ends without a word of how the event stands, under way or waiting, and is written down as given up", async () => {
    const { handler, clock, written, dispatcher } = setUp();
    const sendings = [1, 2].map(eventId => dispatcher.submit({ ...job, eventId }));
    await settled();
    written.length = 0;
    dispatcher.dispose();
    assert.deepEqual(await Promise.all(sendings.map(async ({ done }) => done)), [undefined, undefined]);
    assert.deepEqual(handler.under, []);
    assert.deepEqual([handler.arrivals.length, clock.pending], [1, 0]);
    assert.deepEqual(written, ["abandon 1", "abandon 2"]);
  });

  it("tries no more where it waited for its next try", async () => {
    const { handler, clock, dispatcher } = setUp();
    const { done } = dispatcher.submit(job);
    await settled();
    await handler.answer(503);
    dispatcher.dispose();
    assert.equal(await done, undefined);
    clock.advance(10 * second);
    await settled();
    assert.equal(handler.arrivals.length, 1);
  });
});

describe("an event that cannot be sent", () => {
  it("leaves no word where it is not kept any more, and lets the next one go", async () => {
    const { handler, dispatcher } = setUp(id => (id === 1 ? undefined : aForwardedEvent({}, id)));
    const gone = dispatcher.submit(job);
    dispatcher.submit({ ...job, eventId: 2 });
    assert.equal(await gone.done, undefined);
    await settled();
    assert.deepEqual(handler.under, [2]);
  });

  it("has failed where it cannot be read, which the log explains, and lets the next one go", async () => {
    const { handler, logger, written, dispatcher } = setUp(id =>
      id === 1 ? assert.fail("database is locked") : aForwardedEvent({}, id),
    );
    const unread = dispatcher.submit(job);
    dispatcher.submit({ ...job, eventId: 2 });
    assert.equal((await unread.done)?.state, "failed");
    await settled();
    assert.deepEqual(handler.under, [2]);
    assert.match(written.find(line => line.startsWith("1 failed")) ?? "", /1 failed ./);
    assert.match(logger.lines[0] ?? "", /event 1: .*database is locked/);
  });
});
