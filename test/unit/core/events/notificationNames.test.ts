import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contentOf } from "../../../../src/core/events/content.ts";
import { eventLabel } from "../../../../src/core/events/label.ts";
import { notificationNames } from "../../../../src/core/events/notificationNames.ts";
import { type ReadEvent, notificationOf } from "../../../../src/core/events/readEvent.ts";
import { factsOfPayload } from "../../../../src/core/history/eventFacts.ts";
import { capturedPost, notificationBody } from "../../../support/eventBodies.ts";
import { aReadRequest } from "./aStoredEvent.ts";

const ids = Array.from({ length: 5_000 }, (_each, index) => String(5_000_000_000 + index));
const body = notificationBody({
  ...{ ids, affected_values: [], module: "M".repeat(300), operation: "o".repeat(300), channel_id: "7".repeat(300) },
  affected_fields: ids.map(id => ({ [id]: [`Field${id}`, "Phone"] })),
});

function contentOfBody(text: string): ReturnType<typeof contentOf> {
  return contentOf(aReadRequest(text), "unknown");
}

describe("the names of a notification", () => {
  it("are a thousand of a kind at most, each once and of two hundred characters, with the count of the others", () => {
    const read: ReadEvent = aReadRequest(body);
    const names = notificationNames(notificationOf(read) ?? assert.fail());
    assert.deepEqual([names.records.names.length, names.records.more], [1_000, 4_000]);
    assert.deepEqual([names.fields.names.length, names.fields.more], [1_000, 4_001]);
    assert.deepEqual([names.module?.length, names.operation?.length, names.channelId?.length], [200, 200, 200]);
  });

  it("are what an event is found by, and the first hundred are what its row has, which says how many more there are", () => {
    const content = contentOfBody(body);
    assert.ok(content.kind === "notification");
    const facts = factsOfPayload({ payload: capturedPost(body) });
    assert.deepEqual(content.recordIds, facts.recordIds?.slice(0, 100));
    assert.deepEqual(content.changedFields, facts.fields?.slice(0, 100));
    assert.deepEqual([content.moreRecords, content.moreFields], [4_900, 4_901]);
    assert.deepEqual(
      [content.module, content.operation, content.channelId],
      [facts.module, facts.operation, facts.channelId],
    );
    assert.match(eventLabel(content), / \+4999$/);
  });

  it("are all there of a usual one, and nothing is said of more", () => {
    const content = contentOfBody(notificationBody());
    assert.deepEqual(Object.keys(content).toSorted(), [
      ...["changedFields", "channelId", "kind", "module", "operation", "recordIds", "verification"],
    ]);
  });
});
