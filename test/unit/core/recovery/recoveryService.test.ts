import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hour, minute, second } from "../../../../src/base/clock.ts";
import { type Result, fail, succeed } from "../../../../src/base/result.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import type { Recovery } from "../../../../src/core/history/recoveredLog.ts";
import {
  type RecoveryHistory,
  type RecoveryRequest,
  RecoveryService,
  type RecoveryServiceOptions,
} from "../../../../src/core/recovery/recoveryService.ts";
import { inCrmTime } from "../../../../src/core/recovery/requestedTime.ts";
import type { WatchedModule } from "../../../../src/core/recovery/watched.ts";
import { TokenBook } from "../../../../src/core/events/tokenBook.ts";
import type { FieldInfo } from "../../../../src/zoho/fieldInfo.ts";
import type { ZohoProblem } from "../../../../src/zoho/problem.ts";
import type {
  DeletedRecord,
  ModifiedRecordsOptions,
  RecordList,
  RecordListOptions,
  RecordRead,
} from "../../../../src/zoho/records.ts";
import { capturedPost, notificationBody } from "../../../support/eventBodies.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { errorOf, valueOf } from "../../zoho/scriptedTransport.ts";
import { PlayedDeliveries } from "./playedDeliveries.ts";

const from = Date.UTC(2026, 0, 5, 8);
const to = from + 10 * minute;
const leads: WatchedModule = { module: "Leads", operations: ["create", "edit", "delete"], hasCondition: false };
const deals: WatchedModule = { ...leads, module: "Deals", hasCondition: true };
const request: RecoveryRequest = { connectionId: "c", channelId: "1", watched: [leads], from, to };

const scope: ZohoProblem = { kind: "scope", code: "OAUTH_SCOPE_MISMATCH", message: "No.", remedy: "sign-in" };

type Api = ReturnType<RecoveryServiceOptions["clients"]["for"]>;

/** A CRM whose records the test plays, and a history that remembers what it was given. */
class RecoveryWorld implements RecoveryHistory, Api {
  readonly clock = new FakeClock(to);
  readonly deliveries = new PlayedDeliveries();
  readonly tokens = new TokenBook();
  readonly calls: string[] = [];
  readonly since: number[] = [];
  readonly fieldsAsked: (readonly string[])[] = [];
  readonly claims: string[] = [];
  readonly recovered: Recovery[] = [];
  /** What the history has already. */
  readonly known = new Set<string>();
  modified: readonly RecordRead[] = [];
  deleted: readonly DeletedRecord[] = [];
  fieldList: readonly FieldInfo[] = [];
  serverAhead = 0;
  complete = true;
  deletedComplete = true;
  isTaken = false;
  /** Nothing can be done about claims that are held. */
  isBusy = false;
  /** What fails, by call and module. */
  readonly failures = new Map<string, ZohoProblem>();
  readonly service: RecoveryService;

  constructor(settle?: number) {
    this.service = new RecoveryService({
      clients: { for: () => this },
      history: this,
      claims: { take: (key, milliseconds) => this.#take(key, milliseconds) },
      tokens: this.tokens,
      clock: this.clock,
      logger: silentLogger,
      ...(settle === undefined ? {} : { settle }),
    });
  }

  readonly modifiedRecords = async (module: string, options: ModifiedRecordsOptions) => {
    this.since.push(options.since);
    this.fieldsAsked.push(options.fields ?? []);
    options.onPage?.(this.modified.length);
    return this.#answer(`modified ${module}`, list(this.modified, this.complete, this.serverAhead));
  };

  readonly deletedRecords = async (module: string, options: RecordListOptions) => {
    this.since.push(options.since);
    return this.#answer(`deleted ${module}`, list(this.deleted, this.deletedComplete, 0));
  };

  readonly fields: Api["fields"] = async module => {
    return this.#answer(`fields ${module}`, { items: this.fieldList, unreadable: 0, complete: true });
  };

  select(...args: Parameters<PlayedDeliveries["select"]>): ReturnType<PlayedDeliveries["select"]> {
    return this.deliveries.select(...args);
  }

  recover(connectionId: string, recoveries: readonly Recovery[]): (number | undefined)[] {
    assert.equal(connectionId, "c");
    return recoveries.map(recovery => {
      if (this.known.has(recovery.recordId)) return undefined;
      return this.recovered.push(recovery) + 100;
    });
  }

  async #answer<T>(call: string, value: T): Promise<Result<T, ZohoProblem>> {
    this.calls.push(call);
    const problem = this.failures.get(call);
    return Promise.resolve(problem === undefined ? succeed(value) : fail(problem));
  }

  #unlessBusy<T>(act: () => T): T {
    if (this.isBusy) throw new Error("database is locked");
    return act();
  }

  #take(key: string, milliseconds: number) {
    if (this.isTaken) return undefined;
    this.claims.push(`take ${key} ${milliseconds / minute}`);
    return {
      extend: (longer: number) => this.#unlessBusy(() => this.claims.push(`extend ${longer / minute}`) > 0),
      dispose: () => this.#unlessBusy(() => void this.claims.push("give back")),
    };
  }
}

function list<T>(records: readonly T[], complete: boolean, serverAhead: number): RecordList<T> {
  return { records, unreadable: 0, complete, serverAhead };
}

function record(id: string, at: number, createdAt = at): RecordRead {
  return { id, createdAt, modifiedAt: at, createdBy: "Ada", modifiedBy: "Ben", values: { id, at } };
}

function field(apiName: string, dataType: string): FieldInfo {
  const plain = { mandatory: false, readOnly: false, custom: false, choices: [], lookupModules: [] };
  return { apiName, label: apiName, dataType, ...plain };
}

describe("recovery", () => {
  it("adds what was not delivered to the history, counts it by kind, and says where it begins", async () => {
    const world = new RecoveryWorld();
    world.modified = [record("1", from + minute), record("2", from + 2 * minute, 0), record("3", from + 3 * minute)];
    world.deleted = [{ id: "4", deletedAt: from + 4 * minute, deletedBy: "Cy", name: "Iris", values: { id: "4" } }];
    world.deliveries.deliver("3", "insert", from + 3 * minute);
    const report = valueOf(await world.service.recover(request));
    assert.deepEqual(report, {
      connectionId: "c",
      channelId: "1",
      window: { from: from - 2 * second, to },
      modules: [
        {
          module: "Leads",
          recovered: { create: 1, edit: 1, delete: 1 },
          known: 0,
          complete: true,
          hasCondition: false,
        },
      ],
      firstId: 101,
    });
    const of = { channelId: "1", module: "Leads" };
    const unnamed = { name: undefined, origin: undefined };
    assert.deepEqual(world.recovered, [
      {
        ...{ ...of, operation: "create", recordId: "1", changedAt: from + minute },
        payload: { ...unnamed, changedBy: "Ada", record: { id: "1", at: from + minute } },
      },
      {
        ...{ ...of, operation: "edit", recordId: "2", changedAt: from + 2 * minute },
        payload: { ...unnamed, changedBy: "Ben", record: { id: "2", at: from + 2 * minute } },
      },
      {
        ...{ ...of, operation: "delete", recordId: "4", changedAt: from + 4 * minute },
        payload: { changedBy: "Cy", name: "Iris", origin: "unknown", record: { id: "4" } },
      },
    ]);
  });

  it("reads the fields first and what was deleted last, from shortly before the window on", async () => {
    const world = new RecoveryWorld();
    await world.service.recover(request);
    assert.deepEqual(world.calls, ["fields Leads", "modified Leads", "deleted Leads"]);
    assert.deepEqual(world.since, [from - 7 * second, from - 2 * second]);
  });

  it("does not read what was deleted where nobody watches it", async () => {
    const world = new RecoveryWorld();
    world.deleted = [{ id: "4", deletedAt: from + minute, values: {} }];
    const report = valueOf(await world.service.recover({ ...request, watched: [{ ...leads, operations: ["edit"] }] }));
    assert.deepEqual(world.calls, ["fields Leads", "modified Leads"]);
    assert.equal(report.modules[0]?.complete, true);
    assert.deepEqual(world.recovered, []);
  });

  it("asks for all fields but those that lists do not give, and for none where they cannot be read", async () => {
    const world = new RecoveryWorld();
    const listless = ["subform", "multiselectlookup", "multiuserlookup", "fileupload", "imageupload"];
    const types = ["text", ...listless, "consent_lookup", "profileimage", "phone"];
    world.fieldList = types.map(type => field(`a_${type}`, type));
    await world.service.recover(request);
    world.failures.set("fields Leads", scope);
    assert.ok((await world.service.recover(request)).ok);
    assert.deepEqual(world.fieldsAsked, [["a_text", "a_phone"], []]);
  });

  it("says what was recovered before, and begins at the first that was not", async () => {
    const world = new RecoveryWorld();
    world.modified = [record("1", from + minute), record("2", from + 2 * minute)];
    world.known.add("1");
    const first = valueOf(await world.service.recover(request));
    assert.deepEqual([first.modules[0]?.known, first.modules[0]?.recovered.create, first.firstId], [1, 1, 101]);
    world.known.add("2");
    const second_ = valueOf(await world.service.recover(request));
    assert.deepEqual([second_.modules[0]?.known, "firstId" in second_], [2, false]);
  });

  it("looks in the CRM's time: again from the earlier beginning where its clock is behind", async () => {
    const world = new RecoveryWorld();
    world.serverAhead = -minute;
    const behind = valueOf(await world.service.recover(request));
    assert.deepEqual(behind.window, { from: from - minute - 2 * second, to: to - minute });
    assert.deepEqual(world.since, [from - 7 * second, behind.window.from, behind.window.from]);
    assert.deepEqual(inCrmTime({ from, to }, minute), { from: from - 2 * second, to: to + minute });
  });

  it("reads once where the CRM's clock is behind by no more than clocks usually differ", async () => {
    const world = new RecoveryWorld();
    world.serverAhead = -5 * second;
    valueOf(await world.service.recover(request));
    assert.deepEqual(world.calls, ["fields Leads", "modified Leads", "deleted Leads"]);
  });

  it("does not move a lapse, whose ends are by Zoho's clock, and reads it once", async () => {
    for (const serverAhead of [-3 * hour, 3 * hour]) {
      const world = new RecoveryWorld();
      world.serverAhead = serverAhead;
      world.modified = [record("1", to - minute)];
      const found = valueOf(await world.service.recover({ ...request, clock: "zoho" }));
      assert.deepEqual(found.window, { from: from - 2 * second, to });
      assert.deepEqual(world.since, [from - 7 * second, found.window.from]);
      assert.equal(found.modules[0]?.recovered.create, 1);
    }
  });

  it("looks through a lapse and a gap together, each by its clock", async () => {
    const gap = { from: from - hour, to: to + hour };
    const world = new RecoveryWorld();
    const found = valueOf(await world.service.recover({ ...request, clock: "zoho", gap }));
    assert.deepEqual(found.window, { from: gap.from - 2 * second, to: gap.to });
    assert.equal(world.since[0], gap.from - 7 * second);
    assert.deepEqual(inCrmTime({ from, to, clock: "zoho", gap }, -2 * hour), {
      from: from - 3 * hour - 2 * second,
      to,
    });
    assert.deepEqual(inCrmTime({ from, to, clock: "zoho", gap }, 2 * hour), {
      from: gap.from - 2 * second,
      to: to + 3 * hour,
    });
  });

  it("fails where reading again fails", async () => {
    const world = new RecoveryWorld();
    world.serverAhead = -minute;
    const first = world.modifiedRecords;
    const reads: unknown[] = [];
    const service = new RecoveryService({
      clients: {
        for: () => ({
          ...{ fields: world.fields, deletedRecords: world.deletedRecords },
          modifiedRecords: async (module, options) =>
            reads.push(module) === 1 ? first(module, options) : Promise.resolve(fail(scope)),
        }),
      },
      ...{ history: world, claims: { take: () => ({ extend: () => true, dispose: () => undefined }) } },
      ...{ tokens: world.tokens, clock: world.clock, logger: silentLogger },
    });
    assert.equal(errorOf(await service.recover(request)).code, scope.code);
  });

  it("is complete only where both lists are", async () => {
    for (const [complete, deletedComplete] of [
      [false, true],
      [true, false],
      [true, true],
    ] as const) {
      const world = Object.assign(new RecoveryWorld(), { complete, deletedComplete });
      const report = valueOf(await world.service.recover(request));
      assert.equal(report.modules[0]?.complete, complete && deletedComplete);
    }
  });

  it("finds what somebody who doesn't know the token claims to have delivered", async () => {
    const world = new RecoveryWorld();
    world.tokens.learn("1", "of the channel");
    world.modified = [record("7", from + minute)];
    const forged = { channel_id: "1", ids: ["7"], operation: "insert", token: "guessed", server_time: to + hour };
    world.deliveries.add({ receivedAt: to, payload: capturedPost(notificationBody(forged)) });
    await world.service.recover(request);
    assert.deepEqual(
      world.recovered.map(({ recordId }) => recordId),
      ["7"],
    );
  });

  it("keeps what it found where its claim can be neither extended nor given back", async () => {
    const world = new RecoveryWorld();
    world.isBusy = true;
    world.modified = [record("7", from + minute)];
    valueOf(await world.service.recover(request));
    assert.equal(world.recovered.length, 1);
  });

  it("passes over modules that this user may not read, and fails where that is all of them", async () => {
    const world = new RecoveryWorld();
    world.failures.set("modified Leads", scope);
    world.modified = [record("1", from + minute)];
    const report = valueOf(await world.service.recover({ ...request, watched: [leads, deals] }));
    assert.deepEqual(
      report.modules.map(({ module, problem, recovered, known, hasCondition, complete }) => [
        module,
        problem?.code,
        recovered.create,
        known,
        hasCondition,
        complete,
      ]),
      [
        ["Leads", scope.code, 0, 0, false, true],
        ["Deals", undefined, 1, 0, true, true],
      ],
    );
    assert.deepEqual([report.firstId, report.window.from], [101, from - 2 * second]);
    world.failures.set("deleted Deals", { ...scope, code: "ANOTHER" });
    const problem = errorOf(await world.service.recover({ ...request, watched: [leads, deals] }));
    assert.equal(problem.code, scope.code);
  });

  it("ends at once with what would be the same for every module", async () => {
    for (const kind of ["cancelled", "signed-out", "unreadable"] as const) {
      const world = new RecoveryWorld();
      world.failures.set("modified Leads", { ...scope, kind, code: kind });
      assert.equal(errorOf(await world.service.recover({ ...request, watched: [leads, deals] })).code, kind);
      assert.deepEqual(world.calls, ["fields Leads", "modified Leads"]);
    }
    for (const problem of [
      { ...scope, kind: "offline", reason: "refused" },
      { ...scope, kind: "throttled", retryAt: 0 },
      { ...scope, kind: "server", status: 500 },
    ] as const) {
      const world = new RecoveryWorld();
      world.failures.set("modified Leads", problem);
      await world.service.recover({ ...request, watched: [leads, deals] });
      assert.deepEqual(world.calls, ["fields Leads", "modified Leads"], problem.kind);
    }
  });

  it("waits three seconds for deliveries that may be under way, and compares again", async () => {
    const world = new RecoveryWorld();
    world.modified = [record("1", to - 9 * second), record("2", to - 5 * minute)];
    const recovery = world.service.recover(request);
    await untilWaiting(world);
    world.deliveries.deliver("1", "insert", to - 9 * second);
    world.clock.advance(3 * second - 1);
    assert.equal(world.clock.pending, 1);
    world.clock.advance(1);
    valueOf(await recovery);
    assert.deepEqual(
      world.recovered.map(({ recordId }) => recordId),
      ["2"],
    );
  });

  it("waits for nothing where no change is of the last ten seconds, or it is not to wait", async () => {
    const early = new RecoveryWorld();
    early.modified = [record("1", to - 10 * second)];
    valueOf(await early.service.recover(request));
    const hasty = new RecoveryWorld(0);
    hasty.modified = [record("1", to)];
    valueOf(await hasty.service.recover(request));
    assert.deepEqual([early.recovered.length, hasty.recovered.length], [1, 1]);
  });

  it("waits no longer once it is given up", async () => {
    const world = new RecoveryWorld();
    world.modified = [record("1", to)];
    const abort = new AbortController();
    const recovery = world.service.recover(request, { signal: abort.signal });
    await untilWaiting(world);
    abort.abort();
    await recovery;
    assert.equal(world.clock.pending, 0);
  });

  it("is done by one window at a time, which holds on to it page by page and gives it back", async () => {
    const world = new RecoveryWorld();
    world.modified = [record("1", from + minute)];
    const progress: unknown[] = [];
    await world.service.recover(request, { onProgress: each => progress.push(each) });
    assert.deepEqual(world.claims, ["take recovery/c/1 2", "extend 2", "give back"]);
    assert.deepEqual(progress, [{ module: "Leads", records: 1 }]);
    world.isTaken = true;
    world.calls.length = 0;
    assert.equal(errorOf(await world.service.recover(request)).code, "RECOVERY_UNDER_WAY");
    assert.deepEqual(world.calls, []);
  });

  it("gives it back also where the history cannot be written", async () => {
    const world = new RecoveryWorld();
    world.recover = () => {
      throw new Error("SQLITE_FULL");
    };
    await assert.rejects(world.service.recover(request), /SQLITE_FULL/);
    assert.equal(world.claims.at(-1), "give back");
  });
});

async function untilWaiting({ clock }: RecoveryWorld): Promise<void> {
  while (clock.pending === 0) await new Promise(resolve => void setImmediate(resolve));
}
