import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import type { Clock } from "../../base/clock.ts";
import type { JsonFault } from "../../base/jsonScanner.ts";
import type { EventAction, EventDetail, PageRemedy } from "../../protocol/inspector.ts";
import type { DetailTab } from "../page/viewState.ts";
import { type Fetched, changesTab } from "./changesTab.ts";
import { cutNote } from "./cutNote.ts";
import { EventBody } from "./eventBody.ts";
import { handlerTab } from "./handlerTab.ts";
import { headersTab } from "./headersTab.ts";
import type { AskBody } from "./loadAll.ts";
import { type RawTabOptions, rawTab } from "./rawTab.ts";
import { SentBytes } from "./sentBytes.ts";
import { summaryTab } from "./summaryTab.ts";
import type { TabContent } from "./tabContent.ts";
import { timingTab } from "./timingTab.ts";
import { treeTab } from "./treeTab.ts";

/** What an event needs from the page and its host. */
export interface ShownEventOptions {
  readonly clock: Clock;
  readonly copy: (text: string) => void;
  readonly say: (sentence: string) => void;
  readonly act: (action: EventAction, id: number) => void;
  readonly openDocument: (id: number) => void;
  readonly fetchRecord: (id: number, recordId: string) => Promise<Fetched>;
  readonly getBody: (id: number, as: "plain" | "sent") => AskBody;
  readonly saveParameter: (id: number, index: number) => void;
  readonly revealEvent: (id: number) => void;
  readonly remedy: (remedy: PageRemedy) => void;
  readonly showTab: (tab: DetailTab) => void;
  /** Something that a tab waited for is here: draws it anew. */
  readonly redraw: () => void;
  /** What a tab can be searched for has changed. */
  readonly onSearchable: () => void;
}

/** Whether long lines are wrapped: the same for every event while the page is open. */
let wraps = true;

/** One event on show: what was read, fetched and opened of it stays while it is. */
export class ShownEvent {
  readonly body: EventBody;
  readonly #options: ShownEventOptions;
  readonly #fetched = new Map<string, Fetched>();
  readonly #openedAttempts = new Set<number>();
  readonly #sent: SentBytes;
  #detail: EventDetail;
  #fault: JsonFault | undefined;

  constructor(detail: EventDetail, options: ShownEventOptions) {
    this.#options = options;
    this.#detail = detail;
    this.body = new EventBody(detail.body, detail.body.bytes ?? detail.row.bytes);
    this.#sent = new SentBytes(options.getBody(detail.row.id, "sent"), options.redraw);
    const [newest] = (detail.attempts ?? []).slice(-1);
    if (newest !== undefined) this.#openedAttempts.add(newest.id);
  }

  get detail(): EventDetail {
    return this.#detail;
  }

  /** Takes in what is said anew of the same event; true where that is something else than before. */
  update(detail: EventDetail): boolean {
    if (JSON.stringify(withoutBody(detail)) === JSON.stringify(withoutBody(this.#detail))) return false;
    this.#detail = detail;
    return true;
  }

  /** The tabs that make sense for it, beside the summary. */
  get tabs(): DetailTab[] {
    const { kind } = this.#detail.row.content;
    const hasRecord = kind === "notification" || kind === "recovered";
    if (kind === "gap") return [];
    return [...(hasRecord ? (["changes"] as const) : []), "handler", "headers", "tree", "raw", "timing"];
  }

  contentOf(tab: DetailTab): TabContent {
    const { clock, copy } = this.#options;
    switch (tab) {
      case "summary":
        return { element: this.#summary() };
      case "changes":
        return { element: this.#changes() };
      case "handler":
        return { element: this.#handler() };
      case "headers":
        return { element: headersTab(this.#detail, copy) };
      case "tree":
        return treeTab({ body: this.body, clock, copy, cutNote: this.#cutNote(), onRead: this.#options.onSearchable });
      case "raw":
        return this.#raw();
      case "timing":
        return { element: timingTab(this.#detail, clock) };
      default:
        return assertNever(tab);
    }
  }

  #summary(): HTMLElement {
    const { clock, copy, act, revealEvent, showTab, saveParameter } = this.#options;
    return summaryTab({
      saveParameter: index => saveParameter(this.#detail.row.id, index),
      detail: this.#detail,
      clock,
      copy,
      revealEvent,
      revealSubscription: () => act("revealSubscription", this.#detail.row.id),
      showChanges: () => showTab("changes"),
    });
  }

  #changes(): HTMLElement {
    const { fetchRecord } = this.#options;
    const { id } = this.#detail.row;
    return changesTab({
      ...this.#options,
      detail: this.#detail,
      fetched: this.#fetched,
      fetchRecord: async recordId => fetchRecord(id, recordId),
    });
  }

  #handler(): HTMLElement {
    const { clock, copy, act } = this.#options;
    const { id } = this.#detail.row;
    return handlerTab({
      detail: this.#detail,
      clock,
      copy,
      act: action => act(action, id),
      opened: this.#openedAttempts,
    });
  }

  #raw(): TabContent {
    const { clock } = this.#options;
    const contentType = contentTypeOf(this.#detail);
    const onWrap = (wrap: boolean): void => void (wraps = wrap);
    const reading = this.#readFault();
    const raw = rawTab({
      ...{ body: this.body, contentType, fault: this.#fault, wrap: wraps, onWrap, clock },
      cutNote: this.#cutNote(),
      ...this.#decoded(),
    });
    return {
      ...raw,
      dispose: () => {
        reading?.dispose();
        raw.dispose?.();
      },
    };
  }

  /** What was undone, and the bytes as they came. */
  #decoded(): Pick<RawTabOptions, "decoded"> {
    const { body, row } = this.#detail;
    return body.decoded === undefined
      ? {}
      : { decoded: { sentence: body.decoded, sent: this.#sent, sentSize: row.bytes } };
  }

  /** Of a body that says it is JSON, or looks like it, where it is broken. */
  #readFault(): ReturnType<EventBody["readJson"]> {
    if (this.#detail.body.form !== "json" || this.body.isCut || this.#fault !== undefined) return undefined;
    let isDrawn = false;
    const reading = this.body.readJson(this.#options.clock, json => {
      if (json.ok || json.error.kind !== "not-json") return;
      this.#fault = json.error.fault;
      if (isDrawn) this.#options.redraw();
    });
    isDrawn = true;
    return reading;
  }

  #cutNote(): HTMLElement | undefined {
    if (!this.body.isCut) return undefined;
    const { getBody, openDocument, redraw, say } = this.#options;
    const { id } = this.#detail.row;
    const onLoaded = (): void => {
      say(l10n.t("The whole body is here."));
      redraw();
    };
    return cutNote({ body: this.body, ask: getBody(id, "plain"), onLoaded, openDocument: () => openDocument(id) });
  }
}

function contentTypeOf({ request }: EventDetail): string {
  return request.headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
}

function withoutBody({ body: _body, ...rest }: EventDetail): unknown {
  return rest;
}
