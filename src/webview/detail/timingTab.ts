import * as l10n from "@vscode/l10n";
import type { Clock } from "../../base/clock.ts";
import type { EventDetail } from "../../protocol/inspector.ts";
import { element } from "../page/dom.ts";
import { formatDuration } from "../text/format.ts";
import { note } from "./note.ts";
import { shortInstant } from "./properties.ts";
import { type Stage, stagesOf, wholeTime } from "./timing.ts";

/** The way of the event, stage by stage: a table of times, with a bar that says the same. */
export function timingTab(detail: EventDetail, clock: Clock): HTMLElement {
  const stages = stagesOf(detail);
  const titles = [l10n.t("Stage"), l10n.t("Time"), l10n.t("After the stage before"), ""];
  const head = element("tr", {}, ...titles.map(title => element("th", { attributes: { scope: "col" } }, title)));
  const lines = stages.map(stage => stageLine(stage, clock.now()));
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...lines));
  return element("div", { className: "timing" }, table, remark(stages));
}

function stageLine(stage: Stage, now: number): HTMLElement {
  const { name, at, clock, after } = stage;
  return element(
    "tr",
    {},
    element("th", { attributes: { scope: "row" } }, name),
    element("td", {}, shortInstant(at, now), element("span", { className: "remark" }, clock)),
    element("td", { className: stage.isDoubtful ? "doubtful" : "" }, after),
    element("td", { className: "bar", attributes: { "aria-hidden": "true" } }, bar(stage)),
  );
}

function bar({ from, share }: Stage): HTMLElement {
  const made = element("span", { className: "stretch" });
  made.style.setProperty("left", `${from * 100}%`);
  made.style.setProperty("width", `${share * 100}%`);
  return made;
}

function remark(stages: readonly Stage[]): HTMLElement | undefined {
  if (stages.some(stage => stage.isDoubtful))
    return note(
      l10n.t("Clocks of different machines are compared here, and they differ: the stretch between them tells little."),
      "warning",
    );
  const whole = wholeTime(stages);
  if (whole === undefined) return undefined;
  return note(l10n.t("{0} in all. Times of different machines are compared as they say them.", formatDuration(whole)));
}
