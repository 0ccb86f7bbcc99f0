import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { EventHistory } from "../../../src/core/history/eventHistory.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { type ForwardingTask, openForwarding } from "../../support/forwardingProcess.ts";
import { type RawRequest, answer, startHandler } from "../../support/handlerServer.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const script = fileURLToPath(new URL("../../support/forwardingProcess.ts", import.meta.url));

/** More than a window keeps a rule to itself without a sign of life, and less than an absence. */
const takenOverAfter = 30_000;

describe("a window that is killed while it forwards", () => {
  it("is followed by one that sends the rest in order, and holds what the handler may have had", async test => {
    const folder = temporaryFolder(test);
    const records = Array.from({ length: 40 }, (_, index) => String(1 + (index % 3)));
    const killAfter = 10;
    let isKilled = false;
    const handler = await startHandler(test, () =>
      // From then on the first window's requests stay open, until it is killed with them under way.
      isKilled || handler.requests.length <= killAfter ? answer(200) : undefined,
    );
    const child = fork(script);
    test.after(() => child.kill("SIGKILL"));
    child.send({ folder, url: handler.url, records } satisfies ForwardingTask);
    await handler.received(killAfter + 1);
    child.kill("SIGKILL");
    await once(child, "exit");
    isKilled = true;
    const before = handler.requests.length;

    const clock = new FakeClock(Date.now() + takenOverAfter);
    const next = openForwarding(folder, handler.url, clock);
    test.after(() => next.close());
    // It looks for so long whether the other lives.
    for (let look = 0; look < 5; look++) clock.advance(2_000);
    await whenSo(next.history, () => next.history.inState("held").length > 0);
    const unsure = next.history.inState("held");
    assert.ok(unsure.length > 0, "the handler may have had some");
    next.sendHeld();
    await whenAnswered(next.history, records.length);

    const came = handler.requests.map(eventOf);
    assert.deepEqual(new Set(came), new Set(records.map((_, index) => String(index + 1))), "every event came");
    const twice = came.filter((event, index) => came.indexOf(event) !== index);
    for (const event of twice) assert.ok(unsure.includes(Number(event)), `event ${event} came twice by itself`);
    for (const record of ["1", "2", "3"]) {
      const order = [...new Set(came)].filter(event => records[Number(event) - 1] === record).map(Number);
      assert.deepEqual(
        order,
        order.toSorted((one, other) => one - other),
        `record ${record} came in order`,
      );
    }
    for (const request of handler.requests.slice(before)) {
      if (came.slice(0, before).includes(eventOf(request))) assert.equal(headerOf(request, "attempt"), "2");
    }
  });
});

async function whenAnswered(history: EventHistory, count: number): Promise<void> {
  await whenSo(history, () => history.inState("answered").length === count);
}

async function whenSo(history: EventHistory, isSo: () => boolean): Promise<void> {
  await new Promise<void>(resolve => {
    const check = (): void => {
      if (isSo()) resolve();
    };
    history.onDidUpdate(check);
    check();
  });
}

function eventOf(request: RawRequest): string {
  return headerOf(request, "event");
}

function headerOf({ headers }: RawRequest, mark: string): string {
  const name = `x-zoho-crm-notifications-${mark}:`;
  return (
    headers
      .find(line => line.toLowerCase().startsWith(name))
      ?.slice(name.length)
      .trim() ?? ""
  );
}
