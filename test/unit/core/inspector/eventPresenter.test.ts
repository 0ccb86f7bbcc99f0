import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StoredEvent, StoredRecovery } from "../../../../src/core/events/storedEvent.ts";
import { detailBodyLimit, presentDetail } from "../../../../src/core/inspector/eventPresenter.ts";
import { presentRow } from "../../../../src/core/inspector/presentRow.ts";
import type { Verification } from "../../../../src/protocol/event.ts";
import { formatEventDocument } from "../../../../src/core/inspector/eventDocument.ts";
import { encodeRecoveredPayload } from "../../../../src/core/events/recoveredPayload.ts";
import { capturedPost, latinBody, notificationBody } from "../../../support/eventBodies.ts";

const receivedAt = 1_750_102_640_100;
const place = { id: 7, sequence: 3, receivedAt, storedAt: receivedAt + 30 };

function stored(payload: Uint8Array): StoredEvent {
  return { kind: "request", ...place, source: "delivered", payload };
}

function always(verification: Verification): { verify: () => Verification } {
  return { verify: () => verification };
}

describe("a notification in the inspector", () => {
  it("shows operation, module, records, changed fields and channel", () => {
    const row = presentRow(stored(capturedPost(notificationBody())), always("verified"));
    assert.deepEqual(row.content, {
      kind: "notification",
      operation: "edit",
      module: "Leads",
      recordIds: ["6756839000000575405"],
      changedFields: ["Phone"],
      channelId: "1105420521999070702",
      verification: "verified",
    });
    assert.equal(row.id, 7);
    assert.equal(row.receivedAt, receivedAt);
    assert.equal(row.bytes, notificationBody().length);
  });

  it("names a field once that changed in several records", () => {
    const body = notificationBody({
      ids: ["1", "2"],
      affected_fields: [{ "1": ["Phone", "Email"] }, { "2": ["Phone"] }],
      affected_values: [],
    });
    const { content } = presentRow(stored(capturedPost(body)), always("verified"));
    assert.deepEqual(content.kind === "notification" && content.changedFields, ["Phone", "Email"]);
  });

  it("is verified by the channel and token of its body", () => {
    const asked: unknown[] = [];
    const tokens = {
      verify: (...parts: unknown[]): Verification => {
        asked.push(parts);
        return "mismatch";
      },
    };
    presentRow(stored(capturedPost(notificationBody({ token: null }))), tokens);
    assert.deepEqual(asked, [["1105420521999070702", undefined]]);
  });

  it("says in a sentence that names the channel why it is or is not verified", () => {
    for (const verification of ["verified", "mismatch", "absent", "unknown"] as const) {
      const { explanation } = presentDetail(stored(capturedPost(notificationBody())), always(verification));
      assert.match(explanation, /channel 1105420521999070702.*\.$/);
    }
  });

  it("is one though a byte of it is not UTF-8, and names the part that has it", () => {
    const detail = presentDetail(stored(capturedPost(latinBody())), always("verified"));
    assert.ok(detail.row.content.kind === "notification");
    assert.deepEqual(detail.row.content.recordIds, ["6756839000000575405"]);
    assert.deepEqual(detail.row.content.unread, ["affected_values"]);
    assert.ok(detail.body.base64 !== undefined, "the bytes are shown as they came");
  });

  it("is shown with what can be read of it, and says which parts could not be read", () => {
    const odd = { operation: "restore", module: null, ids: ["1", "1", { id: "2" }], affected_fields: "Phone" };
    const detail = presentDetail(stored(capturedPost(notificationBody({ ...odd, token: 42 }))), always("verified"));
    assert.deepEqual(detail.row.content, {
      kind: "notification",
      operation: "restore",
      recordIds: ["1"],
      changedFields: ["Phone"],
      channelId: "1105420521999070702",
      verification: "verified",
      unread: ["affected_fields", "ids"],
    });
    assert.match(detail.explanation, /so the event came from that subscription\.$/);
    assert.match(
      detail.warning ?? "",
      /^Parts “affected_fields”, “ids” are missing or have a form that this version does not know; the rest was read\.$/,
    );
    const one = presentDetail(stored(capturedPost(notificationBody({ module: 5 }))), always("verified"));
    assert.match(one.warning ?? "", /^Part “module” is missing or has a form that this version does not know; /);
    assert.equal(presentDetail(stored(capturedPost(notificationBody())), always("verified")).warning, undefined);
  });

  it("that names no channel is held against no subscription", () => {
    const detail = presentDetail(stored(capturedPost(notificationBody({ channel_id: null }))), always("mismatch"));
    assert.equal(detail.row.content.kind === "notification" && detail.row.content.verification, "unknown");
    assert.match(
      detail.explanation,
      /^The event names no channel, so nothing proves that it came from a subscription\./,
    );
  });

  it("tells Zoho's time of the change", () => {
    const detail = presentDetail(stored(capturedPost(notificationBody())), always("verified"));
    assert.equal(detail.serverTime, 1_750_102_639_787);
    assert.equal(detail.sequence, 3);
  });
});

describe("another request in the inspector", () => {
  it("shows method, path and content type", () => {
    const request = { method: "PUT", path: "/hook", headers: [["content-TYPE", "text/plain"]] as const };
    const { content } = presentRow(stored(capturedPost("hello", request)), always("verified"));
    assert.deepEqual(content, {
      kind: "other",
      method: "PUT",
      path: "/hook",
      contentType: "text/plain",
      summary: "text",
    });
  });

  it("is what an empty body makes", () => {
    assert.equal(presentRow(stored(capturedPost("")), always("verified")).content.kind, "other");
  });

  it("keeps every header as it was sent", () => {
    const headers = [
      ["X-A", "1"],
      ["x-a", "2"],
    ] as const;
    const detail = presentDetail(stored(capturedPost("", { headers })), always("verified"));
    assert.deepEqual(detail.request.headers, headers);
  });
});

describe("a test event of Diagnose in the inspector", () => {
  const headers = [["X-Zoho-CRM-Notifications-Test", "a-marker"]] as const;

  it("is marked as one, and says in full what it is", () => {
    const detail = presentDetail(stored(capturedPost("{}", { headers })), always("verified"));
    assert.ok(detail.row.content.kind === "other" && detail.row.content.probe === true);
    assert.match(detail.explanation, /^This is a test event, not a change in the CRM/);
  });

  it("cannot be played to hide a notification", () => {
    const event = stored(capturedPost(notificationBody(), { headers }));
    assert.equal(presentRow(event, always("mismatch")).content.kind, "notification");
  });
});

describe("what the inspector cannot read", () => {
  it("is a broken notification, with a sentence that says so and the text as it came", () => {
    const body = notificationBody().slice(0, -20);
    const detail = presentDetail(stored(capturedPost(body)), always("verified"));
    assert.equal(detail.row.content.kind, "unreadable");
    assert.match(detail.explanation, /\.$/);
    assert.equal(detail.body.text, body);
  });

  it("is JSON by its header whose bytes are not text, shown as base64", () => {
    const bytes = Uint8Array.of(0x7b, 0xff, 0);
    const detail = presentDetail(stored(capturedPost(bytes)), always("verified"));
    assert.equal(detail.row.content.kind, "unreadable");
    assert.equal(detail.body.base64, Buffer.from(bytes).toString("base64"));
    assert.equal(detail.body.text, undefined);
  });

  it("is not a body of other bytes, which is a request like any other", () => {
    const image = capturedPost(Uint8Array.of(0xff, 0xd8), { headers: [["Content-Type", "image/jpeg"]] });
    assert.equal(presentRow(stored(image), always("verified")).content.kind, "other");
  });

  it("is a payload that is no captured request, shown byte for byte", () => {
    const detail = presentDetail(stored(Uint8Array.of(0xff, 1, 2)), always("verified"));
    assert.equal(detail.row.content.kind, "unreadable");
    assert.equal(detail.row.bytes, 3);
    assert.equal(detail.body.base64, Buffer.from([0xff, 1, 2]).toString("base64"));
  });
});

describe("a large body", () => {
  it("comes in part, cut between characters", () => {
    const detail = presentDetail(stored(capturedPost("é".repeat(detailBodyLimit) + "x")), always("verified"));
    assert.equal(detail.body.truncated, true);
    assert.equal(detail.body.text, "é".repeat(detailBodyLimit / 2));
    assert.equal(detail.row.bytes, 2 * detailBodyLimit + 1);
  });

  it("loses no more than the character that the cut goes through", () => {
    const detail = presentDetail(stored(capturedPost("x" + "é".repeat(detailBodyLimit))), always("verified"));
    assert.equal(detail.body.text, "x" + "é".repeat(detailBodyLimit / 2 - 1));
  });

  it("is whole up to the limit", () => {
    const detail = presentDetail(stored(capturedPost("x".repeat(detailBodyLimit))), always("verified"));
    assert.equal(detail.body.truncated, false);
    assert.equal(detail.body.text?.length, detailBodyLimit);
  });
});

describe("a gap in the inspector", () => {
  it("says how many events are gone and why", () => {
    const gap: StoredEvent = { kind: "gap", ...place, source: "gap", count: 12, reason: "retention" };
    const detail = presentDetail(gap, always("verified"));
    assert.deepEqual(detail.row.content, { kind: "gap", count: 12, reason: "retention" });
    assert.match(detail.explanation, /^12 events are gone: the relay no longer kept them/);
  });
});

describe("a sealed event that could not be opened", () => {
  it("says why in a sentence, and shows its bytes", () => {
    for (const [unreadable, words] of [
      ["no-key", /sealed to a key that this editor does not have/],
      ["damaged", /seal is broken/],
    ] as const) {
      const payload = Uint8Array.of(0xff, 0xfe, 1);
      const event: StoredEvent = { kind: "request", ...place, source: "delivered", payload, unreadable };
      const detail = presentDetail(event, always("verified"));
      assert.equal(detail.row.content.kind, "unreadable");
      assert.match(detail.explanation, words);
      assert.equal(detail.body.base64, Buffer.from(payload).toString("base64"));
    }
  });
});

describe("a recovered change in the inspector", () => {
  const recovered: StoredRecovery = {
    ...{ kind: "recovered", ...place, source: "recovered" },
    operation: "edit",
    recordId: "67",
    changedAt: receivedAt - 60_000,
    subject: { channelId: "1105420521999070702", module: "Leads" },
    payload: encodeRecoveredPayload({ changedBy: "Iris Vance", record: { id: "67", Phone: "555-1111" } }),
  };

  it("shows what happened to which record, when and by whom, and nothing of a sender", () => {
    assert.deepEqual(presentRow(recovered, always("verified")).content, {
      ...{ kind: "recovered", operation: "edit", module: "Leads", recordId: "67", channelId: "1105420521999070702" },
      ...{ changedAt: receivedAt - 60_000, changedBy: "Iris Vance" },
    });
  });

  it("has the record as it was read in the place of a body", () => {
    const { body, row } = presentDetail(recovered, always("verified"));
    assert.equal(body.text, '{\n  "id": "67",\n  "Phone": "555-1111"\n}');
    assert.equal(row.bytes, body.text.length);
  });

  it("says where it comes from, and what cannot be known", () => {
    const sentences = (["create", "edit", "delete"] as const).map(
      operation => presentDetail({ ...recovered, operation }, always("verified")).explanation,
    );
    for (const sentence of sentences)
      assert.match(sentence, /No delivery of channel \d+ told.*found in the CRM itself/);
    for (const sentence of sentences) assert.match(sentence, /cannot be known\.$/);
  });

  it("says of a deleted record what is known of its creation", () => {
    const explained = (origin: "within" | "before"): string =>
      presentDetail(
        { ...recovered, operation: "delete", payload: encodeRecoveredPayload({ origin, record: { id: "67" } }) },
        always("verified"),
      ).explanation;
    assert.match(explained("within"), /also been created in the time that was missed\.$/);
    assert.match(explained("before"), /created before the time that was missed\.$/);
  });

  it("reads as a document without a request", () => {
    const { language, text } = formatEventDocument(recovered, always("verified"));
    assert.equal(language, "jsonc");
    assert.match(text, /^\/\/ No delivery .*\n\/\/ Changed \S+Z by Iris Vance, found \S+Z\n\n\{\n {2}"id": "67"/);
  });

  it("is unreadable, and not empty, where its stored form is damaged", () => {
    const detail = presentDetail({ ...recovered, payload: Uint8Array.of(255) }, always("verified"));
    assert.equal(detail.row.content.kind, "unreadable");
    assert.equal(detail.body.base64, "/w==");
  });
});
