import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import type { Clock } from "../../base/clock.ts";
import type { Attempt, EventContent, Handling } from "../../protocol/event.ts";
import type { EventAction, EventDetail } from "../../protocol/inspector.ts";
import type { Copy } from "../page/copyButton.ts";
import { type Child, button, element, icon } from "../page/dom.ts";
import { formatBytes, formatClockTime, formatDuration, formatNumber } from "../text/format.ts";
import { isUnderWay } from "../text/handlingText.ts";
import { visibleLine, visibleText } from "../text/visibleText.ts";
import { headerTable } from "./headersTab.ts";
import { note } from "./note.ts";

export interface HandlerOptions {
  readonly detail: EventDetail;
  readonly clock: Clock;
  readonly copy: Copy;
  readonly act: (action: EventAction) => void;
  /** Attempts that the person opened, by id. */
  readonly opened: Set<number>;
}

/** More attempts than this are only counted. */
const mostAttempts = 100;

/** What the event was sent to and what came of it, newest first, and what can be done about it. */
export function handlerTab(options: HandlerOptions): HTMLElement {
  const { detail } = options;
  const attempts = (detail.attempts ?? []).toReversed();
  const shown = attempts.slice(0, mostAttempts).map(attempt => attemptView(attempt, options));
  const { handling, content } = detail.row;
  const none = attempts.length === 0 && handling?.state !== "withheld" ? note(notSent(handling)) : undefined;
  const rest = attempts.length - shown.length;
  const more = rest === 0 ? undefined : note(l10n.t("{0} earlier attempts.", formatNumber(rest)));
  return element("div", { className: "handler" }, actionsView(options), state(handling, content), none, ...shown, more);
}

function actionsView({ detail, act }: HandlerOptions): HTMLElement {
  const make = (text: string, glyph: string, action: EventAction, isPrimary = false): HTMLButtonElement =>
    button({
      icon: glyph,
      text,
      label: text,
      className: isPrimary ? "primary" : "secondary",
      onClick: () => act(action),
    });
  const stop = make(l10n.t("Stop"), "debug-stop", "stop");
  const { handling } = detail.row;
  const isWithheld = handling?.state === "withheld";
  stop.disabled = !isUnderWay(handling);
  return element(
    "div",
    { className: "handler-actions", attributes: { role: "group", "aria-label": l10n.t("Send to the handler") } },
    make(isWithheld ? l10n.t("Send All the Same") : l10n.t("Send to Handler"), "play", "replay", true),
    make(l10n.t("Edit and Send…"), "edit", "editAndReplay"),
    make(l10n.t("Send Until It Passes"), "sync", "replayUntilPasses"),
    stop,
  );
}

function notSent(handling: Handling | undefined): string {
  return handling === undefined
    ? l10n.t("No rule sent this event to a handler. Send to Handler sends it to the one that you choose.")
    : l10n.t("It was not sent to the handler yet.");
}

/** What is going on now, where the attempts do not say it. */
function state(handling: Handling | undefined, content: EventContent): HTMLElement | undefined {
  if (handling === undefined) return undefined;
  switch (handling.state) {
    case "held":
      return note(heldBecause(handling), "debug-pause");
    case "withheld":
      return note(withheldBecause(content), "shield");
    case "queued":
      return note(
        l10n.t("It waits for its turn: events of one record are sent one after another, behind one that is held too."),
        "clock",
      );
    case "sending":
      return note(l10n.t("It is being sent."), "loading");
    case "waiting":
      return note(l10n.t("It will be tried again."), "clock");
    case "stopped":
      return note(l10n.t("It was stopped, and is not tried again."), "debug-stop");
    case "answered":
    case "failed":
      return undefined;
    default:
      return assertNever(handling.state);
  }
}

function heldBecause({ problem }: Handling): string {
  return problem === undefined
    ? l10n.t("It came in while nobody was here, and waits for a word: Send to Handler sends it.")
    : l10n.t("Your handler may have had it, so it waits for a word: Send to Handler sends it again.");
}

function withheldBecause(content: EventContent): string {
  return content.kind === "notification" && content.verification === "absent"
    ? l10n.t("No rule sent it: it has no token, and its subscription has one. Somebody else may have made it up.")
    : l10n.t("No rule sent it: its token isn’t its subscription’s. Somebody else may have made it up.");
}

function attemptView(attempt: Attempt, { clock, copy, opened }: HandlerOptions): HTMLElement {
  const made = element(
    "details",
    { className: `attempt tone-${toneOf(attempt)}` },
    element("summary", {}, ...attemptHeading(attempt, clock)),
    ...attemptParts(attempt, copy),
  );
  made.open = opened.has(attempt.id);
  made.addEventListener("toggle", () => {
    if (made.open) opened.add(attempt.id);
    else opened.delete(attempt.id);
  });
  return made;
}

type Tone = "good" | "bad" | "quiet";

function toneOf({ status, problem }: Attempt): Tone {
  if (status === undefined) return problem === undefined ? "quiet" : "bad";
  return status < 400 ? "good" : "bad";
}

const glyphs = { good: "pass", bad: "error", quiet: "loading" } as const satisfies Record<Tone, string>;

function attemptHeading(attempt: Attempt, clock: Clock): Child[] {
  const { startedAt, target, milliseconds } = attempt;
  const took = milliseconds === undefined ? undefined : element("span", {}, formatDuration(milliseconds));
  return [
    icon(glyphs[toneOf(attempt)]),
    element("strong", {}, outcome(attempt)),
    took,
    element("span", { className: "remark" }, originInWords(attempt.origin)),
    element("code", {}, visibleLine(target)),
    element("time", { className: "remark" }, formatClockTime(startedAt, clock.now())),
  ];
}

function outcome({ status, problem }: Attempt): string {
  if (status !== undefined) return String(status);
  return problem === undefined ? l10n.t("Under way") : l10n.t("No answer");
}

function originInWords(origin: Attempt["origin"]): string {
  switch (origin) {
    case "rule":
      return l10n.t("by a rule");
    case "replay":
      return l10n.t("replayed");
    case "retry":
      return l10n.t("tried again");
    case "fixture":
      return l10n.t("from a fixture");
    default:
      return assertNever(origin);
  }
}

function attemptParts({ problem, answer }: Attempt, copy: Copy): Child[] {
  const failed = problem === undefined ? undefined : note(visibleLine(problem), "error");
  if (answer === undefined) return [failed];
  const headers = element("div", { className: "headers" }, headerTable(answer.headers, copy));
  return [failed, headers, answerBody(answer)];
}

function answerBody({ text, bytes }: NonNullable<Attempt["answer"]>): HTMLElement {
  if (bytes === 0) return note(l10n.t("The answer had no body."));
  const label = l10n.t("Body of the answer");
  const pre = element("pre", { attributes: { tabindex: "0", "aria-label": label, role: "group" } }, visibleText(text));
  const size = element("p", { className: "remark" }, l10n.t("{0} in all", formatBytes(bytes)));
  return element("div", { className: "answer" }, pre, size);
}
