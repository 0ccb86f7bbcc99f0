import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { day, hour, minute, second } from "../../../src/base/clock.ts";
import { reportSentence } from "../../../src/core/recovery/reportText.ts";
import { errorOf, valueOf } from "../../unit/zoho/scriptedTransport.ts";
import { control } from "../zoho/editorWindow.ts";
import {
  nextReport,
  openRecoveryWindow,
  recoveredRows,
  recoveredWords,
  recreate,
  requestFor,
  sinkOf,
  words,
} from "./recoveryWindow.ts";

describe("a channel that expired and is made again", () => {
  it("has what was created, edited and deleted meanwhile recovered, and nothing that was delivered", async test => {
    const window = await openRecoveryWindow(test);
    const { clock, sandbox, person, history } = window;
    const before = await person.create("Leads", 12);
    await person.edit("Leads", before.slice(0, 2), "555-0100");
    await sandbox.deliveriesSettled();
    const delivered = history.count();
    assert.ok(delivered > 0, "changes before the expiry were delivered");

    clock.jump(7 * day + hour);
    const created = await person.create("Leads", 5);
    clock.advance(minute);
    await person.edit("Leads", [...before.slice(0, 4), ...created.slice(0, 2)], "555-0101");
    clock.advance(minute);
    await person.delete("Leads", [...before.slice(4, 7), ...created.slice(4)]);
    await sandbox.deliveriesSettled();
    assert.equal(history.count(), delivered, "nothing was delivered meanwhile");
    clock.advance(minute);

    const report = await recreate(window);
    assert.equal(reportSentence(report), "Recovered 12 changes of Leads: 4 created, 4 edited, 4 deleted.");
    assert.deepEqual(
      recoveredWords(window),
      [
        ...words("create", created.slice(0, 4)),
        ...words("edit", before.slice(0, 4)),
        ...words("delete", [...before.slice(4, 7), ...created.slice(4)]),
      ].sort(),
    );

    clock.advance(minute);
    await person.edit("Leads", before.slice(0, 1), "555-0102");
    await sandbox.deliveriesSettled();
    assert.equal(history.count(), delivered + 12 + 1, "and from then on changes are delivered again");
  });

  it("has its changes recovered once, however often they are looked for", async test => {
    const window = await openRecoveryWindow(test);
    const { clock, person, recovery } = window;
    const from = clock.now();
    clock.jump(7 * day + hour);
    await person.create("Leads", 3);
    clock.advance(minute);
    await recreate(window);
    const again = valueOf(await recovery.recover(requestFor(window, from, clock.now())));
    assert.equal(reportSentence(again), "Nothing new was missed of Leads: 3 changes had been recovered before.");
    assert.equal(recoveredRows(window).length, 3);
    assert.equal(again.firstId, undefined);
  });

  it("has all of 450 created, 450 edited and 250 deleted records recovered, of two modules", async test => {
    const window = await openRecoveryWindow(test, ["Contacts", "Leads"]);
    const { clock, sandbox, person } = window;
    const leads = await person.create("Leads", 700);
    await sandbox.deliveriesSettled();
    clock.jump(8 * day);
    const contacts = await person.create("Contacts", 450);
    clock.advance(minute);
    await person.edit("Leads", leads.slice(0, 450), "555-0103");
    clock.advance(minute);
    await person.delete("Leads", leads.slice(450));
    clock.advance(minute);
    const report = await recreate(window);
    assert.equal(
      reportSentence(report),
      "Recovered 1,150 changes of Contacts and Leads: 450 created, 450 edited, 250 deleted.",
    );
    assert.deepEqual(
      recoveredWords(window),
      [
        ...words("create", contacts),
        ...words("edit", leads.slice(0, 450)),
        ...words("delete", leads.slice(450)),
      ].sort(),
    );
  });

  it("shows each recovered record with its fields, who changed it and when, by the CRM's clock", async test => {
    const window = await openRecoveryWindow(test);
    const { clock, person } = window;
    clock.jump(8 * day);
    const [lead] = await person.create("Leads", 1);
    const createdAt = clock.now();
    clock.advance(hour);
    await recreate(window);
    const [row] = recoveredRows(window);
    assert.deepEqual(
      [row?.operation, row?.recordId, row?.changedAt, row?.receivedAt, row?.subject],
      ["create", lead, createdAt, clock.now(), { channelId: window.channel.channelId, module: "Leads" }],
    );
    assert.match(Buffer.from(row?.payload ?? []).toString(), /"changedBy":"\w+ \w+".*"Last_Name":"Vance"/);
  });

  it("is found by the CRM's clock where that is ahead of this machine's", async test => {
    const window = await openRecoveryWindow(test);
    const { clock, sandbox, person } = window;
    sandbox.clock.advance(20 * minute);
    clock.jump(8 * day);
    const made = await person.create("Leads", 2);
    clock.advance(second);
    const report = valueOf(await window.recovery.recover(requestFor(window, clock.now() - hour, clock.now())));
    assert.deepEqual(recoveredWords(window), words("create", made).sort());
    assert.equal(report.window.to, sandbox.clock.now());
  });
});

describe("a gap that the relay announced", () => {
  it("has what was lost recovered, and what was delivered left out", async test => {
    const window = await openRecoveryWindow(test);
    const { clock, sandbox, person, inbox, history, automatic } = window;
    const before = await person.create("Leads", 4);
    await sandbox.deliveriesSettled();
    clock.advance(hour);
    inbox.loses = true;
    const lost = await person.create("Leads", 3);
    await person.delete("Leads", before.slice(0, 1));
    await sandbox.deliveriesSettled();
    inbox.loses = false;
    clock.advance(minute);

    const report = nextReport(automatic);
    const { promise: caughtUp, resolve } = Promise.withResolvers<undefined>();
    inbox.caughtUp = caughtUp;
    const sink = sinkOf(history);
    sink.recordGap({ from: sink.lastSequence() + 1, to: inbox.sequence, reason: "retention" });
    await person.edit("Leads", before.slice(1, 3), "555-0104");
    await sandbox.deliveriesSettled();
    resolve(undefined);
    assert.equal(reportSentence(await report), "Recovered 4 changes of Leads: 3 created, 1 deleted.");
    assert.deepEqual(recoveredWords(window), [...words("create", lost), ...words("delete", before.slice(0, 1))].sort());
  });

  it("is seen to by one window", async test => {
    const window = await openRecoveryWindow(test);
    const { clock, person, inbox, history, automatic, openAutomatic } = window;
    const other = openAutomatic();
    let reports = 0;
    for (const each of [automatic, other]) each.onDidFinish(() => reports++);
    inbox.loses = true;
    await person.create("Leads", 2);
    await window.sandbox.deliveriesSettled();
    clock.advance(minute);
    const first = Promise.race([nextReport(automatic), nextReport(other)]);
    sinkOf(history).recordGap({ from: 1, to: 2, reason: "retention" });
    await first;
    assert.equal(recoveredRows(window).length, 2);
    assert.equal(reports, 1);
  });
});

describe("looking for missed changes", () => {
  it("goes on with the other modules where one may not be read, and says so", async test => {
    const window = await openRecoveryWindow(test, ["Accounts", "Leads"]);
    const { clock, person, recovery, sandbox } = window;
    const from = clock.now();
    window.inbox.loses = true;
    await person.create("Leads", 1);
    await person.create("Accounts", 1);
    clock.advance(minute);
    await control(sandbox, "faults", { kind: "status", status: 403, path: "/crm/v8/Accounts", times: 10 });
    const report = valueOf(await recovery.recover(requestFor(window, from, clock.now())));
    assert.match(
      reportSentence(report),
      /^Recovered 1 change of Leads: 1 created\. Accounts could not be read: .*not allowed/,
    );
  });

  it("ends when it is cancelled, and adds nothing", async test => {
    const window = await openRecoveryWindow(test);
    const { clock, person, recovery } = window;
    const from = clock.now();
    window.inbox.loses = true;
    await person.create("Leads", 450);
    clock.advance(minute);
    const stop = new AbortController();
    const outcome = await recovery.recover(requestFor(window, from, clock.now()), {
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    assert.equal(errorOf(outcome).code, "CANCELLED");
    assert.equal(recoveredRows(window).length, 0);
  });

  it("is not done twice at once for one channel", async test => {
    const window = await openRecoveryWindow(test);
    const request = requestFor(window, window.clock.now() - hour, window.clock.now());
    const both = await Promise.all([window.recovery.recover(request), window.recovery.recover(request)]);
    assert.deepEqual(
      both.map(outcome => (outcome.ok ? "done" : outcome.error.code)),
      ["done", "RECOVERY_UNDER_WAY"],
    );
    valueOf(await window.recovery.recover(request));
  });
});
