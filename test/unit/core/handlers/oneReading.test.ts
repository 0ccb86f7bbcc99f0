import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseNotification as readInHandler } from "../../../../media/scaffold/receiver/notification.ts";
import { parseNotification } from "../../../../src/zoho/notification.ts";
import { oddDelivery, usualDelivery } from "../../../support/oddDeliveries.ts";

/** What the inspector reads, in the form of the handler. */
function inEditor(body: string): unknown {
  const read = parseNotification(body);
  if (!read.ok) return "no notification";
  const { changes, recordIds, operation, channelId, module, token, serverTime, queryParams, unread } = read.value;
  const records = recordIds.map(recordId => {
    const change = changes.find(each => each.recordId === recordId);
    return { recordId, changedFields: change?.fields ?? [], values: change?.values };
  });
  return { records, operation, channelId, module, token, serverTime, queryParams, unread: unread.toSorted() };
}

function inHandler(body: string): unknown {
  try {
    const { operation, operationWord, unread, omitsRecords: _, ...others } = readInHandler(body);
    return { ...others, unread: unread.toSorted(), operation: operation === "other" ? operationWord : operation };
  } catch {
    return "no notification";
  }
}

describe("the handler and the inspector", () => {
  it("read the same from the same delivery, whatever its form", () => {
    fc.assert(
      fc.property(oddDelivery, body => {
        assert.deepEqual(inHandler(body), inEditor(body));
      }),
      { numRuns: 2_000 },
    );
  });

  it("take and refuse the same bodies", () => {
    const usual = JSON.stringify(usualDelivery);
    const digits = usual.replace('"token-of-the-test"', "9223372036854775807");
    for (const body of [usual, `\uFEFF${usual}`, digits, ` ${usual}\r\n`]) {
      assert.notEqual(inEditor(body), "no notification");
      assert.deepEqual(inHandler(body), inEditor(body));
    }
    for (const body of [`[${usual}]`, `data=${encodeURIComponent(usual)}`, "", "null", '{"ids":[],"operation":"x"}']) {
      assert.equal(inEditor(body), "no notification", body);
      assert.equal(inHandler(body), "no notification", body);
    }
  });

  it("read on beyond bytes that are not UTF-8, and name the members that have them", () => {
    const usual = JSON.stringify({ ...usualDelivery, resource_uri: "caf\u00e9" });
    const values = Buffer.from(usual.replace("555-1111", "Andr\u00e9"), "latin1").toString("utf8");
    assert.deepEqual(inHandler(values), inEditor(values));
    const read = parseNotification(values);
    assert.deepEqual(read.ok && [read.value.recordIds, read.value.unread], [usualDelivery.ids, ["affected_values"]]);
    const ids = Buffer.from(usual.replace(usualDelivery.token, "t\u00e9"), "latin1").toString("utf8");
    assert.deepEqual(inHandler(ids), inEditor(ids));
  });

  it("decide by the same names", () => {
    const source = (path: string): string =>
      /const marks = .*;/.exec(readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8"))?.[0] ?? path;
    assert.equal(source("src/zoho/notification.ts"), source("media/scaffold/receiver/notification.ts"));
  });
});
