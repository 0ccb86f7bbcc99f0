import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { it } from "node:test";
import { silentLogger } from "../../../src/base/logger.ts";
import { EventHistory } from "../../../src/core/history/eventHistory.ts";
import { capturedPost, notificationBody } from "../../support/eventBodies.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { toFormerOutbox } from "../../support/formerHistory.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const rule = JSON.stringify([null, null, null, "http://localhost:3000"]);

it("takes over what an earlier version had queued, and holds what that may have sent", test => {
  const file = join(temporaryFolder(test), "events.sqlite");
  const clock = new FakeClock();
  const open = (): EventHistory => {
    const history = EventHistory.open(file, { clock, logger: silentLogger });
    test.after(() => history.close());
    return history;
  };
  const before = open();
  before.sinkFor("https://relay.example.com", "channel").store(
    [1, 2, 3, 4, 5].map(sequence => ({
      ...{ sequence, receivedAt: clock.now() },
      payload: capturedPost(notificationBody({ ids: ["7"], server_time: sequence })),
    })),
  );
  before.close();
  const database = new DatabaseSync(file);
  toFormerOutbox(database, 3);
  database.exec(`
    INSERT INTO forward_job (event, owner, held, tries) VALUES
      (1, '${rule}', 0, 1), (2, '${rule}', 1, 0), (3, '${rule}', 2, 0), (4, '${rule}', 0, 0), (5, 'replay:gone', 0, 1);
    UPDATE event SET handling = CASE id WHEN 1 THEN 'sending' WHEN 2 THEN 'held' WHEN 5 THEN 'sending' ELSE 'queued' END`);
  database.close();

  const after = open();
  const { outbox } = after;
  assert.equal(after.notice, undefined);
  assert.deepEqual(
    [1, 2, 3, 4, 5].map(id => after.get(id)?.handling?.state),
    ["held", "held", "queued", "queued", "stopped"],
  );
  const window = { window: "window:1", owners: [rule], now: clock.now() };
  assert.deepEqual(outbox.held([rule]), [1, 2]);
  assert.deepEqual(outbox.claim(window, 8), []);
  assert.equal(outbox.callOff([1, 2], [rule]), 2);
  assert.deepEqual(
    outbox.claim(window, 8).map(({ eventId, target }) => [eventId, target]),
    [[3, "http://localhost:3000"]],
  );
  assert.deepEqual(outbox.of(rule), [3, 4]);
});
