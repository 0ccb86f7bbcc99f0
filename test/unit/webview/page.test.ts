import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import {
  type EventRow,
  type ForwardingState,
  type PageMessage,
  pageMessageSchema,
} from "../../../src/protocol/inspector.ts";
import { fitShare, shareAfterKey } from "../../../src/webview/layout/split.ts";
import { Announcements, announceInterval } from "../../../src/webview/page/announcements.ts";
import { emptyText, feedTrouble } from "../../../src/webview/page/feedText.ts";
import { forwardingBadge, heldQuestion } from "../../../src/webview/page/forwardingText.ts";
import { HostConnection, type HostNews, answerDeadline } from "../../../src/webview/page/hostConnection.ts";
import { KeptView, type StateKeeper } from "../../../src/webview/page/keptView.ts";
import { askedBy } from "../../../src/webview/page/selectionActions.ts";
import { type ViewState, initialViewState, parseViewState } from "../../../src/webview/page/viewState.ts";
import { FakeClock } from "../../support/fakeClock.ts";

const row: EventRow = { id: 1, receivedAt: 0, bytes: 0, content: { kind: "gap", count: 2, reason: "retention" } };

class Fixture {
  readonly clock = new FakeClock();
  readonly said: PageMessage[] = [];
  readonly news: HostNews[] = [];
  readonly host = new HostConnection(message => this.said.push(message), this.clock);

  constructor() {
    this.host.onNews(news => this.news.push(news));
  }
}

describe("the page's connection to its host", () => {
  it("gives each request its own answer, whatever their order", async () => {
    const { host, clock } = new Fixture();
    const [page, detail] = [host.getPage(1, 0, 100), host.getDetail(7)];
    host.receive({ type: "detail", request: 2 });
    host.receive({ type: "page", request: 1, generation: 1, offset: 0, rows: [row] });
    assert.deepEqual(await page, { ok: true, value: [row] });
    assert.deepEqual(await detail, { ok: true, value: undefined });
    assert.equal(clock.pending, 0);
  });

  it("ends a request that the host does not answer", async () => {
    const { host, clock } = new Fixture();
    const detail = host.getDetail(7);
    clock.advance(answerDeadline);
    assert.deepEqual(await detail, { ok: false, error: "no-answer" });
  });

  it("passes news on, and drops what has no known form and answers to nothing", () => {
    const { host, news } = new Fixture();
    host.receive({ type: "feed", feed: { kind: "live" } });
    host.receive({ type: "feed", feed: { kind: "nonsense" } });
    host.receive("text");
    host.receive({ type: "detail", request: 99 });
    assert.deepEqual(news, [{ type: "feed", feed: { kind: "live" } }]);
  });
});

describe("announcing what arrives", () => {
  it("says one event in words, and of several how many and the newest", () => {
    const announcements = new Announcements();
    announcements.add(1, row);
    assert.equal(announcements.delay(0), 0);
    assert.match(announcements.take(0), /^2 events are gone/);
    announcements.add(2, row);
    announcements.add(40, row);
    assert.match(announcements.take(0), /^42 new events\. The newest: 2 events are gone/);
  });

  it("waits between sentences, and says nothing when nothing came", () => {
    const announcements = new Announcements();
    assert.equal(announcements.delay(0), undefined);
    announcements.add(1, row);
    announcements.take(1_000);
    announcements.add(1, row);
    assert.equal(announcements.delay(2_000), announceInterval - 1_000);
    assert.equal(announcements.delay(100_000), 0);
  });
});

describe("the divider", () => {
  const room = { size: 1_000, least: 200 };

  it("leaves both parts what they need", () => {
    assert.deepEqual(
      [fitShare(0, room), fitShare(0.5, room), fitShare(1, room), fitShare(0.9, { size: 300, least: 200 })],
      [0.2, 0.5, 0.8, 0.5],
    );
  });

  it("moves by keys", () => {
    assert.equal(shareAfterKey("ArrowRight", 0.5, room), 0.524);
    assert.equal(shareAfterKey("ArrowUp", 0.5, room), 0.476);
    assert.equal(shareAfterKey("Home", 0.5, room), 0.2);
    assert.equal(shareAfterKey("x", 0.5, room), undefined);
  });
});

describe("the view that outlives the page", () => {
  it("comes back as it was kept", () => {
    const widths = { module: 120 };
    const columns = { hidden: ["size" as const], widths };
    const state = {
      ...initialViewState,
      columns,
      sort: { column: "size", descending: true },
      selected: { id: 5, offset: 4 },
      following: false,
      tab: "raw",
    } as const;
    assert.deepEqual(parseViewState(structuredClone(state)), state);
  });

  it("begins anew when it was kept in another form, or never", () => {
    for (const kept of [undefined, null, 5, { tab: "timeline" }]) assert.equal(parseViewState(kept), initialViewState);
  });
});

describe("what the list showed", () => {
  class KeptState implements StateKeeper {
    state: unknown;
    getState(): unknown {
      return structuredClone(this.state);
    }
    setState(state: ViewState): void {
      this.state = state;
    }
  }
  const unfiltered = { filter: "", saved: [] };
  const asked = { filter: "module:Deals", sort: { column: "size", descending: true } } as const;

  /** The page as it was left, with that filter and sort. */
  function leave(): KeptState {
    const [keeper, clock] = [new KeptState(), new FakeClock()];
    const view = new KeptView(keeper, clock);
    view.change(asked);
    clock.advance(1_000);
    return keeper;
  }

  it("is asked for again when editor and page begin anew, though the host's first list has no filter", () => {
    const view = new KeptView(leave(), new FakeClock());
    view.change({ filter: "", sort: undefined });
    assert.deepEqual(view.askedAfter({ generation: 1, query: unfiltered }), asked);
  });

  it("is not asked for when the host went on, or has a filter or an order of its own", () => {
    const view = new KeptView(leave(), new FakeClock());
    const others = [
      { generation: 2, query: unfiltered },
      { generation: 1, query: { ...unfiltered, filter: "is:pinned" } },
      { generation: 1, query: { ...unfiltered, sort: { column: "module", descending: false } as const } },
    ];
    for (const first of others) assert.deepEqual(view.askedAfter(first), { filter: "" });
  });

  it("is asked of a real host in words that it takes, and comes back as the page's state", () => {
    const view = new KeptView(leave(), new FakeClock());
    const said: PageMessage[] = [];
    const host = new HostConnection(message => said.push(message), new FakeClock());
    const { filter, sort } = view.askedAfter({ generation: 1, query: unfiltered });
    host.setFilter(filter);
    host.setSort(sort);
    for (const message of said) assert.ok(v.safeParse(pageMessageSchema, message).success, message.type);
    assert.deepEqual(said, [
      { type: "setFilter", text: asked.filter },
      { type: "setSort", sort: asked.sort },
    ]);
  });
});

describe("what a key does with the chosen events", () => {
  const pinned: EventRow = { ...row, pinned: true };

  it("pins, and unpins when all are pinned", () => {
    assert.deepEqual(askedBy("pin", 2, [row, pinned]), { kind: "act", action: "pin" });
    assert.deepEqual(askedBy("pin", 1, [pinned]), { kind: "act", action: "unpin" });
  });

  it("compares two, or one with what came before", () => {
    assert.deepEqual(askedBy("compare", 2, [row, row]), { kind: "act", action: "compare" });
    assert.deepEqual(askedBy("compare", 1, [row]), { kind: "act", action: "compareWithPrevious" });
    assert.equal(askedBy("compare", 3, []).kind, "refused");
  });

  it("edits one event at a time", () => {
    assert.deepEqual(askedBy("edit", 1, [row]), { kind: "act", action: "editAndReplay" });
    assert.equal(askedBy("edit", 2, [row, row]).kind, "refused");
  });
});

describe("words for where events are sent on to", () => {
  it("name the one target, count several, and tell off from paused", () => {
    const states: readonly ForwardingState[] = [
      { kind: "off", targets: [], held: 0, behind: 0 },
      { kind: "on", targets: ["http://localhost:3000"], held: 0, behind: 0 },
      { kind: "on", targets: ["a", "b"], held: 0, behind: 0 },
      { kind: "paused", targets: ["a"], held: 0, behind: 0 },
    ];
    const words = states.map(state => forwardingBadge(state).word);
    assert.deepEqual(words, ["Not forwarding", "http://localhost:3000", "2 targets", "Forwarding paused"]);
  });

  it("ask about one event and about many", () => {
    assert.match(heldQuestion({ held: 1, behind: 0 }), /^1 event came in while you were away[^.]*\.$/);
    assert.match(heldQuestion({ held: 1_200, behind: 0 }), /^1,200 events came in/);
  });

  it("say what waits behind those", () => {
    assert.match(heldQuestion({ held: 2, behind: 1 }), /^2 events came in .*\. 1 newer event .*\.$/);
    assert.match(heldQuestion({ held: 2, behind: 1_200 }), /^2 events came in .*\. 1,200 newer events .*\.$/);
  });
});

describe("words for how events come in", () => {
  const kinds = ["off", "connecting", "catching-up", "live", "reconnecting", "refused"] as const;

  it("tell in each state of an empty list what to do next", () => {
    for (const kind of kinds) assert.match(emptyText({ kind }, false).advice, /\.$/);
    assert.match(emptyText({ kind: "off", missing: "connection" }, false).advice, /sandbox/);
    assert.match(emptyText({ kind: "live", missing: "address" }, false).advice, /public HTTPS/);
    assert.match(emptyText({ kind: "live", missing: "subscription" }, false).advice, /Create one/);
    assert.match(emptyText({ kind: "live" }, true).advice, /remove it to see all/);
  });

  it("name a trouble only where there is one, in the host's own words where it has some", () => {
    assert.deepEqual(
      kinds.map(kind => feedTrouble({ kind }) !== undefined),
      [false, false, false, false, true, true],
    );
    assert.equal(feedTrouble({ kind: "refused", problem: "The key was refused." }), "The key was refused.");
    assert.equal(feedTrouble({ kind: "off", problem: "The relay could not start." }), "The relay could not start.");
  });
});
