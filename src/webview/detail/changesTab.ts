import * as l10n from "@vscode/l10n";
import type { Clock } from "../../base/clock.ts";
import { type FieldChange, recordCount } from "../../protocol/event.ts";
import type { EventDetail, FetchedRecord, PageRemedy } from "../../protocol/inspector.ts";
import { button, element } from "../page/dom.ts";
import { formatNumber } from "../text/format.ts";
import { recordName } from "../text/recordName.ts";
import { visibleLine } from "../text/visibleText.ts";
import { changesTable } from "./changesTable.ts";
import { note } from "./note.ts";
import { whyNotFetchable } from "./notFetchable.ts";
import { recordView } from "./recordView.ts";

/** What a person fetched of a record, and what changed as far as can be told with it. */
export interface Fetched {
  readonly record: FetchedRecord;
  readonly changes: readonly FieldChange[];
}

export interface ChangesOptions {
  readonly detail: EventDetail;
  readonly clock: Clock;
  readonly copy: (text: string) => void;
  /** By record id; kept while the event is on show. */
  readonly fetched: Map<string, Fetched>;
  readonly fetchRecord: (recordId: string) => Promise<Fetched>;
  readonly revealEvent: (id: number) => void;
  readonly remedy: (remedy: PageRemedy) => void;
  /** Says it to screen readers. */
  readonly say: (sentence: string) => void;
}

/** More records than this are left to the tree. */
const mostRecords = 50;

/** Record by record, each field that changed before and after, and the record itself when a person asks for it. */
export function changesTab(options: ChangesOptions): HTMLElement {
  const ids = recordIdsOf(options.detail);
  const shown = ids.slice(0, mostRecords).map(id => new RecordChanges(options, id, ids.length > 1).element);
  const { content } = options.detail.row;
  const count = content.kind === "notification" ? recordCount(content) : ids.length;
  const rest = count - shown.length;
  const more = rest === 0 ? undefined : note(l10n.t("{0} more records are in the tree.", formatNumber(rest)));
  return element("div", { className: "changes" }, ...shown, more);
}

function recordIdsOf({ row: { content } }: EventDetail): readonly string[] {
  if (content.kind === "recovered") return [content.recordId];
  return content.kind === "notification" ? content.recordIds : [];
}

/** What changed in one record. */
class RecordChanges {
  readonly element = element("section", {});
  readonly #options: ChangesOptions;
  readonly #recordId: string;
  readonly #hasTitle: boolean;
  #isFetching = false;

  constructor(options: ChangesOptions, recordId: string, hasTitle: boolean) {
    this.#options = options;
    this.#recordId = recordId;
    this.#hasTitle = hasTitle;
    this.#draw();
  }

  get #fetched(): Fetched | undefined {
    return this.#options.fetched.get(this.#recordId);
  }

  get #changes(): readonly FieldChange[] {
    const changes = this.#fetched?.record.kind === "record" ? this.#fetched.changes : this.#options.detail.changes;
    return (changes ?? []).filter(change => change.recordId === this.#recordId);
  }

  #draw(): void {
    const { detail } = this.#options;
    const title = this.#hasTitle ? element("h3", {}, this.#title()) : undefined;
    const table = this.#changes.length === 0 ? note(nothingKnown(detail)) : this.#table();
    const obstacle = whyNotFetchable(detail.row.content);
    const fetch = obstacle === undefined ? this.#fetchButton() : note(obstacle);
    this.element.replaceChildren(...[title, table, fetch, this.#record()].filter(part => part !== undefined));
  }

  #title(): string {
    const { content } = this.#options.detail.row;
    const module = content.kind === "notification" || content.kind === "recovered" ? content.module : "";
    return l10n.t("{0} {1}", recordName(module), visibleLine(this.#recordId));
  }

  #table(): HTMLElement {
    return changesTable(this.#changes, { clock: this.#options.clock, revealEvent: this.#options.revealEvent });
  }

  #fetchButton(): HTMLElement {
    const text = this.#fetched === undefined ? l10n.t("Fetch Record") : l10n.t("Fetch Again");
    const made = button({
      icon: this.#isFetching ? "loading" : "cloud-download",
      text: this.#isFetching ? l10n.t("Fetching…") : text,
      label: l10n.t("Fetch record {0} from the CRM: costs one API credit", visibleLine(this.#recordId)),
      className: "secondary fetch",
      onClick: () => void this.#fetch(),
    });
    made.disabled = this.#isFetching;
    return element(
      "div",
      { className: "fetch-line" },
      made,
      element("span", { className: "remark" }, l10n.t("1 API credit")),
    );
  }

  async #fetch(): Promise<void> {
    const hadFocus = this.element.contains(document.activeElement);
    this.#isFetching = true;
    this.#draw();
    const fetched = await this.#options.fetchRecord(this.#recordId);
    this.#options.fetched.set(this.#recordId, fetched);
    this.#isFetching = false;
    this.#draw();
    const { record } = fetched;
    this.#options.say(record.kind === "problem" ? record.problem : l10n.t("The record is here."));
    if (hadFocus) this.element.querySelector<HTMLElement>(".fetch")?.focus();
  }

  #record(): HTMLElement | undefined {
    const fetched = this.#fetched;
    if (fetched === undefined) return undefined;
    const { clock, copy, remedy } = this.#options;
    const again = (): void => void this.#fetch();
    return recordView({ record: fetched.record, changes: this.#changes, clock, copy, remedy, again });
  }
}

function nothingKnown({ row, changes }: EventDetail): string {
  if (row.content.kind === "recovered")
    return l10n.t("The change was found afterwards, so nobody knows which fields it was about.");
  if (changes === undefined)
    return l10n.t("The body is too large to be compared field by field. The tree has its values.");
  return l10n.t("Zoho named no changed field of this record: a record that is related to it may have changed.");
}
