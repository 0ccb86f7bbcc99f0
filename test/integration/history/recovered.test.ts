import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, describe, it } from "node:test";
import { silentLogger } from "../../../src/base/logger.ts";
import { type NameTerm, byName } from "../../../src/core/filter/eventFilter.ts";
import { EventHistory } from "../../../src/core/history/eventHistory.ts";
import type { Recovery } from "../../../src/core/history/recoveredLog.ts";
import { decodeRecoveredPayload } from "../../../src/core/events/recoveredPayload.ts";
import type { StoredEvent } from "../../../src/core/events/storedEvent.ts";
import { capturedPost, notificationBody } from "../../support/eventBodies.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const channelId = "1105420521999070702";
const changedAt = Date.UTC(2026, 0, 3);

function aRecovery(recordId: string, changes: Partial<Recovery> = {}): Recovery {
  const payload = { changedBy: "Iris Vance", record: { id: recordId, Amount: "9007199254740993" } };
  return { channelId, module: "Leads", operation: "edit", recordId, changedAt, payload, ...changes };
}

function open(test: TestContext, file: string, maxEvents = 100): { history: EventHistory; heard: StoredEvent[] } {
  const history = EventHistory.open(file, { clock: new FakeClock(), logger: silentLogger, maxEvents });
  const heard: StoredEvent[] = [];
  history.onDidAppend(events => heard.push(...events));
  test.after(() => history.close());
  return { history, heard };
}

function newFile(test: TestContext): string {
  return `${temporaryFolder(test)}/events.sqlite`;
}

describe("what is recovered, in the history", () => {
  it("is kept with all that is known of it, in the order given, and heard of", test => {
    const file = newFile(test);
    const { history, heard } = open(test, file);
    assert.deepEqual(history.recover("c", [aRecovery("2"), aRecovery("1", { operation: "delete" })]), [1, 2]);
    const [first, second] = open(test, file).history.select().page(0, 10);
    assert.ok(first?.kind === "recovered" && second?.kind === "recovered");
    const { payload, ...facts } = first;
    assert.deepEqual(facts, {
      ...{ kind: "recovered", id: 1, sequence: 1, source: "recovered" },
      ...{ receivedAt: new FakeClock().now(), storedAt: new FakeClock().now() },
      ...{ operation: "edit", recordId: "2", changedAt, subject: { channelId, module: "Leads" } },
    });
    assert.deepEqual(decodeRecoveredPayload(payload), aRecovery("2").payload);
    assert.deepEqual([second.operation, second.sequence], ["delete", 2]);
    assert.deepEqual(
      heard.map(({ id }) => id),
      [1, 2],
    );
  });

  it("is there once for the same change, and again for another of the same record", test => {
    const { history } = open(test, newFile(test));
    history.recover("c", [aRecovery("1")]);
    const later = changedAt + 1_000;
    const ids = history.recover("c", [aRecovery("1"), aRecovery("1", { changedAt: later }), aRecovery("2")]);
    assert.deepEqual(ids, [undefined, 2, 3]);
    assert.equal(history.count(), 3);
  });

  it("shows in the list of its channel and module, between what was delivered", test => {
    const { history } = open(test, newFile(test));
    const sink = history.sinkFor("https://relay.example.com", "channel");
    sink.store([{ sequence: 1, receivedAt: 1, payload: capturedPost(notificationBody()) }]);
    history.recover("c", [aRecovery("1"), aRecovery("1", { module: "Deals" }), aRecovery("1", { channelId: "7" })]);
    sink.store([{ sequence: 2, receivedAt: 2, payload: capturedPost(notificationBody()) }]);
    const kinds = (...filter: NameTerm[]): string[] =>
      history
        .select(filter)
        .page(0, 10)
        .map(({ kind }) => kind);
    const ofChannel = byName("channel", channelId);
    assert.deepEqual(kinds(ofChannel, byName("module", "Leads")), ["request", "recovered", "request"]);
    assert.deepEqual(kinds(ofChannel), ["request", "recovered", "recovered", "request"]);
    assert.equal(history.select([ofChannel]).offsetOf(4), undefined);
    assert.equal(history.select([ofChannel]).offsetOf(3), 2);
    assert.equal(sink.lastSequence(), 2);
  });

  it("goes with the oldest, and with the rest when all is cleared; then it can be found again", test => {
    const { history } = open(test, newFile(test), 20);
    history.recover(
      "c",
      Array.from({ length: 21 }, (_, index) => aRecovery(String(index))),
    );
    assert.equal(history.count(), 19);
    history.clear();
    assert.equal(history.count(), 0);
    assert.equal(history.recover("c", [aRecovery("1")]).length, 1);
    assert.equal(history.count(), 1);
  });

  it("is passed over by a window whose payload is damaged, as an entry that cannot be read", test => {
    const file = newFile(test);
    open(test, file).history.recover("c", [aRecovery("1")]);
    const database = new DatabaseSync(file);
    database.exec("UPDATE payload SET bytes = x'ff'");
    database.close();
    const [entry] = open(test, file).history.select().page(0, 1);
    assert.ok(entry?.kind === "recovered");
    assert.equal(decodeRecoveredPayload(entry.payload), undefined);
  });
});

describe("what the history has forgotten", () => {
  it("is nothing at first, and then everything up to the last clearing or the newest entry beyond retention", test => {
    const { history } = open(test, newFile(test), 20);
    assert.equal(history.forgottenUntil(), 0);
    const sink = history.sinkFor("https://relay.example.com", "channel");
    sink.store(
      Array.from({ length: 21 }, (_, index) => ({
        sequence: index + 1,
        receivedAt: 1_000 + index,
        payload: capturedPost(notificationBody()),
      })),
    );
    assert.equal(history.forgottenUntil(), 1_001);
    history.clear();
    assert.equal(history.forgottenUntil(), new FakeClock().now());
  });
});
