import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { minute, second } from "../../../../src/base/clock.ts";
import {
  type ModuleReport,
  type RecoveryReport,
  noChanges,
  recoveredCount,
} from "../../../../src/core/recovery/recoveryReport.ts";
import { limitsOfRecovery, reportDocument, reportSentence } from "../../../../src/core/recovery/reportText.ts";
import { inCrmTime } from "../../../../src/core/recovery/requestedTime.ts";
import { watchedModules } from "../../../../src/core/recovery/watched.ts";
import type { Subscription } from "../../../../src/zoho/subscription.ts";

function aModule(module: string, changes: Partial<ModuleReport> = {}): ModuleReport {
  return { module, recovered: noChanges, known: 0, complete: true, hasCondition: false, ...changes };
}

function report(...modules: ModuleReport[]): RecoveryReport {
  return { connectionId: "c", channelId: "1105420521999070702", window: { from: 0, to: minute }, modules };
}

const denied = { code: "NO_PERMISSION", message: "You may not.", remedy: "none" } as const;

describe("the report of a recovery", () => {
  it("counts what is new by what happened", () => {
    const made = report(aModule("Leads", { recovered: { create: 5, edit: 6, delete: 1 } }));
    assert.equal(reportSentence(made), "Recovered 12 changes of Leads: 5 created, 6 edited, 1 deleted.");
    assert.equal(recoveredCount(made), 12);
  });

  it("sums modules up, and leaves out what did not happen", () => {
    const made = report(
      aModule("Contacts", { recovered: { ...noChanges, delete: 1 } }),
      aModule("Deals"),
      aModule("Leads", { recovered: { ...noChanges, delete: 1_200 } }),
    );
    assert.equal(reportSentence(made), "Recovered 1,201 changes of Contacts, Deals and Leads: 1,201 deleted.");
    const one = report(aModule("Leads", { recovered: { ...noChanges, edit: 1 } }));
    assert.equal(reportSentence(one), "Recovered 1 change of Leads: 1 edited.");
  });

  it("tells nothing missed from nothing new", () => {
    assert.match(reportSentence(report(aModule("Leads"))), /^Nothing was missed of Leads: .* not delivered\.$/);
    assert.equal(
      reportSentence(report(aModule("Leads", { known: 3 }))),
      "Nothing new was missed of Leads: 3 changes had been recovered before.",
    );
    assert.equal(
      reportSentence(report(aModule("Leads", { known: 1 }))),
      "Nothing new was missed of Leads: 1 change had been recovered before.",
    );
  });

  it("says what was left out and what could not be read", () => {
    const made = report(
      aModule("Deals", { recovered: { ...noChanges, edit: 2 }, complete: false }),
      aModule("Leads", { problem: denied }),
    );
    assert.equal(
      reportSentence(made),
      "Recovered 2 changes of Deals: 2 edited. There were more changes of Deals than are read at once: some are left " +
        "out. Leads could not be read: You may not.",
    );
  });

  it("says in plain words what cannot be recovered, of conditions only where there are some", () => {
    const limits = limitsOfRecovery(report(aModule("Leads"))).join("\n");
    for (const word of ["in between", "Merges", "edited again", "may not see", "recycle bin"]) {
      assert.match(limits, new RegExp(word));
    }
    assert.doesNotMatch(limits, /condition/);
    assert.match(
      limitsOfRecovery(report(aModule("Leads", { hasCondition: true }))).join(),
      /edits of Leads met.*condition/,
    );
  });

  it("has a row for each module as a document", () => {
    const read = aModule("Leads", { recovered: { create: 1, edit: 2, delete: 3 }, known: 4 });
    const made = report(read, aModule("Deals", { problem: denied }));
    const lines = reportDocument(made).split("\n");
    assert.deepEqual(lines.slice(0, 13), [
      "# Changes that were missed",
      "",
      reportSentence(made),
      "",
      "Channel 1105420521999070702, from 1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z by the CRM's clock.",
      "",
      "| Module | Created | Edited | Deleted | Recovered before | Problem |",
      "| --- | ---: | ---: | ---: | ---: | --- |",
      "| Leads | 1 | 2 | 3 | 4 |  |",
      "| Deals | 0 | 0 | 0 | 0 | You may not. |",
      "",
      "## What cannot be recovered",
      "",
    ]);
    assert.deepEqual(lines.slice(13), [...limitsOfRecovery(made).map(limit => `- ${limit}`), ""]);
  });
});

describe("what is looked through", () => {
  const asked = { from: 100 * second, to: 200 * second };

  it("ends by the CRM's clock, and begins by the one that is earlier, less what rounding may hide", () => {
    assert.deepEqual(inCrmTime(asked, 30 * second), { from: 98 * second, to: 230 * second });
    assert.deepEqual(inCrmTime(asked, -30 * second), { from: 68 * second, to: 170 * second });
    assert.deepEqual(inCrmTime(asked, 0), { from: 98 * second, to: 200 * second });
  });

  it("is what the channel watches, with all as all three", () => {
    const subscription: Subscription = {
      channelId: "1",
      module: "Leads",
      events: ["Leads.all"],
      expiresAt: 0,
      notifyUrl: "",
      notifyOnRelatedAction: false,
      returnAffectedFieldValues: false,
    };
    const deals = { ...subscription, module: "Deals", events: ["Deals.edit"], notificationCondition: [{}] };
    assert.deepEqual(watchedModules([subscription, deals]), [
      { module: "Leads", operations: ["create", "edit", "delete"], hasCondition: false },
      { module: "Deals", operations: ["edit"], hasCondition: true },
    ]);
  });
});
