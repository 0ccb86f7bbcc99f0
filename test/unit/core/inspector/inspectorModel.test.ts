import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Emitter } from "../../../../src/base/lifecycle.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import type { KnownNames } from "../../../../src/core/filter/completion.ts";
import type { EventFilter } from "../../../../src/core/filter/eventFilter.ts";
import type { StoredEvent } from "../../../../src/core/events/storedEvent.ts";
import type { TokenVerifier } from "../../../../src/core/events/verification.ts";
import { presentDetail } from "../../../../src/core/inspector/eventPresenter.ts";
import type { InspectedEvents } from "../../../../src/core/inspector/inspectedList.ts";
import { type AttachedPage, InspectorModel } from "../../../../src/core/inspector/inspectorModel.ts";
import { type FilterNotes, SavedFilters } from "../../../../src/core/inspector/savedFilters.ts";
import type { Verification } from "../../../../src/protocol/event.ts";
import type { HostMessage, Sort } from "../../../../src/protocol/inspector.ts";
import { capturedPost, notificationBody } from "../../../support/eventBodies.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { matchesFilter } from "../../../support/matchesFilter.ts";

const leads = { channelId: "1105420521999070702", module: "Leads" };
const deals = { channelId: "1105420521999070702", module: "Deals" };

const noToken: TokenVerifier = { verify: () => "unknown" };

class MemoryHistory {
  readonly appended = new Emitter<readonly StoredEvent[]>();
  readonly updated = new Emitter<readonly number[]>();
  readonly reset = new Emitter<void>();
  readonly onDidAppend = this.appended.event;
  readonly onDidUpdate = this.updated.event;
  readonly onDidReset = this.reset.event;
  events: StoredEvent[] = [];
  failure: Error | undefined;
  #lastId = 0;

  count(): number {
    return this.events.length;
  }

  /** Stores events without telling, as another window does. */
  put(count: number, subject = leads): StoredEvent[] {
    const added = Array.from({ length: count }, (): StoredEvent => {
      const id = ++this.#lastId;
      const payload = capturedPost(notificationBody({ module: subject.module }));
      return {
        ...{ kind: "request", id, sequence: id, receivedAt: id, storedAt: id },
        source: "delivered",
        payload,
        subject,
      };
    });
    this.events.push(...added);
    return added;
  }

  append(count: number, subject = leads): void {
    this.appended.fire(this.put(count, subject));
  }

  /** Changes an event and tells. */
  change(id: number, change: Partial<Pick<StoredEvent, "pinned" | "handling">>): void {
    this.events = this.events.map(event => (event.id === id ? { ...event, ...change } : event));
    this.updated.fire([id]);
  }

  get(id: number): StoredEvent | undefined {
    return this.all().find(event => event.id === id);
  }

  names(): KnownNames {
    return {
      module: [...new Set(this.all().map(event => (event.kind === "gap" ? "" : (event.subject?.module ?? ""))))],
      field: [],
      channel: [],
      operation: [],
    };
  }

  select(filter: EventFilter, sort?: Sort): InspectedEvents {
    return new MemoryEvents(this, filter, sort);
  }

  all(): readonly StoredEvent[] {
    if (this.failure !== undefined) throw this.failure;
    return this.events;
  }
}

/** Knows one order beside that of arrival: the newest first. */
class MemoryEvents implements InspectedEvents {
  readonly #history: MemoryHistory;
  readonly #filter: EventFilter;
  readonly #sort: Sort | undefined;
  #ids: number[];
  #through: number;

  constructor(history: MemoryHistory, filter: EventFilter, sort: Sort | undefined) {
    this.#history = history;
    this.#filter = filter;
    this.#sort = sort;
    this.#ids = [...this.shown(history.all().map(({ id }) => id))];
    if (sort?.descending === true) this.#ids.reverse();
    this.#through = this.#newest();
  }

  get count(): number {
    return this.#ids.length;
  }

  idsAt(offset: number, limit: number): number[] {
    return this.#ids.slice(offset, offset + limit);
  }

  page(offset: number, limit: number): StoredEvent[] {
    const all = this.#history.all();
    return this.idsAt(offset, limit).flatMap(id => all.find(event => event.id === id) ?? []);
  }

  offsetOf(id: number): number | undefined {
    const offset = this.#ids.indexOf(id);
    return offset === -1 ? undefined : offset;
  }

  extend(): number {
    const added = this.#sort === undefined ? this.#shownBeyond() : [];
    this.#through = this.#newest();
    this.#ids.push(...added);
    return added.length;
  }

  isBehind(): boolean {
    return this.#sort !== undefined && this.#shownBeyond().length > 0;
  }

  shown(ids: readonly number[]): Set<number> {
    const events = this.#history.all().filter(event => matchesFilter(event, this.#filter, noToken));
    return new Set(events.map(({ id }) => id).filter(id => ids.includes(id)));
  }

  #shownBeyond(): number[] {
    const beyond = this.#history.all().filter(({ id }) => id > this.#through);
    return [...this.shown(beyond.map(({ id }) => id))];
  }

  #newest(): number {
    return this.#history.all().at(-1)?.id ?? 0;
  }
}

class MemoryNotes implements FilterNotes {
  readonly #notes = new Map<string, string>();

  get(key: string): string | undefined {
    return this.#notes.get(key);
  }

  set(key: string, value: string): void {
    this.#notes.set(key, value);
  }

  delete(key: string): void {
    this.#notes.delete(key);
  }

  keys(prefix: string): string[] {
    return [...this.#notes.keys()].filter(key => key.startsWith(prefix)).sort();
  }
}

class Fixture {
  readonly history = new MemoryHistory();
  /** What all windows of the machine know. */
  readonly notes = new MemoryNotes();
  readonly clock = new FakeClock();
  readonly tokensChanged = new Emitter<{ channelId: string }>();
  readonly warnings: string[] = [];
  readonly errors: string[] = [];
  readonly asked: string[] = [];
  verification: Verification = "unknown";
  /** What the person answers when asked for a filter's name. */
  filterName: string | undefined;
  readonly tokens = { verify: (): Verification => this.verification, onDidChange: this.tokensChanged.event };
  readonly model = new InspectorModel({
    history: this.history,
    tokens: this.tokens,
    detailOf: async id => {
      const event = this.history.get(id);
      return Promise.resolve(event === undefined ? undefined : presentDetail(event, this.tokens));
    },
    bodySlice: async (id, from) => Promise.resolve(id === 1 ? { from, next: from + 5, text: "slice" } : undefined),
    savedFilters: new SavedFilters(this.notes),
    delegate: {
      openDocument: id => this.asked.push(`open ${id}`),
      saveParameter: (id, index) => this.asked.push(`save ${id} ${index}`),
      copy: text => this.asked.push(`copy ${text}`),
      changeSandboxRecords: () => this.asked.push("change sandbox records"),
      remedy: remedy => this.asked.push(remedy),
      act: (action, eventIds) => this.asked.push(`${action} ${eventIds.join()}`),
      releaseHeld: what => this.asked.push(`${what} held`),
      nameFilter: async suggestion => {
        this.asked.push(`name ${suggestion}`);
        return Promise.resolve(this.filterName);
      },
      fetchRecord: async (id, recordId) => {
        this.asked.push(`fetch ${recordId} of ${id}`);
        return Promise.resolve({ record: { kind: "problem", recordId, problem: "Not found." }, changes: [] });
      },
    },
    clock: this.clock,
    logger: {
      ...silentLogger,
      warn: message => this.warnings.push(message),
      error: message => this.errors.push(message),
    },
  });

  page(): TestPage {
    return new TestPage(this.model);
  }

  /** A page that was ready before anything else happened; its first snapshot is taken off. */
  readyPage(): TestPage {
    const page = this.page();
    page.say({ type: "ready" });
    page.take();
    return page;
  }
}

class TestPage {
  readonly attached: AttachedPage;
  #heard: HostMessage[] = [];

  constructor(model: InspectorModel) {
    this.attached = model.attach(message => this.#heard.push(message));
  }

  say(message: unknown): void {
    this.attached.receive(message);
  }

  /** What was heard since the last call. */
  take(): HostMessage[] {
    const heard = this.#heard;
    this.#heard = [];
    return heard;
  }

  /** The one message of that type among what was heard since the last call. */
  only<Type extends HostMessage["type"]>(type: Type): HostMessage & { type: Type } {
    const found = this.take().filter((message): message is HostMessage & { type: Type } => message.type === type);
    assert.equal(found.length, 1, `one ${type}`);
    const [message] = found;
    assert.ok(message);
    return message;
  }
}

function ids(message: { readonly rows: readonly { readonly id: number }[] }): number[] {
  return message.rows.map(row => row.id);
}

describe("a page that joins the inspector", () => {
  it("hears nothing before it is ready, and then the newest page of the list", () => {
    const fixture = new Fixture();
    fixture.history.put(250);
    const page = fixture.page();
    fixture.model.setFeed({ kind: "live" });
    assert.deepEqual(page.take(), []);
    page.say({ type: "ready" });
    const snapshot = page.only("snapshot");
    assert.equal(snapshot.total, 250);
    assert.equal(snapshot.offset, 50);
    assert.equal(snapshot.rows[0]?.id, 51);
    assert.equal(snapshot.rows.length, 200);
    assert.deepEqual(snapshot.feed, { kind: "live" });
  });

  it("gets a snapshot again when it was reloaded", () => {
    const fixture = new Fixture();
    const page = fixture.readyPage();
    fixture.history.append(2);
    page.say({ type: "ready" });
    assert.deepEqual(ids(page.only("snapshot")), [1, 2]);
    fixture.clock.advance(1000);
    assert.deepEqual(page.take(), []);
  });

  it("sees what arrived while no page was there", () => {
    const fixture = new Fixture();
    const first = fixture.readyPage();
    first.attached.dispose();
    fixture.history.append(3);
    const second = fixture.page();
    second.say({ type: "ready" });
    assert.equal(second.only("snapshot").total, 3);
    assert.deepEqual(first.take(), []);
  });

  it("hears nothing while it is out of sight, and all of it when it is back", () => {
    const fixture = new Fixture();
    const page = fixture.readyPage();
    page.attached.hide();
    fixture.history.append(3);
    fixture.clock.advance(1_000);
    assert.deepEqual(page.take(), []);
    page.attached.focusFilter();
    page.say({ type: "ready" });
    assert.deepEqual(
      page.take().map(message => message.type),
      ["snapshot", "focusFilter"],
    );
  });

  it("is one of several that hear the same", () => {
    const fixture = new Fixture();
    const pages = [fixture.readyPage(), fixture.readyPage()];
    fixture.history.append(1);
    fixture.clock.advance(50);
    for (const page of pages) assert.deepEqual(ids(page.only("appended")), [1]);
  });
});

describe("events that arrive", () => {
  it("are told in one message for 50 ms", () => {
    const fixture = new Fixture();
    const page = fixture.readyPage();
    fixture.history.append(1);
    fixture.clock.advance(49);
    fixture.history.append(2);
    assert.deepEqual(page.take(), []);
    fixture.clock.advance(1);
    const appended = page.only("appended");
    assert.deepEqual(ids(appended), [1, 2, 3]);
    assert.equal(appended.total, 3);
    fixture.clock.advance(1000);
    assert.deepEqual(page.take(), []);
  });

  it("come as the last rows of a flood, with the total of all", () => {
    const fixture = new Fixture();
    const page = fixture.readyPage();
    for (let batch = 0; batch < 10; batch++) fixture.history.append(100);
    fixture.clock.advance(50);
    const appended = page.only("appended");
    assert.equal(appended.total, 1000);
    assert.equal(appended.rows.length, 100);
    assert.equal(appended.rows.at(-1)?.id, 1000);
  });

  it("are told less often during a flood, and as usual after it", () => {
    const fixture = new Fixture();
    const page = fixture.readyPage();
    fixture.history.append(31);
    fixture.clock.advance(50);
    page.only("appended");
    fixture.history.append(1);
    fixture.clock.advance(149);
    assert.deepEqual(page.take(), []);
    fixture.clock.advance(1);
    assert.equal(page.only("appended").total, 32);
    fixture.history.append(1);
    fixture.clock.advance(50);
    assert.equal(page.only("appended").total, 33);
  });

  it("are not told twice when the snapshot had them from another window", () => {
    const fixture = new Fixture();
    const stored = fixture.history.put(2);
    const page = fixture.readyPage();
    fixture.history.appended.fire(stored);
    fixture.clock.advance(50);
    assert.deepEqual(page.take(), []);
    fixture.history.append(1);
    fixture.clock.advance(50);
    assert.equal(page.only("appended").total, 3);
  });

  it("leave no timer when the model is disposed", () => {
    const fixture = new Fixture();
    fixture.readyPage();
    fixture.history.append(1);
    fixture.model.dispose();
    assert.equal(fixture.clock.pending, 0);
  });
});

describe("the filter", () => {
  it("begins a new generation with the events of one subscription", () => {
    const fixture = new Fixture();
    fixture.history.put(2, leads);
    fixture.history.put(3, deals);
    const page = fixture.page();
    page.say({ type: "ready" });
    const { generation } = page.only("snapshot");
    fixture.model.setFilter("module:Deals");
    const filtered = page.only("snapshot");
    assert.notEqual(filtered.generation, generation);
    assert.equal(filtered.query.filter, "module:Deals");
    assert.deepEqual(ids(filtered), [3, 4, 5]);
  });

  it("holds for what arrives", () => {
    const fixture = new Fixture();
    const page = fixture.readyPage();
    fixture.model.setFilter("module:Deals");
    page.take();
    fixture.history.append(1, leads);
    fixture.history.append(1, deals);
    fixture.clock.advance(50);
    const appended = page.only("appended");
    assert.deepEqual(ids(appended), [2]);
    assert.equal(appended.total, 1);
  });

  it("is dropped when the page asks", () => {
    const fixture = new Fixture();
    fixture.model.setFilter("module:Deals");
    const page = fixture.readyPage();
    page.say({ type: "setFilter", text: "" });
    assert.equal(page.only("snapshot").query.filter, "");
    assert.equal(fixture.model.filter, "");
  });
});

describe("a changed past", () => {
  it("begins a new generation", () => {
    const fixture = new Fixture();
    const page = fixture.readyPage();
    fixture.history.append(3);
    fixture.history.events = [];
    fixture.history.reset.fire();
    fixture.clock.advance(50);
    const snapshot = page.only("snapshot");
    assert.equal(snapshot.total, 0);
    assert.equal(snapshot.generation, 2);
  });

  it("is also that a token became known", () => {
    const fixture = new Fixture();
    fixture.history.put(1);
    const page = fixture.readyPage();
    fixture.verification = "verified";
    fixture.tokensChanged.fire({ channelId: leads.channelId });
    fixture.clock.advance(50);
    const [row] = page.only("snapshot").rows;
    assert.equal(row?.content.kind === "notification" && row.content.verification, "verified");
  });
});

describe("a request of the page", () => {
  it("for rows is answered with those rows", () => {
    const fixture = new Fixture();
    fixture.history.put(300);
    const page = fixture.readyPage();
    page.say({ type: "getPage", request: 5, generation: 1, offset: 10, limit: 3 });
    const answer = page.only("page");
    assert.equal(answer.request, 5);
    assert.deepEqual(ids(answer), [11, 12, 13]);
  });

  it("for rows of an older generation is answered without any", () => {
    const fixture = new Fixture();
    fixture.history.put(3);
    const page = fixture.readyPage();
    fixture.model.setFilter("module:Leads");
    page.take();
    page.say({ type: "getPage", request: 6, generation: 1, offset: 0, limit: 3 });
    const answer = page.only("page");
    assert.deepEqual([answer.request, answer.generation, answer.rows], [6, 1, []]);
  });

  it("for a detail is answered, also when the event is gone", async () => {
    const fixture = new Fixture();
    fixture.history.put(1);
    const page = fixture.readyPage();
    page.say({ type: "getDetail", request: 1, id: 1 });
    await setImmediate();
    assert.equal(page.only("detail").detail?.row.id, 1);
    page.say({ type: "getDetail", request: 2, id: 99 });
    await setImmediate();
    assert.deepEqual(page.take(), [{ type: "detail", request: 2 }]);
  });

  it("is answered when the history cannot be read, and the log says so", async () => {
    const fixture = new Fixture();
    const page = fixture.readyPage();
    fixture.history.failure = new Error("disk I/O error");
    page.say({ type: "getPage", request: 1, generation: 1, offset: 0, limit: 3 });
    page.say({ type: "getDetail", request: 2, id: 1 });
    await setImmediate();
    assert.deepEqual(
      page.take().map(message => message.type),
      ["page", "detail"],
    );
    assert.equal(fixture.errors.length, 2);
  });

  it("that only the editor can fulfil goes to the editor", () => {
    const fixture = new Fixture();
    const page = fixture.readyPage();
    page.say({ type: "openDocument", id: 4 });
    page.say({ type: "saveParameter", id: 4, index: 2 });
    page.say({ type: "copy", text: "x" });
    page.say({ type: "changeSandboxRecords" });
    assert.deepEqual(fixture.asked, ["open 4", "save 4 2", "copy x", "change sandbox records"]);
  });

  it("of no known form is ignored with a line in the log", () => {
    const fixture = new Fixture();
    const page = fixture.readyPage();
    const malformed = [undefined, 5, { type: "nonsense" }, { type: "getPage", request: 1, generation: 1, offset: -1 }];
    for (const message of malformed) page.say(message);
    assert.deepEqual(page.take(), []);
    assert.equal(fixture.warnings.length, malformed.length);
  });
});

describe("a list that shows only some events", () => {
  it("comes with how many there are in all", () => {
    const fixture = new Fixture();
    fixture.history.put(2, leads);
    const page = fixture.readyPage();
    fixture.model.setFilter("module:Deals");
    const [snapshot] = page.take();
    assert.ok(snapshot?.type === "snapshot");
    assert.deepEqual([snapshot.total, snapshot.kept], [0, 2]);
    fixture.model.setFilter("");
    const [whole] = page.take();
    assert.ok(whole?.type === "snapshot");
    assert.equal(whole.kept, undefined);
  });
});

describe("revealing an event", () => {
  it("tells its offset in the filtered list", () => {
    const fixture = new Fixture();
    fixture.history.put(2, leads);
    fixture.history.put(2, deals);
    const page = fixture.readyPage();
    fixture.model.setFilter("module:Deals");
    page.take();
    fixture.model.reveal(4);
    assert.deepEqual(page.take(), [{ type: "reveal", id: 4, offset: 1 }]);
  });

  it("drops a filter that hides it", () => {
    const fixture = new Fixture();
    fixture.history.put(2, leads);
    const page = fixture.readyPage();
    fixture.model.setFilter("module:Deals");
    page.take();
    fixture.model.reveal(2);
    assert.deepEqual(
      page.take().map(message => message.type),
      ["snapshot", "reveal"],
    );
  });

  it("waits for a page that is not ready yet", () => {
    const fixture = new Fixture();
    fixture.history.put(2);
    const page = fixture.page();
    fixture.model.reveal(1);
    page.say({ type: "ready" });
    assert.deepEqual(
      page.take().map(message => message.type),
      ["snapshot", "reveal"],
    );
  });

  it("comes after the rows that the page does not know yet", () => {
    const fixture = new Fixture();
    const page = fixture.readyPage();
    fixture.history.append(1);
    fixture.model.reveal(1);
    assert.deepEqual(
      page.take().map(message => message.type),
      ["appended", "reveal"],
    );
  });

  it("does nothing for an event that is not kept", () => {
    const fixture = new Fixture();
    const page = fixture.readyPage();
    fixture.model.setFilter("module:Deals");
    page.take();
    fixture.model.reveal(1);
    assert.deepEqual(page.take(), []);
    assert.equal(fixture.model.filter, "module:Deals");
  });
});

describe("a filter as it is typed", () => {
  it("leaves the list alone where something is wrong with it, and says what and where", () => {
    const fixture = new Fixture();
    fixture.history.put(2, leads);
    const page = fixture.readyPage();
    page.say({ type: "setFilter", text: "module:Deals" });
    assert.equal(page.only("snapshot").total, 0);
    page.say({ type: "setFilter", text: "module:Deals colour:red" });
    const { query } = page.only("query");
    assert.deepEqual([query.filter, query.problem?.from, query.problem?.to], ["module:Deals colour:red", 13, 23]);
    fixture.history.append(1, deals);
    fixture.clock.advance(50);
    assert.equal(page.only("appended").total, 1);
    page.say({ type: "setFilter", text: "" });
    assert.equal(page.only("snapshot").query.problem, undefined);
  });

  it("is completed with names that events have", () => {
    const fixture = new Fixture();
    fixture.history.put(1, deals);
    const page = fixture.readyPage();
    page.say({ type: "complete", request: 3, text: "module:d", cursor: 8 });
    assert.deepEqual(page.only("completions"), { type: "completions", request: 3, from: 7, to: 8, options: ["Deals"] });
  });

  it("is kept under the name that the person gives, and forgotten", async () => {
    const fixture = new Fixture();
    const page = fixture.readyPage();
    fixture.filterName = " Deals ";
    page.say({ type: "saveFilter", filter: "module:Deals" });
    await setImmediate();
    assert.deepEqual(fixture.asked, ["name module:Deals"]);
    assert.deepEqual(page.only("query").query.saved, [{ name: "Deals", filter: "module:Deals" }]);
    fixture.filterName = undefined;
    page.say({ type: "saveFilter", filter: "module:Deals" });
    await setImmediate();
    assert.equal(fixture.asked.at(-1), "name Deals");
    assert.deepEqual(page.take(), []);
    page.say({ type: "forgetFilter", name: "Deals" });
    assert.deepEqual(page.only("query").query.saved, []);
  });

  it("that another window kept is told to the page that asks again", () => {
    const fixture = new Fixture();
    const [page, other] = [fixture.readyPage(), fixture.readyPage()];
    page.take();
    new SavedFilters(fixture.notes).save("Deals", "module:Deals");
    page.say({ type: "getQuery" });
    assert.deepEqual(page.only("query").query.saved, [{ name: "Deals", filter: "module:Deals" }]);
    assert.deepEqual(other.take(), []);
  });
});

describe("a sorted list", () => {
  it("begins at its first row, and is made anew at most once a second while events arrive", () => {
    const fixture = new Fixture();
    fixture.history.put(300);
    const page = fixture.readyPage();
    page.say({ type: "setSort", sort: { column: "time", descending: true } });
    const snapshot = page.only("snapshot");
    assert.deepEqual([snapshot.offset, snapshot.rows[0]?.id, snapshot.rows.length], [0, 300, 200]);
    fixture.history.append(1);
    fixture.history.append(1);
    fixture.clock.advance(999);
    assert.deepEqual(page.take(), []);
    fixture.clock.advance(1);
    assert.equal(page.only("snapshot").rows[0]?.id, 302);
  });
});

describe("an event that changes", () => {
  it("is told with its place in the list", () => {
    const fixture = new Fixture();
    fixture.history.put(3);
    const page = fixture.readyPage();
    fixture.history.change(2, { pinned: true });
    fixture.clock.advance(50);
    const updated = page.only("updated");
    assert.deepEqual(
      updated.rows.map(({ offset, row }) => [offset, row.id, row.pinned]),
      [[1, 2, true]],
    );
  });

  it("joins or leaves a list that asks for what changed", () => {
    const fixture = new Fixture();
    fixture.history.put(3);
    const page = fixture.readyPage();
    fixture.model.setFilter("is:pinned");
    assert.equal(page.only("snapshot").total, 0);
    fixture.history.change(2, { pinned: true });
    fixture.clock.advance(1_050);
    assert.deepEqual(ids(page.only("snapshot")), [2]);
  });

  it("is nothing to a list that does not show it", () => {
    const fixture = new Fixture();
    fixture.history.put(1, leads);
    const page = fixture.readyPage();
    fixture.model.setFilter("module:Deals");
    page.take();
    fixture.history.change(1, { pinned: true });
    fixture.clock.advance(2_000);
    assert.deepEqual(page.take(), []);
  });
});

describe("what a person does with events", () => {
  it("reaches the editor with their ids, also of a list that was made anew since", () => {
    const fixture = new Fixture();
    fixture.history.put(2, leads);
    fixture.history.put(3, deals);
    const page = fixture.readyPage();
    page.say({ type: "act", action: "pin", selection: { ids: [4] } });
    fixture.model.setFilter("module:Deals");
    const runs = [
      [0, 0],
      [3, 4],
    ];
    page.say({ type: "act", action: "delete", selection: { generation: 1, ranges: runs } });
    page.say({ type: "act", action: "delete", selection: { generation: 2, ranges: [[1, 9]] } });
    assert.deepEqual(fixture.asked, ["pin 4", "delete 1,4,5", "delete 4,5"]);
  });

  it("is known as their choice to commands of the palette", () => {
    const fixture = new Fixture();
    fixture.history.put(5);
    const page = fixture.readyPage();
    page.say({ type: "selected", selection: { generation: 1, ranges: [[1, 2]] } });
    assert.deepEqual(fixture.model.selectedIds, [2, 3]);
    page.say({ type: "selected", selection: { ids: [] } });
    assert.deepEqual(fixture.model.selectedIds, []);
  });

  it("about what is held, and about a record, is answered", async () => {
    const fixture = new Fixture();
    const page = fixture.readyPage();
    page.say({ type: "held", what: "send" });
    page.say({ type: "fetchRecord", request: 8, id: 1, recordId: "67" });
    await setImmediate();
    assert.deepEqual(fixture.asked, ["send held", "fetch 67 of 1"]);
    assert.equal(page.only("record").request, 8);
  });

  it("may be to filter: the page is told to take the keyboard there, once it listens", () => {
    const fixture = new Fixture();
    const page = fixture.page();
    page.attached.focusFilter();
    assert.deepEqual(page.take(), []);
    page.say({ type: "ready" });
    page.only("focusFilter");
    page.attached.focusFilter();
    page.only("focusFilter");
  });
});

describe("forwarding", () => {
  it("is told as it is, to pages that are there and to those that come", () => {
    const fixture = new Fixture();
    const page = fixture.readyPage();
    const forwarding = { kind: "on", targets: ["http://127.0.0.1:3000"], held: 2, behind: 0 } as const;
    fixture.model.setForwarding({ ...forwarding, targets: [...forwarding.targets] });
    assert.deepEqual(page.only("forwarding").forwarding, forwarding);
    const late = fixture.page();
    late.say({ type: "ready" });
    assert.deepEqual(late.only("snapshot").forwarding, forwarding);
  });
});
